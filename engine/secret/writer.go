package secret

import (
	"io"
	"sync"
)

// Writer takes the secrets out of what is written through it, also where one is spread over several
// writes. It holds back the end of what was written while that may be the beginning of a secret: Flush or Close
// when no more comes. It is safe for concurrent use.
type Writer struct {
	redactor *Redactor
	to       io.Writer

	mu      sync.Mutex
	held    []byte
	covered int // how much of held is within a secret that was replaced already
}

// Writer returns a writer that redacts on the way to w.
func (r *Redactor) Writer(w io.Writer) *Writer { return &Writer{redactor: r, to: w} }

// Write takes all of p, unless the underlying writer fails.
func (w *Writer) Write(p []byte) (int, error) {
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
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pass(true)
}

// Close flushes. It does not close the underlying writer.
func (w *Writer) Close() error { return w.Flush() }

// pass writes what is settled of held, and keeps the rest. The caller holds mu.
func (w *Writer) pass(all bool) error {
	out := w.settle(all)
	if len(out) == 0 {
		return nil
	}
	_, err := w.to.Write(out)
	return err
}

// settle returns what is settled of held, without its secrets.
func (w *Writer) settle(all bool) []byte {
	w.redactor.mu.RLock()
	defer w.redactor.mu.RUnlock()
	x, text := w.redactor.index, string(w.held)
	end := len(text)
	if !all {
		end = x.unfinished(text)
	}
	out, copied, reach := x.replace(make([]byte, 0, end), text, end, w.covered)
	out = append(out, text[copied:end]...)
	w.held = append(w.held[:0], text[end:]...)
	w.covered = max(0, reach-end)
	return out
}
