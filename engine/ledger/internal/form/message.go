package form

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// messagePrefix starts all message ids seen so far. Meta promises nothing about their form, so what does not fit
// is kept as it is.
const messagePrefix = "wamid."

// MessageBytes returns the bytes behind the base64 of a message id, where they give back this very id.
func MessageBytes(id string) ([]byte, bool) {
	body, ok := strings.CutPrefix(id, messagePrefix)
	if !ok || body == "" {
		return nil, false
	}
	// The encoding that follows must give back this very text, or the id must stay as it is.
	raw, err := base64.StdEncoding.DecodeString(body)
	var again [128]byte // ids are shorter; a longer one costs an allocation
	if err != nil || string(base64.StdEncoding.AppendEncode(again[:0], raw)) != body {
		return nil, false
	}
	return raw, true
}

// MessageOf is the reverse of MessageBytes.
func MessageOf(raw []byte) string { return messagePrefix + base64.StdEncoding.EncodeToString(raw) }

// MessageHash returns the number under which a message id is indexed. Different ids may share one: a look-up
// compares the id too.
func MessageHash(id string) int32 {
	var buf [128]byte // ids are shorter; a longer one costs an allocation
	sum := sha256.Sum256(append(buf[:0], id...))
	return int32(binary.BigEndian.Uint32(sum[:])) //nolint:gosec // any 32 bits will do
}
