package delivery

import (
	"crypto/sha256"
	"encoding/binary"
)

// Key is the identity of a delivery. The same Key is the same delivery for ever, also when its text
// or its place in the file has changed.
type Key struct {
	Job   string // Job.Name
	Scope string // what "once" means: a run's id, "ever", "name/…" or an occurrence of a schedule
	Step  string // Step.Path: "patients/remind"
	Item  string // the item's key; empty outside a forEach; nested ones are joined
}

// KeyHash is a Key in 16 bytes: SHA-256 over its length-prefixed parts, cut to 128 bits.
type KeyHash [16]byte

// Hash returns the KeyHash. Two Keys share one with a chance that may be neglected.
func (k Key) Hash() KeyHash {
	buf := make([]byte, 0, 128)
	for _, part := range [...]string{k.Job, k.Scope, k.Step, k.Item} {
		buf = binary.AppendUvarint(buf, uint64(len(part)))
		buf = append(buf, part...)
	}
	sum := sha256.Sum256(buf)
	return KeyHash(sum[:16])
}
