package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/care"
)

// Adopt takes a ledger for what it is, where Open refuses it since its file was put back to an earlier time. No sender may be at work. What
// was under way is in doubt then, and so is what runs that were not over had planned. An item of such a run's job and scope that the ledger
// does not have is in doubt when it is met next: the request for it may have been made in the time that is lost. That ends when a run of
// that job and scope has met all of them. A ledger behind its witness, and a backup, lacks whole runs: so it is with all jobs that it knows. One that may be
// sent from is left as it is.
func Adopt(ctx context.Context, path string, o Options) (found engine.Adopted, err error) {
	l, err := openAs(path, o, true)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Standing(ctx); !errors.Is(err, engine.ErrBehind) {
		return engine.Adopted{Nothing: err == nil}, err
	}
	backup := false
	err = l.readers.use(func(c *connection) error {
		made, err := backupOf(ctx, c)
		backup = !made.IsZero()
		return err
	})
	if err != nil {
		return found, err
	}
	release, err := l.Lock(ctx, "waybill ledger adopt")
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, release()) }()
	seen, err := l.witness.Read(l.id)
	if err != nil {
		seen = 0 // it cannot be read, and this is the way on
	}
	change := &adopt{witness: seen, backup: backup}
	if err := l.write(ctx, change); err != nil {
		return found, fmt.Errorf("adopt the ledger %s: %w", path, err)
	}
	return change.found, l.keepWitness(change.found.Epoch)
}

type adopt struct {
	witness int64
	backup  bool // the ledger is one, and says so
	found   engine.Adopted
}

func (o *adopt) apply(t *transaction) error {
	o.found = engine.Adopted{}
	if !t.lock.held {
		return engine.ErrNotLocked
	}
	before, err := t.number(`SELECT value FROM meta WHERE name = ?`, metaEpoch)
	if err != nil {
		return err
	}
	o.found.Lost = o.backup || before <= o.witness // the lock has raised it
	o.found.Epoch = max(before, o.witness) + 1
	err = putMeta(t.connection, metaEpoch, o.found.Epoch)
	if err == nil {
		err = putMeta(t.connection, metaAdopted, t.now.UnixMilli())
	}
	if err != nil {
		return err
	}
	if err := noBackup(t.connection); err != nil {
		return err
	}
	// What was under way when the copy was made: it may say that its sender ended in order.
	if err := (&takeOver{killed: true}).apply(t); err != nil {
		return err
	}
	var runs []int64
	err = t.query(context.Background(), `SELECT seq, id FROM run WHERE status IN ('running', 'interrupted', 'stopped') ORDER BY seq`,
		func(v []driver.Value) error {
			runs, o.found.Runs = append(runs, asInt(v[0])), append(o.found.Runs, asText(v[1]))
			return nil
		})
	for _, run := range runs {
		if err == nil {
			err = o.doubt(t, run)
		}
	}
	if err == nil && o.found.Lost {
		_, _, err = t.exec(`INSERT INTO uncertain (job, scope) SELECT DISTINCT job, `+deliveryScope+` FROM run r
			WHERE mode = ? OR `+deliveryScope+` <> scope ON CONFLICT DO NOTHING`, string(engine.ModeApply))
	}
	if err == nil {
		err = t.query(context.Background(), `SELECT count(*) FROM delivery WHERE state = ? AND run IN (SELECT seq FROM run
			WHERE status IN ('running', 'interrupted', 'stopped'))`, func(v []driver.Value) error {
			o.found.InDoubt = int(asInt(v[0]))
			return nil
		}, int64(delivery.InDoubt))
	}
	return err
}

// AdoptedAt says when the ledger was adopted last; see engine.Keeper.
func (l *Ledger) AdoptedAt(ctx context.Context) (at time.Time, err error) {
	err = l.readers.use(func(c *connection) error {
		v, err := readMeta(ctx, c, metaAdopted)
		at = asTime(v)
		return err
	})
	if err != nil {
		return at, fmt.Errorf("look when the ledger was adopted: %w", err)
	}
	return at, nil
}

// noBackup has a ledger say no more that it is a backup: it is sent from.
func noBackup(c *connection) error {
	_, _, err := c.exec(`DELETE FROM meta WHERE name = ?`, metaBackup)
	return err
}

// doubt puts in doubt what a run had planned, by a request that may have been made in the time that is lost: a status of it still finds
// its delivery. The scopes of its deliveries are uncertain from here on.
func (o *adopt) doubt(t *transaction, run int64) error {
	var planned []delivery.ID
	err := t.query(context.Background(), `SELECT id FROM delivery WHERE run = ? AND state = 1 ORDER BY id`, func(v []driver.Value) error {
		planned = append(planned, delivery.ID(asInt(v[0])))
		return nil
	}, run)
	if err != nil {
		return err
	}
	for _, id := range planned {
		l, err := t.byID(id)
		if err != nil || l == nil {
			return err
		}
		last := l.Attempts[len(l.Attempts)-1]
		if err := l.Intend(delivery.Intent{Key: l.Key, Run: last.Run, Recipient: l.Recipient, Digest: l.Digest, Row: l.Row}, t.now); err != nil {
			continue // it is decided by now
		}
		l.TakeOver()
		if err := t.save(l); err != nil {
			return err
		}
	}
	_, _, err = t.exec(`INSERT INTO uncertain (job, scope) SELECT job, `+deliveryScope+` FROM run r WHERE seq = ? ON CONFLICT DO NOTHING`, run)
	return err
}

// deliveryScope is engine.Run.DeliveryScope of a run r.
const deliveryScope = `coalesce(nullif(r.asked ->> 'deliveryScope', ''), r.scope)`

// uncertainScope is a job and scope whose items may have been sent without the ledger knowing.
type uncertainScope struct{ job, scope string }

// loadUncertain reads them. A ledger is adopted only while nobody sends, so that once for each sender is enough.
func (t *transaction) loadUncertain() error {
	found := map[uncertainScope]bool{}
	err := t.query(context.Background(), `SELECT job, scope FROM uncertain`, func(v []driver.Value) error {
		found[uncertainScope{asText(v[0]), asText(v[1])}] = true
		return nil
	})
	t.uncertain = found
	return err
}

// doubtNew puts a delivery that was made this moment in doubt, where its scope is uncertain and the user does not allow what is in doubt.
func (t *transaction) doubtNew(id delivery.ID, i *delivery.Intent) error {
	if len(t.uncertain) == 0 || !t.uncertain[uncertainScope{i.Key.Job, i.Key.Scope}] || i.Allowed.Resend {
		return nil
	}
	l, err := t.byID(id)
	if err != nil || l == nil {
		return err
	}
	l.TakeOver()
	if err := t.save(l); err != nil {
		return err
	}
	return &delivery.DecidedError{Delivery: l.Delivery()}
}

// certain ends the uncertainty of a scope: a run of it ended that met all items.
func (t *transaction) certain(run int64, ended *engine.Run) error {
	switch ended.Status {
	case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
	case engine.RunRunning, engine.RunStopped, engine.RunInterrupted:
		return nil
	}
	_, _, err := t.exec(`DELETE FROM uncertain WHERE EXISTS (SELECT 1 FROM run r WHERE r.seq = ? AND r.job = uncertain.job
		AND `+deliveryScope+` = uncertain.scope AND NOT EXISTS (SELECT 1 FROM json_each(r.asked) WHERE key IN (`+care.Narrowing+`)))`, run)
	return err
}
