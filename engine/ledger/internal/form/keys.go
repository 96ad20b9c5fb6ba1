package form

import (
	"crypto/hmac"
	"crypto/rand"
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

// Keys are the two secrets that a ledger is born with. The zero value has none; see Set.
type Keys struct {
	callback key
	digest   key
}

// key makes keyed hashes.
type key struct {
	secret []byte
	macs   sync.Pool // of *keyedHash: making one costs more than using it
}

// keyedHash is a hash with room for its sum.
type keyedHash struct {
	hash.Hash
	sum [sha256.Size]byte
}

// sum returns HMAC-SHA-256 of a text.
func (k *key) sum(text []byte) [sha256.Size]byte {
	mac, ok := k.macs.Get().(*keyedHash)
	if !ok {
		mac = &keyedHash{Hash: hmac.New(sha256.New, k.secret)}
	}
	defer k.macs.Put(mac)
	mac.Reset()
	_, _ = mac.Write(text) // a hash takes all
	mac.Sum(mac.sum[:0])
	return mac.sum
}

// NewCallback makes Ticket.Callback: "wb1.<delivery in base 36>.<attempt>.<code>". The code is a keyed hash of
// the delivery's Key and the attempt, not of the number: in a ledger that was restored from a backup the same
// number may mean another person.
func (s *Keys) NewCallback(id delivery.ID, attempt int, key delivery.KeyHash) string {
	text := make([]byte, 0, 64)
	text = append(text, callbackVersion+"."...)
	text = strconv.AppendInt(text, int64(id), 36)
	text = append(text, '.')
	text = strconv.AppendInt(text, int64(attempt), 10)
	text = append(text, '.')
	return string(s.appendCode(text, attempt, key))
}

// Code is what makes a callback hard to guess, of one attempt for a Key.
func (s *Keys) Code(attempt int, key delivery.KeyHash) string {
	return string(s.appendCode(nil, attempt, key))
}

func (s *Keys) appendCode(to []byte, attempt int, key delivery.KeyHash) []byte {
	var buf [len(key) + 8]byte
	copy(buf[:], key[:])
	binary.BigEndian.PutUint64(buf[len(key):], uint64(attempt)) //nolint:gosec // attempts count up from 1
	sum := s.callback.sum(buf[:])
	return base64.RawURLEncoding.AppendEncode(to, sum[:codeSize])
}

// Callback is one that has the right form. Whether it is genuine, its code tells once the Key is known.
type Callback struct {
	Delivery delivery.ID
	Attempt  int
	Code     string
}

// ParseCallback reads a callback, and says whether it has the form of one.
func ParseCallback(s string) (Callback, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != callbackVersion || len(parts[3]) != base64.RawURLEncoding.EncodedLen(codeSize) {
		return Callback{}, false
	}
	id, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || id <= 0 {
		return Callback{}, false
	}
	attempt, err := strconv.Atoi(parts[2])
	if err != nil || attempt <= 0 {
		return Callback{}, false
	}
	return Callback{Delivery: delivery.ID(id), Attempt: attempt, Code: parts[3]}, true
}

// Genuine says whether this ledger made the callback for that Key. It takes the same time for every wrong one.
func (s *Keys) Genuine(c Callback, key delivery.KeyHash) bool {
	return hmac.Equal([]byte(c.Code), []byte(s.Code(c.Attempt, key)))
}

// SameCode compares codes of callbacks. It takes the same time for every wrong one.
func SameCode(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// Digest returns the keyed digest of a message's content in this ledger, never zero.
func (s *Keys) Digest(content []byte) delivery.Digest {
	sum := s.digest.sum(content)
	return delivery.Digest(max(1, binary.BigEndian.Uint64(sum[:])))
}

// Set gives the keys their secrets.
func (s *Keys) Set(callback, digest []byte) { s.callback.secret, s.digest.secret = callback, digest }

// NewSecret makes one of them.
func NewSecret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // it never fails: it ends the program
	return secret
}
