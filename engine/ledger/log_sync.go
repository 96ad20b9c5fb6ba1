package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"waybill/engine"
)

// logSync brings the log beside the file to the disk. SQLite could do that with each commit (synchronous=FULL), and then the writer would
// stand still for as long as the disk takes; so it syncs the log only before it moves pages out of it (NORMAL), and group.Syncer does the
// rest: no caller hears of a change before its log is on the disk.
//
// Once that failed, nobody knows what of the log is there: the system may take pages for written that are not, and a later success would
// vouch for them. So nothing more is written by this process.
type logSync struct {
	log    *os.File
	failed atomic.Pointer[error]
}

// syncsLog has the connection leave its log to a logSync.
func syncsLog(c *connection, path string) (*logSync, error) {
	real, err := filepath.EvalSymlinks(path) // beside which SQLite keeps its log
	if err != nil {
		return nil, fmt.Errorf("find the ledger's log: %w", err)
	}
	log, err := os.OpenFile(real+suffixLog, os.O_RDWR, 0) //nolint:gosec // beside the ledger; and some systems sync only what may be written
	if err != nil {
		return nil, fmt.Errorf("open the ledger's log: %w", err)
	}
	if err := c.script("PRAGMA synchronous = NORMAL"); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &logSync{log: log}, nil
}

// sync returns when all that is in the log is on the disk.
func (l *logSync) sync() error {
	if err := l.err(); err != nil {
		return err
	}
	err := syncOpen(l.log)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("what was written last may not be on the disk, and nothing more is written: %w", err)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: make room on it and run the command again: %w", engine.ErrFull, err)
	}
	l.failed.Store(&err)
	return err
}

// err is why nothing more may be written; nil: it may.
func (l *logSync) err() error {
	if failed := l.failed.Load(); failed != nil {
		return *failed
	}
	return nil
}

func (l *logSync) close() error { return l.log.Close() }
