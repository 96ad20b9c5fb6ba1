package engine

import (
	"errors"
	"fmt"
)

// The errors of a ledger that callers tell apart.
var (
	// ErrNotFound means that the ledger does not have what was named.
	ErrNotFound = errors.New("not in the ledger")
	// ErrAmbiguous means that several runs begin like that.
	ErrAmbiguous = errors.New("several runs begin like that")
	// ErrNotLocked means that Intend was called without the Lock.
	ErrNotLocked = errors.New("the ledger is not locked for sending")
	// ErrFull means that there is no room to write down how a request ends: none may be made.
	ErrFull = errors.New("the disk that holds the ledger is full")
	// ErrBusy means that another process kept the ledger from being used for longer than a caller waits. Nothing changed, and the
	// same call may succeed later.
	ErrBusy = errors.New("the ledger is busy")
	// ErrReadOnly means that the ledger cannot be changed from here, by its permissions or because it was opened for reading.
	ErrReadOnly = errors.New("the ledger cannot be written")
	// ErrDamaged means that the ledger is broken. Nothing is sent from it, and it is left as it is.
	ErrDamaged = errors.New("the ledger file is damaged")
	// ErrNoLedger means that what stands where the ledger should is something else. It is left as it is.
	ErrNoLedger = errors.New("no ledger")
	// ErrEarlier means that an earlier version of the program wrote the ledger, which was opened for reading. Who opens it for writing brings it
	// to the format of this one.
	ErrEarlier = errors.New("the ledger was written by an earlier version of waybill")
	// ErrNewer means that a later version of the program wrote the ledger.
	ErrNewer = errors.New("the ledger was written by a newer version of waybill")
	// ErrBehind means that the ledger lost what it had written, or went back in time: what was sent since would be sent again.
	ErrBehind = errors.New("the ledger lost what it had written, or went back in time")
	// ErrMoved means that the ledger was copied to another place and is read here alone.
	ErrMoved = errors.New("the ledger was moved")
	// ErrIncoming means that the ledger is being copied here, and the copy is not usable yet.
	ErrIncoming = errors.New("the ledger is a copy that is not finished")
	// ErrClosed means that the ledger was closed.
	ErrClosed = errors.New("the ledger is closed")
)

// TakenUpError says that another process took up a run first.
type TakenUpError struct{ Run string }

func (e *TakenUpError) Error() string {
	return fmt.Sprintf("another process took up run %s meanwhile", e.Run)
}

// LockedError says that another process sends from this ledger.
type LockedError struct {
	Ledger string // its name for people: where it is
	Holder string // who sends: "waybill apply, pid 4711 on host clinic-1, since 2026-03-25 09:00:00"
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("ledger %s is in use for sending by %s", e.Ledger, e.Holder)
}
