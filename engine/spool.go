package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
	"time"
)

// Spool keeps what a command reads once and needs several times: what stands at an address, the rows of a query, standard input. It
// is written into files that only this user can read. Where the system lets, they have no name from the beginning, so that
// nothing is left of them however the process ends; else Close removes them. It may be used by many goroutines.
type Spool struct {
	stdin io.Reader

	mu     sync.Mutex
	copies map[string]*spooling
	closed bool
}

// spooling is a copy that is made, or was.
type spooling struct {
	once sync.Once
	copy *Copy
	err  error
}

// NewSpool makes one. stdin is what the command got by standard input; nil: it is not given to jobs.
func NewSpool(stdin io.Reader) *Spool { return &Spool{stdin: stdin, copies: map[string]*spooling{}} }

// ErrNoStdin says that a command does not hand its standard input to a job.
var ErrNoStdin = errors.New("standard input is read by run, apply, plan and validate --rows alone, and what a run got by it is not kept")

// Stdin is the copy of standard input.
func (s *Spool) Stdin(ctx context.Context) (*Copy, error) {
	if s.stdin == nil {
		return nil, ErrNoStdin
	}
	return s.Keep(ctx, "-", func(_ context.Context, c *Copy) error {
		_, err := io.Copy(c, s.stdin)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		return nil
	})
}

// Keep returns the copy of a name. The first call makes it with fill, and others get the same copy, or the same error. It is not to
// be closed by those who get it.
func (s *Spool) Keep(ctx context.Context, name string, fill func(context.Context, *Copy) error) (*Copy, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errors.New("the spool is closed")
	}
	entry := s.copies[name]
	if entry == nil {
		entry = &spooling{}
		s.copies[name] = entry
	}
	s.mu.Unlock()
	entry.once.Do(func() { entry.copy, entry.err = NewCopy(ctx, fill) })
	return entry.copy, entry.err
}

// Close frees all copies, and removes what is left of them.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var failed []error
	for _, entry := range s.copies {
		entry.once.Do(func() { entry.err = errors.New("the spool is closed") })
		if entry.copy != nil {
			failed = append(failed, entry.copy.Close())
		}
	}
	s.copies = nil
	return errors.Join(failed...)
}

// Copy is a private file that is written once and then read from its beginning, by any number of readers at the same time.
type Copy struct {
	Modified time.Time // of what was copied; zero: it does not say
	Note     any       // what whoever made it has to say about it

	file  *os.File
	named bool // it still has a name, which Close removes
	size  int64
	hash  hash.Hash
}

// NewCopy makes a copy with fill. When that fails, nothing of it is left.
func NewCopy(ctx context.Context, fill func(context.Context, *Copy) error) (*Copy, error) {
	file, err := os.CreateTemp("", "waybill-*") // readable by this user alone
	if err != nil {
		return nil, fmt.Errorf("a private copy: %w", err)
	}
	c := &Copy{file: file, hash: sha256.New()}
	c.named = os.Remove(file.Name()) != nil
	if err := fill(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Write adds to the copy, while it is made.
func (c *Copy) Write(p []byte) (int, error) {
	n, err := c.file.Write(p)
	c.size += int64(n)
	_, _ = c.hash.Write(p[:n]) // a hash never fails
	if err != nil {
		return n, fmt.Errorf("a private copy: %w", err)
	}
	return n, nil
}

// Reader reads the copy from its beginning.
func (c *Copy) Reader() *io.SectionReader { return io.NewSectionReader(c.file, 0, c.size) }

// Size is the copy's length in bytes.
func (c *Copy) Size() int64 { return c.size }

// Digest tells its content from others.
func (c *Copy) Digest() string { return hex.EncodeToString(c.hash.Sum(nil)) }

// Close frees the copy.
func (c *Copy) Close() error {
	err := c.file.Close()
	if c.named {
		err = errors.Join(err, os.Remove(c.file.Name()))
	}
	if err != nil {
		return fmt.Errorf("a private copy: %w", err)
	}
	return nil
}
