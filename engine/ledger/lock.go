package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"waybill/engine"
)

// sender is the lock file, as long as this process may send.
type sender struct {
	mu   sync.Mutex
	file *os.File // nil: not held
}

// Lock makes the caller the one sender of this ledger until release is called or the process ends. holder says who
// it is ("waybill apply"); another process that sends meanwhile is a *engine.LockedError. What an earlier sender left
// under way is in doubt from here on; after one that was killed, the file is checked first.
func (l *Ledger) Lock(ctx context.Context, holder string) (func() error, error) {
	if l.writer == nil {
		return nil, fmt.Errorf("lock the ledger %s: %w: it was opened for reading", l.path, engine.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := l.takeLock(holder)
	if err != nil {
		return nil, err
	}
	if err := l.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the ledger %s: %w", l.path, err), f.Close())
	}
	l.sender.mu.Lock()
	l.sender.file = f
	l.sender.mu.Unlock()
	return func() error { return l.sender.leaveAs(l, f) }, nil
}

// takeLock takes the lock file and writes into it who has it. The file stays: taking it away would let two
// processes lock two files of one name.
func (l *Ledger) takeLock(holder string) (*os.File, error) {
	name := l.path + suffixLock
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the user's to choose
	if err != nil {
		return nil, fmt.Errorf("lock the ledger: %w", readOnly(err))
	}
	got, err := lockFile(f)
	if err == nil && !got {
		held, readErr := io.ReadAll(io.LimitReader(f, 1024))
		who := strings.TrimSpace(string(held))
		if readErr != nil || who == "" {
			who = "another process"
		}
		return nil, errors.Join(&engine.LockedError{Ledger: l.path, Holder: who}, f.Close())
	}
	if err == nil {
		err = writeHolder(f, holder, l.now())
	}
	if err == nil {
		err = restrict(l.path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the ledger: %w", err), f.Close())
	}
	return f, nil
}

func writeHolder(f *os.File, holder string, now time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	text := fmt.Sprintf("%s, pid %d on host %s, since %s\n", holder, os.Getpid(), host, now.Format("2006-01-02 15:04:05"))
	_, err = f.WriteAt([]byte(text), 0)
	return err
}

// Holder says who sends from the ledger right now; see engine.Keeper.
func (l *Ledger) Holder(context.Context) (string, error) { return Holder(l.path) }

// Holder says who sends from the ledger at path right now; empty: no process. What a killed process wrote into its lock
// file does not count, since the system took its lock away. It makes no file.
func Holder(path string) (who string, err error) {
	f, err := os.Open(path + suffixLock) //nolint:gosec // the path is the user's to choose
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look at the lock of the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// A free lock file is empty, but for one of a killed sender. Only then is the lock itself tried, for a moment.
	held, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil || len(held) == 0 {
		return "", err
	}
	free, err := lockFile(f)
	if err != nil || free {
		return "", err
	}
	return strings.TrimSpace(string(held)), nil
}

// leave gives up the lock, if it is held.
func (s *sender) leave(l *Ledger) error {
	s.mu.Lock()
	f := s.file
	s.mu.Unlock()
	return s.leaveAs(l, f)
}

// leaveAs gives up the lock that f is. Once it is given up, it does nothing.
func (s *sender) leaveAs(l *Ledger, f *os.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == nil || s.file != f {
		return nil
	}
	s.file = nil
	err := l.write(context.Background(), handOver{})
	return errors.Join(err, f.Truncate(0), f.Close())
}

// forgo gives up the lock of a ledger that was moved: nothing is written to it any more.
func (s *sender) forgo() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.file
	if f == nil {
		return nil
	}
	s.file = nil
	return errors.Join(f.Truncate(0), f.Close())
}
