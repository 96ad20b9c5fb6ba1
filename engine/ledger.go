package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"waybill/engine/delivery"
)

// The ledger's errors that callers tell apart.
var (
	ErrNotFound = errors.New("not in the ledger")
	ErrFull     = errors.New("the disk that holds the ledger is full")
	ErrNewer    = errors.New("the ledger was written by a newer version of waybill")
	ErrBusy     = errors.New("the ledger is busy") // another process held it for longer than we wait
)

// LockedError says that another process sends from this ledger.
type LockedError struct {
	Path   string // of the ledger
	Holder string // who: "waybill apply, pid 4711 on host clinic-1, since 2026-03-25 09:00:00"
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("ledger %s is in use for sending by %s", e.Path, e.Holder)
}

// Ledger is the durable store of runs, deliveries, attempts, statuses and inbound messages. All methods may be
// called by many goroutines; whatever changes something returns when it is on disk, unless it says otherwise.
type Ledger interface {
	Reader

	// Lock makes the caller the one sender of this ledger until release is called or the process ends. Another
	// sender gives a *LockedError. What an earlier sender left intended is in doubt from here on.
	Lock(ctx context.Context, holder string) (release func() error, err error)

	// StartRun writes a run down. A run of that ID is taken up again: its Status becomes running.
	StartRun(ctx context.Context, r Run) error
	// FinishRun writes Status, FinishedAt, Counts and Reason of the run with that ID.
	FinishRun(ctx context.Context, r Run) error

	// Intend decides a delivery: it moves it to intended in one conditional change, on disk before it returns, when the
	// ledger does not have it or Intent.Allowed lets it be sent. A *DecidedError means that it is not the caller's to send.
	// It needs the Lock.
	Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error)
	// Settle writes down how the attempt ended that the ticket was for. An acceptance always counts; anything else
	// changes nothing when the delivery was settled otherwise since: by a status that came first, or by hand. It
	// returns the delivery as it stands then.
	Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error)

	// Record stores a webhook and applies what it says: statuses merge whatever their order and repetition,
	// settle what is in doubt, and wait for a delivery that is not known yet. It needs no Lock.
	Record(ctx context.Context, r Report) error
	// Resolve settles one delivery in doubt by the user's word: as accepted, or as planned again. A *DecidedError means
	// that it is in doubt no more.
	Resolve(ctx context.Context, id delivery.ID, sent bool) (delivery.Delivery, error)

	// Change blocks until something was committed to the ledger, by any process, or ctx ends. It may return without a
	// reason: look again.
	Change(ctx context.Context) error

	// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
	Await(ctx context.Context, messageID string, known int) error

	Close() error
}

// Reader is the reading half. It works while another process holds the ledger.
type Reader interface {
	// Lookup finds deliveries by key, many at once. Those that the ledger does not have are not in the map.
	Lookup(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error)
	// Run finds a run by its ID or an unambiguous beginning of it; "last" is the newest. ErrNotFound.
	Run(ctx context.Context, id string) (Run, error)
	// Runs yields runs, newest first.
	Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error]
	// Deliveries yields deliveries in the order in which they were first intended.
	Deliveries(ctx context.Context, f DeliveryFilter) iter.Seq2[delivery.Delivery, error]
	// Tally counts the deliveries that Deliveries would yield, by state.
	Tally(ctx context.Context, f DeliveryFilter) (map[delivery.State]int, error)
	// Attempts gives every request made for a delivery, in order.
	Attempts(ctx context.Context, id delivery.ID) ([]delivery.Attempt, error)
	// Statuses gives what WhatsApp said of a message, in its own order of time.
	Statuses(ctx context.Context, messageID string) ([]delivery.Status, error)
	// Inbound yields what people wrote, newest first.
	Inbound(ctx context.Context, f InboundFilter) iter.Seq2[Inbound, error]
	// Notices yields template and number reports, newest first.
	Notices(ctx context.Context, limit int) iter.Seq2[Notice, error]
	// Digest gives the keyed digest of a message's content in this ledger.
	Digest(content []byte) delivery.Digest
	// Receiving says when the last webhook was recorded; the zero time: never.
	Receiving(ctx context.Context) (time.Time, error)
}

// RunFilter narrows Runs. Zero fields do not narrow.
type RunFilter struct {
	Job    string
	Status RunStatus
	Limit  int
}

// DeliveryFilter narrows Deliveries. Zero fields do not narrow.
type DeliveryFilter struct {
	Run        string // the run that decided it last
	Job, Scope string
	Step       string
	States     []delivery.State
	Recipient  string
	Code       int
	ByHand     bool        // accepted by a person's word alone (Resolve): no message id is known
	Search     string      // part of recipient, item key or message id
	After      delivery.ID // for paging
	Limit      int
}

// InboundFilter narrows Inbound. Zero fields do not narrow.
type InboundFilter struct {
	NumberID string
	Contact  string // digits without plus, or a business-scoped user id
	Since    time.Time
	Limit    int
}
