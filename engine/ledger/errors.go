package ledger

import (
	"errors"
	"fmt"
	"log/slog"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"waybill/engine"
)

// The errors that no caller tells apart.
var (
	errEarly       = errors.New("the ledger was made by a version before the first release")
	errUnsafePlace = errors.New("unsafe place for a ledger") // the folder or its file system cannot keep one
	errDisk        = errors.New("the disk that holds the ledger is full, or fails")
)

// explain joins a SQLite error with the error that callers know, and words on what to do. Others pass unchanged.
func explain(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || isExplained(err) {
		return err
	}
	switch kind := e.Code() & 0xff; {
	case kind == sqlite3.SQLITE_FULL, e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE: // the latter is a file beside it that finds no room
		return fmt.Errorf("%w: make room on it and run the command again: %w", engine.ErrFull, err)
	case kind == sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: see to the disk, and whether its files may be written, and run the command again: %w", errDisk, err)
	case kind == sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: keep the file, nothing more is sent from it; restore a backup, or ask for help: %w", engine.ErrDamaged, err)
	case kind == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: the file is not a SQLite database: where it was the ledger, restore a backup; else choose another path with --state, or move the file away: %w",
			engine.ErrNoLedger, err)
	case kind == sqlite3.SQLITE_READONLY, kind == sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: check the permissions of the file and its folder: %w", engine.ErrReadOnly, err)
	case kind == sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: SQLite cannot open it or a file beside it: check the permissions of the file and its folder: %w",
			engine.ErrReadOnly, err)
	case kind == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: another process kept it for too long; try again: %w", engine.ErrBusy, err)
	}
	return err
}

func isExplained(err error) bool {
	for _, known := range [...]error{engine.ErrFull, engine.ErrDamaged, engine.ErrNoLedger, errDisk, engine.ErrReadOnly, engine.ErrBusy} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

func errorAttr(err error) slog.Attr { return slog.String("error", err.Error()) }

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
