package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"waybill/engine"
)

// The epoch of a ledger rises while it is written: when a sender begins, every ten seconds after, and when a handle that wrote is closed.
// The witness beside the file keeps the latest. A file that was put back to an earlier time has a lower one, and is refused. A witness is
// written after the epoch is durable, so that it never is ahead of a ledger that lost nothing.

// epochEvery is how much of what was written a file that is put back may lack without being recognised, after a sender that was killed.
const epochEvery = 10 * time.Second

// readEpoch returns the id of the ledger and the epoch that it is at.
func readEpoch(ctx context.Context, c *connection) (id string, epoch int64, err error) {
	v, err := readMeta(ctx, c, metaID)
	if err != nil {
		return "", 0, err
	}
	id = asText(v)
	if v, err = readMeta(ctx, c, metaEpoch); err != nil {
		return "", 0, err
	}
	if id == "" || v == nil {
		return "", 0, fmt.Errorf("%w: what it is called is missing: restore a backup", engine.ErrDamaged)
	}
	return id, asInt(v), nil
}

// notBehind refuses a ledger that has not come as far as its witness says. The witness is read first: another process may raise the epoch
// meanwhile, and tells the witness after the file.
func (l *Ledger) notBehind(c *connection) error {
	id, _, err := readEpoch(context.Background(), c)
	if err != nil {
		return err
	}
	l.id = id
	if err := notMoved(c); err != nil {
		return err
	}
	if l.adopting {
		return nil
	}
	seen, err := l.witness.Read(id)
	if err != nil {
		return fmt.Errorf("%w: %w", engine.ErrBehind, err)
	}
	_, epoch, err := readEpoch(context.Background(), c)
	if err != nil {
		return err
	}
	if epoch < seen {
		return fmt.Errorf("%w: it is at epoch %d, and its witness %s has seen epoch %d: a backup was put in its place. What was sent since is "+
			"not in it, and would be sent again: put the later file back; `waybill ledger adopt` is the way on where there is none",
			engine.ErrBehind, epoch, l.witness.Path(id), seen)
	}
	return nil
}

// raiseEpoch begins a further epoch.
func (t *transaction) raiseEpoch() (int64, error) {
	return t.number(`UPDATE meta SET value = value + 1 WHERE name = ? RETURNING value`, metaEpoch)
}

// raise is a change that does that alone.
type raise struct{ epoch int64 }

func (o *raise) apply(t *transaction) (err error) {
	o.epoch, err = t.raiseEpoch()
	return err
}

// keepEpoch begins an epoch and writes down that it was seen.
func (l *Ledger) keepEpoch() error {
	o := &raise{}
	if err := l.write(context.Background(), o); err != nil {
		return err
	}
	return l.keepWitness(o.epoch)
}

// keepWitness writes down that an epoch was seen. Where it cannot, it says so; a witness that the user named has to be kept.
func (l *Ledger) keepWitness(epoch int64) error {
	l.changed.Store(false)
	err := l.witness.Keep(l.id, epoch, l.now())
	switch {
	case err == nil:
		return nil
	case l.witness.Named():
		return fmt.Errorf("keep the witness: %w", err)
	}
	l.log.Warn("no witness is kept: a ledger that is put back to an earlier time may not be recognised",
		slog.String("file", l.witness.Path(l.id)), errorAttr(err))
	return nil
}

// background is a goroutine that goes on until it is stopped.
type background struct {
	done    chan struct{}
	running sync.WaitGroup
}

func (b *background) start(work func(done <-chan struct{})) {
	b.done = make(chan struct{})
	b.running.Go(func() { work(b.done) })
}

// stop ends it and waits for that. One that was not started is stopped.
func (b *background) stop() {
	if b.done != nil {
		close(b.done)
	}
	b.running.Wait()
}

// keepEpochs raises the epoch while something is written, until done is closed.
func (l *Ledger) keepEpochs(done <-chan struct{}) {
	look := time.NewTicker(epochEvery)
	defer look.Stop()
	for {
		select {
		case <-done:
			return
		case <-look.C:
		}
		if !l.changed.Load() {
			continue
		}
		if err := l.keepEpoch(); err != nil && !errors.Is(err, engine.ErrClosed) {
			l.log.Debug("the epoch was not raised", errorAttr(err))
		}
	}
}
