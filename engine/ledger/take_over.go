package ledger

import (
	"context"
	"database/sql/driver"
	"log/slog"

	"waybill/engine"
	"waybill/engine/delivery"
)

// begin takes over from the sender before: checks the file if that one was killed, and puts in doubt what it left.
func (l *Ledger) begin(ctx context.Context) error {
	killed := false
	err := l.readers.use(func(c *connection) error {
		v, err := readMeta(ctx, c, metaSending)
		if err != nil {
			return err
		}
		killed = asInt(v) != 0
		if !killed {
			return nil
		}
		return quickCheck(ctx, c, l.path)
	})
	if err != nil {
		return err
	}
	o := &takeOver{killed: killed, adopting: l.adopting}
	if err := l.write(ctx, o); err != nil {
		return err
	}
	if err := l.keepWitness(o.epoch); err != nil {
		return err
	}
	if o.inDoubt > 0 {
		l.log.Info("took over from a sender that was interrupted", slog.Int64("in_doubt", o.inDoubt))
	}
	return nil
}

// takeOver begins the time of a new sender. After one that was killed, all deliveries are read to find what it left under way;
// an index of them would cost more, since every delivery passes through it. One statement does to all of them what
// delivery.Record.TakeOver does to one.
type takeOver struct {
	killed   bool
	adopting bool // it stays a backup until it is adopted
	inDoubt  int64
	epoch    int64
}

func (o *takeOver) apply(t *transaction) error {
	o.inDoubt = 0
	if o.killed {
		err := t.query(context.Background(),
			`UPDATE delivery SET state = iif(state = 2, 3, state), result_flags = result_flags & ~4, room = NULL
			WHERE state = 2 OR result_flags & 4 RETURNING state, run`, func(v []driver.Value) error {
				if delivery.State(asInt(v[0])) == delivery.InDoubt { //nolint:gosec // we wrote it
					o.inDoubt++
					t.count(asInt(v[1]), delivery.OutcomeUnderWay, -1)
					t.count(asInt(v[1]), delivery.OutcomeInDoubt, 1)
				}
				return nil
			})
		if err != nil {
			return err
		}
		// A run that only reads holds no lock and may still be under way: it writes its own end then.
		_, _, err = t.exec(`UPDATE run SET status = ?, reason = 'its process was killed' WHERE status = ?`,
			string(engine.RunInterrupted), string(engine.RunRunning))
		if err != nil {
			return err
		}
	}
	t.lock = lockState{held: true}
	t.day.forget() // others may have sent meanwhile
	clear(t.granted)
	var err error
	if o.epoch, err = t.raiseEpoch(); err != nil {
		return err
	}
	if err := t.loadUncertain(); err != nil {
		return err
	}
	if !o.adopting {
		if err := noBackup(t.connection); err != nil {
			return err
		}
	}
	return putMeta(t.connection, metaSending, int64(1))
}

// handOver ends it in order. Requests that were allowed and not settled make it no better than a killed one.
type handOver struct{}

func (handOver) apply(t *transaction) error {
	left := int64(0)
	if t.lock.underWay > 0 {
		left = 1
	}
	t.lock = lockState{}
	return putMeta(t.connection, metaSending, left)
}
