package ledger

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"waybill/engine"
)

// The ledger's own errors that callers may tell apart.
var (
	// ErrNoLedger: the file at the path is something else, or is not there and may not be made.
	ErrNoLedger = errors.New("no ledger")
	// ErrDamaged: the file was a ledger and is broken. Nothing is sent from it, and it is left as it is.
	ErrDamaged = errors.New("the ledger file is damaged")
	// ErrNewer: a later version of the program wrote it.
	ErrNewer = engine.ErrNewer
	// ErrReadOnly: it cannot be written here, by its permissions or because it was opened so.
	ErrReadOnly = errors.New("the ledger cannot be written")
	// ErrBusy: another process held the file for longer than we wait.
	ErrBusy = engine.ErrBusy
	// ErrUnsafePlace: the folder or its file system cannot keep a ledger.
	ErrUnsafePlace = errors.New("unsafe place for a ledger")
	// ErrNotLocked: Intend was called without the Lock.
	ErrNotLocked = errors.New("the ledger is not locked for sending")
	// ErrClosed: the ledger was closed.
	ErrClosed = errors.New("the ledger is closed")
	// ErrAmbiguous: several runs begin like that.
	ErrAmbiguous = errors.New("several runs begin like that")
)

// explain gives a SQLite error the error that callers know, and words on what to do. Others pass unchanged.
func explain(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || isExplained(err) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: make room on it and run the command again: %w", engine.ErrFull, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: keep the file, nothing more is sent from it; restore a backup, or ask for help: %w", ErrDamaged, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: the file is not a SQLite database: choose another path with --state, or move the file away: %w", ErrNoLedger, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: check the permissions of the file and its folder: %w", ErrReadOnly, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: SQLite cannot open it or a file beside it: check the permissions of the file and its folder: %w", ErrReadOnly, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: another process kept it for too long; try again: %w", ErrBusy, err)
	}
	return err
}

func isExplained(err error) bool {
	for _, known := range [...]error{engine.ErrFull, ErrDamaged, ErrNoLedger, ErrReadOnly, ErrBusy} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// isFull says whether a write failed for want of room. A write to the log can report it as an I/O error.
func isFull(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return errors.Is(err, engine.ErrFull)
	}
	switch e.Code() {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC:
		return true
	}
	return false
}
