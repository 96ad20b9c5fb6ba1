package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strconv"
	"strings"
	"sync"

	"waybill/engine/delivery"
)

// callbackVersion starts every callback, so that those of other programs are seen at once.
const callbackVersion = "wb1"

// codeSize is how much of a callback's HMAC travels: 80 bits, out of reach for a forger who must ask us each time.
const codeSize = 10

// secrets are the two keys that a ledger is born with.
type secrets struct {
	callback key
	digest   key
}

// key makes keyed hashes.
type key struct {
	secret []byte
	macs   sync.Pool // of hash.Hash: making one costs more than using it
}

// sum returns HMAC-SHA-256 of a text.
func (k *key) sum(text []byte) [sha256.Size]byte {
	mac, ok := k.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, k.secret)
	}
	defer k.macs.Put(mac)
	mac.Reset()
	mac.Write(text)
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	return sum
}

// newCallback makes Ticket.Callback: "wb1.<delivery in base 36>.<attempt>.<code>". The code is a keyed hash of
// the delivery's Key and the attempt, not of the number: in a ledger that was restored from a backup the same
// number may mean another person.
func (s *secrets) newCallback(id delivery.ID, attempt int, key delivery.KeyHash) string {
	text := make([]byte, 0, 64)
	text = append(text, callbackVersion+"."...)
	text = strconv.AppendInt(text, int64(id), 36)
	text = append(text, '.')
	text = strconv.AppendInt(text, int64(attempt), 10)
	text = append(text, '.')
	return string(append(text, s.code(attempt, key)...))
}

func (s *secrets) code(attempt int, key delivery.KeyHash) string {
	var buf [len(key) + 8]byte
	copy(buf[:], key[:])
	binary.BigEndian.PutUint64(buf[len(key):], uint64(attempt)) //nolint:gosec // attempts count up from 1
	sum := s.callback.sum(buf[:])
	return base64.RawURLEncoding.EncodeToString(sum[:codeSize])
}

// callback is one that has the right form. Whether it is genuine, its code tells once the Key is known.
type callback struct {
	delivery delivery.ID
	attempt  int
	code     string
}

func parseCallback(s string) (callback, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != callbackVersion || len(parts[3]) != base64.RawURLEncoding.EncodedLen(codeSize) {
		return callback{}, false
	}
	id, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || id <= 0 {
		return callback{}, false
	}
	attempt, err := strconv.Atoi(parts[2])
	if err != nil || attempt <= 0 {
		return callback{}, false
	}
	return callback{delivery: delivery.ID(id), attempt: attempt, code: parts[3]}, true
}

// genuine says whether this ledger made the callback for that Key. It takes the same time for every wrong one.
func (s *secrets) genuine(c callback, key delivery.KeyHash) bool {
	return hmac.Equal([]byte(c.code), []byte(s.code(c.attempt, key)))
}

// Digest returns the keyed digest of a message's content in this ledger, never zero.
func (l *Ledger) Digest(content []byte) delivery.Digest {
	sum := l.keys.digest.sum(content)
	return delivery.Digest(max(1, binary.BigEndian.Uint64(sum[:])))
}
