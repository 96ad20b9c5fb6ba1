package cli

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"waybill/engine/secret"
)

// output takes secrets out of what is written. What ends in a line break, or begins with the carriage return of the
// live line, is handed on at once; the rest waits for more, for a secret may go on there.
type output struct {
	mu    sync.Mutex
	w     *secret.Writer
	ended bool  // nothing is printed any more
	fault error // the first of its writes

	ignoreWriteErrors bool // of standard error: no stream is left to report a failed write on, and no command fails by it
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return len(text), nil
	}
	n, err := o.w.Write(text)
	if err == nil && len(text) > 0 && (text[len(text)-1] == '\n' || text[0] == '\r') {
		err = o.w.Flush()
	}
	o.note(err)
	if err != nil && o.ignoreWriteErrors {
		return len(text), nil
	}
	return n, err
}

// note keeps the first error. The caller holds mu.
func (o *output) note(err error) {
	if o.fault == nil {
		o.fault = err
	}
}

// failure returns the first error of a write; nil: there was none.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fault
}

// Flush hands on what waits.
func (o *output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.w.Flush()
	o.note(err)
	return err
}

// Close hands on what waits; nothing is written afterwards.
func (o *output) Close() error { return o.Flush() }

// end prints the exit message of a process that ends at once; nothing is printed afterwards.
func (o *output) end(text string) {
	_, _ = o.Write([]byte(text)) // no stream is left to report it on
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}

// printed returns the error of a write of results. That their reader is gone, as after head, is no error.
func (a *app) printed(err error) error {
	if errors.Is(err, syscall.EPIPE) && errors.Is(a.out.failure(), syscall.EPIPE) {
		return nil
	}
	return err
}

// backgroundStderr is standard error for what writes in the background: above the live line while there is one.
type backgroundStderr struct {
	mu sync.Mutex
	to io.Writer
}

func (s *backgroundStderr) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

// redirect sends what is written from now on elsewhere.
func (s *backgroundStderr) redirect(to io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
}
