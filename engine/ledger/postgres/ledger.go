package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/group"
	"waybill/engine/ledger/internal/watch"
	"waybill/engine/ledger/internal/witness"
)

// Options says how a ledger is opened.
type Options struct {
	ReadOnly bool             // reads alone; the ledger must be there
	Now      func() time.Time // nil is an error: the caller has the clock
	Log      *slog.Logger     // nil: silence
	Sandbox  bool             // of a ledger that is made or written: what it holds is never sent to people
	Insecure bool             // the way to the database may be one that others can listen to, or pose as it
	// Lease is how long a sender may be silent before others take over what it has under way; zero: 15 s. All that send from a ledger need
	// the same.
	Lease time.Duration
	// Witness is the folder in which a sender keeps how far the ledger had come; empty: none is kept, and a database that was put back
	// to an earlier time is recognised only by what it is itself.
	Witness string
	// WitnessFile is that file itself, in the place of one in Witness: on a volume that lasts. It has to be kept; empty: none was named.
	WitnessFile string
}

// Ledger is an open ledger in a database. Use Open.
type Ledger struct {
	name     string // without a password
	readOnly bool
	now      func() time.Time
	log      *slog.Logger
	lease    time.Duration
	witness  witness.Place
	sandbox  bool
	config   *pgx.ConnConfig
	keys     form.Keys
	id       string // of the ledger
	pulse    witness.Pulse
	patience patience // with a database that does not answer who reads; the writer has its own, for one may read where nothing can be written
	adopting bool     // its database went back in time, and that is known

	pool     *pgxpool.Pool
	queue    *group.Queue[change] // nil when read only
	notifier *watch.Notifier
	cursors  cursors
	sender   sender
	others   others
	notes    notes
	named    form.Identities
	known    forgotten

	mu      sync.Mutex
	shut    bool
	reading sync.WaitGroup
	closing sync.Once
	closed  error
}

var _ engine.Ledger = (*Ledger)(nil)

// errEnough ends a query whose reader has seen enough.
var errEnough = errors.New("enough")

// Open opens the ledger in the database that a URL names, and makes one where there is none. What the URL leaves out is taken from the
// environment as libpq does. The error says what is wrong: engine.ErrNewer, engine.ErrReadOnly, engine.ErrDamaged, engine.ErrBusy; read
// only, a database without a ledger is fs.ErrNotExist.
func Open(url string, o Options) (*Ledger, error) {
	if o.Now == nil {
		return nil, errors.New("open a ledger: Options.Now is missing")
	}
	pooled, err := configure(url, o.Insecure)
	if err != nil {
		return nil, err
	}
	l := newLedger(pooled.ConnConfig, o)
	ctx, cancel := context.WithTimeout(context.Background(), openFor)
	defer cancel()
	if l.pool, err = pgxpool.NewWithConfig(ctx, pooled); err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", l.name, explain(ofSQL(err)))
	}
	if err := l.prepare(ctx); err != nil {
		l.pool.Close()
		return nil, fmt.Errorf("open the ledger %s: %w", l.name, explain(err))
	}
	if !o.ReadOnly {
		l.queue = group.Start(newWriter(l), intends, o.Now)
		l.pulse.Start(l.keepEpoch, func(err error) { l.log.Debug("the epoch was not raised", errorAttr(err)) })
	}
	return l, nil
}

func newLedger(c *pgx.ConnConfig, o Options) *Ledger {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Ledger{
		name: nameOf(c), readOnly: o.ReadOnly, now: o.Now, log: o.Log, lease: cmp.Or(o.Lease, leaseFor), witness: witness.Place{Folder: o.Witness, File: o.WitnessFile}, sandbox: o.Sandbox, config: c,
		notes: notes{runs: map[string]bool{}}, patience: patience{now: o.Now}, cursors: cursors{given: map[int64]cursor{}},
	}
	l.notifier = watch.New(l.startPolling)
	return l
}

// Close ends the writer after what it was given, and the readers. Later calls return the first one's error.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		left := l.sender.leave(l)
		errs := []error{left}
		if last := l.pulse.Stop(); left == nil { // else it is the same error
			errs = append(errs, last)
		}
		l.notifier.Close()
		l.mu.Lock()
		l.shut = true
		l.mu.Unlock()
		if l.queue != nil {
			errs = append(errs, l.queue.Stop())
		}
		l.reading.Wait()
		l.pool.Close()
		l.closed = errors.Join(errs...)
	})
	return l.closed
}

// enter begins a read. The caller ends it by reading.Done.
func (l *Ledger) enter() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return engine.ErrClosed
	}
	l.reading.Add(1)
	return nil
}

// Digest returns the keyed digest of a message's content; see engine.Reader.
func (l *Ledger) Digest(content []byte) delivery.Digest { return l.keys.Digest(content) }

// write hands one change to the writer and waits until it is durable, or for its error.
func (l *Ledger) write(ctx context.Context, c change) error {
	if l.queue == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	return l.queue.Do(ctx, c)
}

// hand hands one change to the writer, which calls then; see group.Queue.
func (l *Ledger) hand(c change, then func(error)) error {
	if l.queue == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	return l.queue.Hand(c, then)
}
