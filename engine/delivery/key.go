package delivery

import (
	"crypto/sha256"
	"encoding/binary"
)

// Key is the identity of a delivery. The same Key is the same delivery for ever, also when its text
// or its place in the file has changed. The deliveries of one item have the same Job, Scope, Step and Item.
type Key struct {
	Job   string // Job.Name
	Scope string // what "once" means: a run's id, "ever", "name/…" or an occurrence of a schedule
	Step  string // Step.Path: "patients/remind"
	Item  string // the item's key; empty outside a forEach; nested ones are joined
	Again int    // how many deliveries of the item were made before it, each of which had been sent; 0: it is the first
}

// Number is the delivery's number among those of its item: 1 for the first.
func (k Key) Number() int { return k.Again + 1 }

// First is the key of the item's first delivery. An item is known by it.
func (k Key) First() Key {
	k.Again = 0
	return k
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
	if k.Again > 0 {
		buf = binary.AppendUvarint(buf, uint64(k.Again))
	}
	sum := sha256.Sum256(buf)
	return KeyHash(sum[:16])
}
