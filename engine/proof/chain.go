package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// The end of every line: ,"chain":"…"} with 64 hexadecimal digits.
const (
	chainKey  = `,"chain":"`
	chainSize = 2 * sha256.Size
	chainEnd  = `"}`
	tailSize  = len(chainKey) + chainSize + len(chainEnd)
)

// link returns the chain after a line: SHA-256 over the chain before it, a newline, and the line without its own chain. The chain
// before the first line is empty.
func link(before string, line []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, before+"\n") // a hash takes everything
	_, _ = h.Write(line)
	return hex.EncodeToString(h.Sum(nil))
}

// chainWriter writes lines, each with its chain.
type chainWriter struct {
	to    io.Writer
	chain string
	text  bytes.Buffer
}

func (w *chainWriter) write(line any) error {
	w.text.Reset()
	enc := json.NewEncoder(&w.text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		return fmt.Errorf("write the proof: %w", err)
	}
	text := bytes.TrimSuffix(w.text.Bytes(), []byte("\n"))
	w.chain = link(w.chain, text)
	out := append(text[:len(text)-1], chainKey+w.chain+chainEnd+"\n"...)
	if _, err := w.to.Write(out); err != nil {
		return fmt.Errorf("write the proof: %w", err)
	}
	return nil
}

// unlink takes a line's chain off it. ok is false where there is none at its end.
func unlink(line []byte) (text []byte, chain string, ok bool) {
	at := len(line) - tailSize
	if at < 1 || !bytes.HasPrefix(line[at:], []byte(chainKey)) || !bytes.HasSuffix(line, []byte(chainEnd)) {
		return nil, "", false
	}
	chain = string(line[at+len(chainKey) : len(line)-len(chainEnd)])
	return append(bytes.Clone(line[:at]), '}'), chain, true
}
