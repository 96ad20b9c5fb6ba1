package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waybill/engine"
)

// A database can go back in time: a backup is restored, a snapshot is booted on a second server, a standby takes over that had not
// received all. What was sent in the time that is lost would be sent again. Four things tell:
//
//   - its identity: cluster, timeline and number of the database. A restored dump, a copy of the database and a promoted standby have another;
//   - the witness, a file beside the sender: a copy of the whole cluster has the same identity, and fewer epochs than a sender has seen.
//     They rise when a sender begins, every ten seconds while something is written, and when a process that wrote ends;
//   - the counter of groups, with each group: a standby that takes over in the middle of a run lacks the last ones; see waybill.begin_group. Who finds
//     that says so in the database, to the others;
//   - the id of the ledger: it is another one altogether.

// validateWrites leaves out the hosts of a URL that take no changes.
func validateWrites(ctx context.Context, c *pgconn.PgConn) error {
	return pgconn.ValidateConnectTargetSessionAttrsReadWrite(ctx, c)
}

// head is what a ledger says of itself.
type head struct {
	id, systemIdentifier, timeline, movedTo text
	dbid, epoch                             num
}

const headSQL = `SELECT id, system_identifier, timeline, dbid, epoch, moved_to FROM waybill.ledger`

func (h *head) read(rows pgx.Rows) error {
	return rows.Scan(&h.id, &h.systemIdentifier, &h.timeline, &h.dbid, &h.epoch, &h.movedTo)
}

// lostTimeline stands in the place of its timeline in a ledger of which a process found that it lost something. No timeline is called so.
const lostTimeline = "lost"

// adoptHint is the way on for a database that went back in time.
const adoptHint = "what was sent since may be missing, and would be sent again. Stop all that sends from it; `waybill ledger adopt` is the way on"

// stays refuses a database that is not the one that the ledger was written in, or not in the time that it was.
func (h *head) stays(f *facts, witness int64) error {
	switch {
	case h.movedTo != "":
		return fmt.Errorf("%w to %s, and is read here alone: name that one in --state", engine.ErrMoved, h.movedTo)
	case string(h.systemIdentifier) != f.systemIdentifier:
		return fmt.Errorf("%w: it is in another cluster than it was written in, as a restored backup is: %s", engine.ErrBehind, adoptHint)
	case int64(h.dbid) != f.dbid:
		return fmt.Errorf("%w: it is in another database than it was written in, as a copy or a restored dump is: %s", engine.ErrBehind, adoptHint)
	case string(h.timeline) == lostTimeline:
		return fmt.Errorf("%w: a process found that it lacks what it had written: %s", engine.ErrBehind, adoptHint)
	case string(h.timeline) != f.timeline:
		return fmt.Errorf("%w: its timeline was %s and is %s: a standby took over, or a backup was restored: %s",
			engine.ErrBehind, h.timeline, f.timeline, adoptHint)
	case int64(h.epoch) < witness:
		return fmt.Errorf("%w: it is at epoch %d, and a sender here has seen epoch %d: a backup or a snapshot was put in its place: %s",
			engine.ErrBehind, h.epoch, witness, adoptHint)
	}
	return nil
}

// sameDatabase looks whether a connection leads to the ledger that was opened, in the database that it was written in.
func (l *Ledger) sameDatabase(c *connection, f *facts) error {
	witness, err := l.readWitness() // before the epoch, which may rise at any moment
	if err != nil && !l.adopting {
		return err
	}
	var h head
	if err := c.query(headSQL, h.read); err != nil {
		return err
	}
	if l.id != "" && string(h.id) != l.id {
		return fmt.Errorf("%w: another ledger is there now", engine.ErrBehind)
	}
	if l.adopting {
		return nil
	}
	return h.stays(f, witness)
}

// Standing says why nothing may be sent from the ledger; see engine.Keeper.
func (l *Ledger) Standing(ctx context.Context) error {
	seen, err := l.readWitness()
	if err != nil {
		return err
	}
	var f facts
	var h head
	if err = l.query(ctx, factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &f) }); err == nil {
		err = l.query(ctx, headSQL, h.read)
	}
	if err != nil {
		return fmt.Errorf("look whether the ledger may be sent from: %w", explain(err))
	}
	if f.replica { // which does not know its timeline
		f.timeline = string(h.timeline)
	}
	return h.stays(&f, seen)
}

// raise is a change that begins a further epoch, of a ledger that is not behind the one that was seen from here.
type raise struct{ seen, epoch int64 }

func (o *raise) apply(t *transaction) (err error) {
	o.epoch, err = t.number(`UPDATE waybill.ledger SET epoch = epoch + 1 WHERE epoch >= $1 RETURNING epoch`, o.seen)
	if err == nil && o.epoch == 0 {
		err = fmt.Errorf("%w: it is not at epoch %d any more: %s", engine.ErrBehind, o.seen, adoptHint)
	}
	return err
}

// keepEpoch begins an epoch and writes down that it was seen. Where the ledger went from its database, what was written since the last is lost
// with it, and what is put there later is behind.
func (l *Ledger) keepEpoch() error {
	seen, err := l.readWitness()
	if err != nil {
		return err
	}
	o := &raise{seen: seen}
	err = l.write(context.Background(), o)
	switch code := codeOf(err); {
	case code == codeNoTable || code == codeNoSchema:
		return errors.Join(err, l.foresee())
	case err != nil:
		return err
	}
	return l.keepWitness(o.epoch)
}

// foresee has a database that lost what this process wrote behind its witness, for whoever opens it next: its identity may tell nothing.
func (l *Ledger) foresee() error {
	seen, err := l.readWitness()
	if err != nil {
		return err
	}
	return l.keepWitness(seen + 1)
}

// readWitness returns the latest epoch that was seen from here; 0: none was.
func (l *Ledger) readWitness() (int64, error) {
	epoch, err := l.witness.Read(l.id)
	if err != nil {
		err = fmt.Errorf("%w: %w", engine.ErrBehind, err)
	}
	return epoch, err
}

// Witness returns the file that keeps how far the ledger had come, and the latest epoch that it has seen; 0: it is not there. Without a place
// for one the file is empty.
func (l *Ledger) Witness() (file string, seen int64, err error) {
	seen, err = l.readWitness()
	return l.witness.Path(l.id), seen, err
}

// keepWitness writes down that an epoch was seen, durably. Where there is no lasting folder there is no witness, and it says so; one that
// the user named has to be kept.
func (l *Ledger) keepWitness(epoch int64) error {
	l.pulse.Kept()
	err := l.witness.Keep(l.id, epoch, l.now())
	switch {
	case err == nil:
		return nil
	case l.witness.Named():
		return fmt.Errorf("keep the witness: %w", err)
	}
	l.log.Warn("no witness is kept: a database that is put back to an earlier time may not be recognised",
		slog.String("file", l.witness.Path(l.id)), errorAttr(err))
	return nil
}
