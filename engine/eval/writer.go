package eval

import (
	"io"
	"sync"
)

// RedactingWriter takes the secrets out of what is written through it, also where one is spread over several
// writes. It holds back the end of what was written while that may be the beginning of a secret: Flush or Close
// when no more comes. It is safe for concurrent use.
type RedactingWriter struct {
	redactor *Redactor
	to       io.Writer

	mu      sync.Mutex
	held    []byte
	covered int // how much of held is within a secret that was replaced already
}

// Writer gives a writer that redacts on the way to w.
func (r *Redactor) Writer(w io.Writer) *RedactingWriter { return &RedactingWriter{redactor: r, to: w} }

// Write takes all of p, unless the underlying writer fails.
func (w *RedactingWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 && w.redactor.knowsNothing() {
		return w.to.Write(p)
	}
	w.held = append(w.held, p...)
	if err := w.pass(false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what is held back: it was no secret, or the beginning of one that does not come.
func (w *RedactingWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pass(true)
}

// Close flushes. It does not close the underlying writer.
func (w *RedactingWriter) Close() error { return w.Flush() }

// pass writes what is settled of held, and keeps the rest. The caller holds mu.
func (w *RedactingWriter) pass(all bool) error {
	out := w.settle(all)
	if len(out) == 0 {
		return nil
	}
	_, err := w.to.Write(out)
	return err
}

// settle takes what is settled of held, without its secrets.
func (w *RedactingWriter) settle(all bool) []byte {
	w.redactor.mu.RLock()
	defer w.redactor.mu.RUnlock()
	x, text := w.redactor.index, string(w.held)
	end := len(text)
	if !all {
		end = x.unfinished(text)
	}
	out := make([]byte, 0, end)
	copied, covered := min(w.covered, end), w.covered
	for at := 0; at < end; at++ {
		at = x.candidate(text, at)
		if at < 0 || at >= end {
			break
		}
		length := x.match(text[at:])
		if length == 0 {
			continue
		}
		if at >= covered {
			out = append(append(out, text[copied:at]...), redacted...)
		}
		covered = max(covered, at+length)
		copied = min(covered, end)
	}
	out = append(out, text[copied:end]...)
	w.held = append(w.held[:0], text[end:]...)
	w.covered = max(0, covered-end)
	return out
}
