package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"waybill/engine"
)

// The epoch of a ledger rises while it is written: when a sender begins, every ten seconds after, and when a handle that wrote is closed.
// The witness beside the file keeps the latest. A file that was put back to an earlier time has a lower one, and is refused. A witness is
// written after the epoch is durable, so that it never is ahead of a ledger that lost nothing. A backup needs no witness: it says itself what
// it is, also on another machine, and lacks what was sent since, unless its witness tells that nothing was.

// readID returns the id of the ledger.
func readID(ctx context.Context, c *connection) (string, error) {
	v, err := readMeta(ctx, c, metaID)
	if err == nil && asText(v) == "" {
		err = fmt.Errorf("%w: what it is called is missing: restore a backup", engine.ErrDamaged)
	}
	return asText(v), err
}

// readEpoch returns the epoch that the ledger is at.
func readEpoch(ctx context.Context, c *connection) (int64, error) {
	v, err := readMeta(ctx, c, metaEpoch)
	if err == nil && v == nil {
		err = fmt.Errorf("%w: its epoch is missing: restore a backup", engine.ErrDamaged)
	}
	return asInt(v), err
}

// identified reads which ledger it is, and refuses one that is not to be sent from.
func (l *Ledger) identified(c *connection) error {
	var err error
	if l.id, err = readID(context.Background(), c); err != nil {
		return err
	}
	if l.adopting {
		return notMoved(c)
	}
	return l.standing(context.Background(), c, l.id)
}

// Standing says why nothing may be sent from the ledger; see engine.Keeper.
func (l *Ledger) Standing(ctx context.Context) error {
	return l.readers.use(func(c *connection) error {
		id, err := readID(ctx, c)
		if err != nil {
			return err
		}
		return l.standing(ctx, c, id)
	})
}

// standing refuses a ledger that was moved, or has not come as far as its witness says. The witness is read first: a sender beside may
// raise the epoch, and then write the witness, at any moment.
func (l *Ledger) standing(ctx context.Context, c *connection, id string) error {
	if err := notMoved(c); err != nil {
		return err
	}
	seen, err := l.witness.Read(id)
	if err != nil {
		return fmt.Errorf("%w: %w", engine.ErrBehind, err)
	}
	epoch, err := readEpoch(ctx, c)
	if err != nil {
		return err
	}
	made, err := backupOf(ctx, c)
	if err != nil {
		return err
	}
	if !made.IsZero() && epoch >= seen {
		return l.beforeSending(ctx, c, made, epoch == seen)
	}
	if epoch < seen {
		return fmt.Errorf("%w: it is at epoch %d, and its witness %s has seen epoch %d: a backup was put in its place. What was sent since is "+
			"not in it, and would be sent again: put the later file back; `waybill ledger adopt` is the way on where there is none",
			engine.ErrBehind, epoch, l.witness.Path(id), seen)
	}
	return nil
}

// backupOf is when a ledger was made as a backup of another; zero: it was not, or was sent from since.
func backupOf(ctx context.Context, c *connection) (time.Time, error) {
	v, err := readMeta(ctx, c, metaBackup)
	if err != nil || v == nil {
		return time.Time{}, err
	}
	return time.UnixMilli(asInt(v)).UTC(), nil
}

// beforeSending refuses a backup. seen says whether its witness knows of nothing later: then it goes on as it is, unless somebody sent while it
// was made, who may have gone on for as long as an epoch lasts.
func (l *Ledger) beforeSending(ctx context.Context, c *connection, made time.Time, seen bool) error {
	sending, err := readMeta(ctx, c, metaSending)
	if err != nil || seen && asInt(sending) == 0 {
		return err
	}
	return fmt.Errorf("%w: it is a backup of %s. What was sent since is not in it, and would be sent again: name the ledger that it was made of; "+
		"`waybill ledger adopt` is the way on where there is none", engine.ErrBehind, made.Format("2006-01-02 15:04:05 MST"))
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
	l.pulse.Kept()
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
