package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// checkBelow is the size up to which a file is checked whole after a sender that was killed.
const checkBelow = 256 << 20

// sender is this process's hold on the right to send.
type sender struct {
	mu   sync.Mutex
	file *os.File // nil: not held
}

func errorAttr(err error) slog.Attr { return slog.String("error", err.Error()) }

// Lock makes the caller the one sender of this ledger until release is called or the process ends. holder says who
// it is ("waybill apply") to whoever comes second, who gets a *engine.LockedError. What an earlier sender left
// intended is in doubt from here on; after one that was killed, the file is checked first.
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

// begin takes over from the sender before: checks the file if that one was killed, and puts in doubt what it left.
func (l *Ledger) begin(ctx context.Context) error {
	killed := false
	err := l.readers.use(func(c *connection) error {
		v, err := readMeta(ctx, c, metaSending)
		if err != nil {
			return err
		}
		killed = asInt(v) != 0
		if !killed {
			return nil
		}
		return quickCheck(ctx, c, l.path)
	})
	if err != nil {
		return err
	}
	o := &takeOver{killed: killed}
	if err := l.write(ctx, o); err != nil {
		return err
	}
	if o.inDoubt > 0 {
		l.log.Info("took over from a sender that was interrupted", slog.Int64("in_doubt", o.inDoubt))
	}
	return nil
}

// quickCheck looks for damage, in a file that is small enough not to keep the user waiting.
func quickCheck(ctx context.Context, c *connection, path string) error {
	found, err := os.Stat(path)
	if err != nil {
		return err
	}
	if found.Size() > checkBelow {
		return nil
	}
	return c.query(ctx, "PRAGMA quick_check(1)", func(row []driver.Value) error {
		if verdict := asText(row[0]); verdict != "ok" {
			return fmt.Errorf("%w: keep the file, nothing more is sent from it; restore a backup, or ask for help: %s", engine.ErrDamaged, verdict)
		}
		return nil
	})
}

// takeOver begins the time of a new sender. After one that was killed, all deliveries are read to find what it left under way;
// an index of them would cost more, since every delivery passes through it. One statement does to all of them what
// delivery.Record.TakeOver does to one.
type takeOver struct {
	killed  bool
	inDoubt int64
}

func (o *takeOver) apply(t *transaction) error {
	if o.killed {
		err := t.query(context.Background(), `UPDATE delivery SET state = iif(state = 2, 3, state), result_flags = result_flags & ~4, room = NULL
			WHERE state = 2 OR result_flags & 4 RETURNING state`, func(v []driver.Value) error {
			if delivery.State(asInt(v[0])) == delivery.InDoubt { //nolint:gosec // we wrote it
				o.inDoubt++
			}
			return nil
		})
		if err != nil {
			return err
		}
		// A run that only reads holds no lock and may still be under way: it writes its own end then.
		_, _, err = t.exec(`UPDATE run SET status = ?, reason = 'its process was killed' WHERE status = ?`,
			string(engine.RunInterrupted), string(engine.RunRunning))
		if err != nil {
			return err
		}
	}
	t.lock = lockState{held: true}
	clear(t.granted)
	return putMeta(t.connection, metaSending, int64(1))
}

// handOver ends it in order. Requests that were allowed and not settled make it no better than a killed one.
type handOver struct{}

func (handOver) apply(t *transaction) error {
	left := int64(0)
	if t.lock.underWay > 0 {
		left = 1
	}
	t.lock = lockState{}
	return putMeta(t.connection, metaSending, left)
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

func deliveryAttr(id delivery.ID) slog.Attr { return slog.Int64("delivery", int64(id)) }
