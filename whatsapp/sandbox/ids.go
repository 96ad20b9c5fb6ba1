package sandbox

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"sync/atomic"
)

// ids makes every identifier of one sandbox: unlike within it, and unlike those of another seed.
type ids struct {
	seed uint64
	n    atomic.Uint64
}

// next is splitmix64: a bijection, so that no two numbers of one sandbox are equal.
func (i *ids) next() uint64 { return mix(i.seed + i.n.Add(1)*0x9E3779B97F4A7C15) }

func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

// unmix undoes mix.
func unmix(z uint64) uint64 {
	z ^= z>>31 ^ z>>62
	z *= 0x319642B2D24D8EC3
	z ^= z>>27 ^ z>>54
	z *= 0x96DE1B173F119089
	return z ^ z>>30 ^ z>>60
}

// newID is an object's id: sixteen digits, beyond 2^53, so that readers who use floats are found out.
func (s *Server) newID() string {
	return strconv.FormatUint(9_100_000_000_000_000+s.ids.next()%800_000_000_000_000, 10)
}

// direction is the byte of a message id that tells who wrote.
type direction byte

const (
	outgoing direction = 0x11
	incoming direction = 0x12
)

// newWamid builds a message id of the real shape, as public samples show it: base64 of 1C 18 <len> <digits> 15 02 00 <direction> 18 <len> <hex id> 00;
// of a user id its text stands for the digits, and 14 for 02.
func (s *Server) newWamid(digits string, way direction) string {
	var bytes [9]byte
	binary.BigEndian.PutUint64(bytes[:], s.ids.next())
	bytes[8] = byte(s.ids.seed) //nolint:gosec // its last bits will do
	id := strings.ToUpper(hex.EncodeToString(bytes[:]))
	kind := byte(0x02)
	if strings.Contains(digits, ".") {
		kind = 0x14
	}
	digits = digits[:min(len(digits), 128)]
	raw := make([]byte, 0, len(digits)+len(id)+9)
	raw = append(raw, 0x1C, 0x18, byte(len(digits))) //nolint:gosec // at most 128
	raw = append(raw, digits...)
	raw = append(raw, 0x15, kind, 0x00, byte(way), 0x18, byte(len(id))) //nolint:gosec // 18
	raw = append(raw, id...)
	raw = append(raw, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

// newTrace is an fbtrace_id.
func (s *Server) newTrace() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	trace := []byte("A0000000000000000000000")
	a, b := s.ids.next(), s.ids.next()
	for i := 1; i < len(trace); i++ {
		if i < 12 {
			trace[i], a = letters[a&63], a>>6
		} else {
			trace[i], b = letters[b&63], b>>6
		}
	}
	return string(trace)
}
