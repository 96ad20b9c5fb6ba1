package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/watch"
	"waybill/engine/ledger/internal/witness"
)

// Options says how a ledger is opened.
type Options struct {
	ReadOnly bool             // reads alone; the file must be there, and nothing is made or changed beside it
	Now      func() time.Time // nil is an error: the caller has the clock
	Log      *slog.Logger     // nil: silence
	// MinFree is how many bytes must be free on the disk before a request is allowed, so that its outcome finds
	// room. Zero is 64 MiB.
	MinFree int64
	// WitnessFile keeps how far the ledger had come, in the place of the file witness-ID beside it: on another volume, it is not put back
	// with the ledger. It has to be kept, and its folder must be there; empty: none was named.
	WitnessFile string
}

// Ledger is an open ledger file. Use Open.
type Ledger struct {
	path     string
	readOnly bool
	now      func() time.Time
	log      *slog.Logger
	keys     form.Keys
	id       string // of the ledger
	witness  witness.Place
	adopting bool // it went back in time, and that is known
	pulse    witness.Pulse

	writer   *writer // nil when read only
	readers  *pool
	notifier *watch.Notifier
	sender   sender
	notes    notes
	named    form.Identities
	known    forgotten

	closing sync.Once
	closed  error
}

var _ engine.Ledger = (*Ledger)(nil)

// Open opens the ledger at path, and makes one where there is none. It takes no lock: recorders and readers open
// the same file beside a sender. The errors of this package (engine.ErrNoLedger, engine.ErrDamaged, engine.ErrNewer, engine.ErrReadOnly,
// errUnsafePlace, engine.ErrBusy) and engine.ErrFull tell what is wrong; read only, a missing file is fs.ErrNotExist, and so
// is one that holds nothing yet.
func Open(path string, o Options) (*Ledger, error) { return openAs(path, o, false) }

func openAs(path string, o Options, adopting bool) (*Ledger, error) {
	if o.Now == nil {
		return nil, errors.New("open a ledger: Options.Now is missing")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MinFree == 0 {
		o.MinFree = 64 << 20
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", path, err)
	}
	l := &Ledger{
		path: abs, readOnly: o.ReadOnly, now: o.Now, log: o.Log, notes: notes{runs: map[string]bool{}},
		witness: witness.Place{Folder: filepath.Dir(abs), File: o.WitnessFile}, adopting: adopting,
	}
	l.notifier = watch.New(l.startPolling)
	if o.ReadOnly {
		err = l.openToRead()
	} else {
		err = l.openToWrite(o)
	}
	if err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", path, err)
	}
	return l, nil
}

func (l *Ledger) openToWrite(o Options) error {
	if err := prepareFolder(l.path); err != nil {
		return err
	}
	if err := prepareFile(l.path); err != nil {
		return err
	}
	c, err := connect(l.path, readWrite)
	if err != nil {
		return err
	}
	err = l.prepareFor(c, func() error {
		if err := ready(c, l.path, o.Now()); err != nil {
			return err
		}
		return l.identified(c)
	})
	if err == nil {
		err = restrict(l.path)
	}
	var where whereabouts
	if err == nil {
		where, err = whereaboutsOf(l.path)
	}
	if err != nil {
		return errors.Join(err, c.close())
	}
	l.readers = newPool(func() (*connection, error) { return connect(l.path, queryOnly) })
	l.writer = startWriter(c, l, o.MinFree, where)
	l.pulse.Start(l.keepEpoch, func(err error) { l.log.Debug("the epoch was not raised", errorAttr(err)) })
	return nil
}

func (l *Ledger) openToRead() error {
	switch found, err := os.Stat(l.path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("nothing was sent from here yet: %w", err)
	case err != nil:
		return err
	case !found.Mode().IsRegular():
		return fmt.Errorf("%w: it is no regular file", engine.ErrNoLedger)
	}
	how := readFile
	c, err := connectToRead(l.path, how)
	if errors.Is(err, engine.ErrReadOnly) && quiet(l.path) {
		// A folder that cannot be written has no room for the shared memory of readers. With no log beside it the
		// file is complete, and no process that could change it can write there either.
		how = immutable
		c, err = connectToRead(l.path, how)
	}
	if err != nil {
		return err
	}
	err = l.prepareFor(c, func() error { return readable(c, l.path) })
	if err != nil {
		return errors.Join(err, c.close())
	}
	l.readers = newPool(func() (*connection, error) { return connectToRead(l.path, how) })
	l.readers.put(c)
	return nil
}

// prepareFor checks a first connection and reads the keys through it.
func (l *Ledger) prepareFor(c *connection, check func() error) error {
	if err := checkVersion(c); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	var secrets [2][]byte
	for n, name := range [...]string{metaCallbackKey, metaDigestKey} {
		v, err := readMeta(context.Background(), c, name)
		if err != nil {
			return err
		}
		if secrets[n] = asBytes(v); len(secrets[n]) == 0 {
			return fmt.Errorf("%w: its keys are missing: restore a backup", engine.ErrDamaged)
		}
	}
	l.keys.Set(secrets[0], secrets[1])
	l.known.set(form.NewForgotten(&l.keys))
	_, err := l.known.renew(context.Background(), c)
	return err
}

// Close ends the writer after what it was given, and the readers. Later calls return the first one's error.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		var errs []error
		errs = append(errs, l.sender.leave(l))
		errs = append(errs, l.pulse.Stop())
		l.notifier.Close()
		errs = append(errs, l.readers.close())
		if l.writer != nil {
			errs = append(errs, l.writer.stop())
		}
		l.closed = errors.Join(errs...)
	})
	return l.closed
}

// Digest returns the keyed digest of a message's content; see engine.Reader.
func (l *Ledger) Digest(content []byte) delivery.Digest { return l.keys.Digest(content) }

// write returns one change to the writer and waits until it is on disk, or for its error.
func (l *Ledger) write(ctx context.Context, c change) error {
	if l.writer == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	return l.writer.do(ctx, c)
}

// hand hands one change to the writer, which calls then; see group.Queue.
func (l *Ledger) hand(c change, then func(error)) error {
	if l.writer == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	return l.writer.queue.Hand(c, then)
}
