package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/care"
	"waybill/engine/ledger/internal/group"
)

// Adopt takes a ledger for what it is, where Open refuses it since its database went back in time. No sender may be at work; for one that was
// at work when the copy was made, and may be gone since, it waits as long as a lease lasts. What was under
// way is in doubt then, and so are the deliveries that runs which were not over had planned. An item of such a run's job and scope that the
// ledger does not have is in doubt when it is met next: the request for it may have been made in the time that is lost. That ends when
// a run of that job and scope has met all of them. One that may be sent from is left as it is.
func Adopt(ctx context.Context, url string, o Options) (engine.Adopted, error) {
	l, err := openToAdopt(ctx, url, o)
	if err != nil {
		return engine.Adopted{}, err
	}
	if err := l.Standing(ctx); !errors.Is(err, engine.ErrBehind) {
		return engine.Adopted{Nothing: err == nil}, errors.Join(err, l.Close())
	}
	known, err := l.readWitness()
	if err != nil {
		known = 0 // it cannot be read, and this is the way on
	}
	change := &adopt{witness: known}
	err = l.writeAlone(ctx, change)
	if err == nil {
		err = l.keepWitness(change.found.Epoch)
	}
	if closed := l.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return engine.Adopted{}, fmt.Errorf("adopt the ledger %s: %w", l.name, err)
	}
	return change.found, nil
}

// writeAlone writes a change that needs that nobody sends, and waits for those that may be gone until their leases have ended.
func (l *Ledger) writeAlone(ctx context.Context, c change) error {
	for left := sweeps + 1; ; left-- {
		err := l.write(ctx, c)
		if _, locked := errors.AsType[*engine.LockedError](err); !locked || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(l.lease / sweeps):
		}
	}
}

func openToAdopt(ctx context.Context, url string, o Options) (*Ledger, error) {
	pooled, err := configure(url, o.Insecure)
	if err != nil {
		return nil, err
	}
	l := newLedger(pooled.ConnConfig, o)
	l.adopting = true
	if l.pool, err = pgxpool.NewWithConfig(ctx, pooled); err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", l.name, explain(ofSQL(err)))
	}
	var f facts
	err = l.query(ctx, factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &f) })
	if err == nil {
		err = f.keeps()
	}
	if err == nil {
		err = l.readHead(ctx)
	}
	if err != nil {
		l.pool.Close()
		return nil, fmt.Errorf("open the ledger %s: %w", l.name, explain(err))
	}
	l.queue = group.Start(newWriter(l), intends, l.now)
	return l, nil
}

// deliveryScope is engine.Run.DeliveryScope of a run r.
const deliveryScope = `coalesce(nullif(r.asked::json ->> 'deliveryScope', ''), r.scope)`

type adopt struct {
	witness int64
	found   engine.Adopted
}

func (o *adopt) apply(t *transaction) error {
	o.found = engine.Adopted{}
	who, err := t.living()
	if err != nil {
		return err
	}
	if who != "" {
		return &engine.LockedError{Ledger: t.w.l.name, Holder: who}
	}
	var f facts
	if err := t.query(factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &f) }); err != nil {
		return err
	}
	var h head
	if err := t.query(headSQL, h.read); err != nil {
		return err
	}
	if h.movedTo != "" {
		return h.stays(nil, 0)
	}
	o.found.Lost = int64(h.epoch) < o.witness
	o.found.Epoch, err = t.number(`UPDATE waybill.ledger SET system_identifier = $1, timeline = $2, dbid = $3,
		epoch = greatest(epoch, $4) + 1, adopted_at = clock_timestamp() RETURNING epoch`, f.systemIdentifier, f.timeline, f.dbid, o.witness)
	if err != nil {
		return err
	}
	taken := takeOver{}
	if err := taken.apply(t); err != nil {
		return err
	}
	o.found.InDoubt += int(taken.inDoubt)
	runs := []int64{}
	err = t.query(`SELECT seq, id FROM waybill.run WHERE status IN ('running', 'interrupted', 'stopped') ORDER BY seq`, func(rows pgx.Rows) error {
		var seq num
		var id text
		err := rows.Scan(&seq, &id)
		runs, o.found.Runs = append(runs, int64(seq)), append(o.found.Runs, string(id))
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range runs {
		if err := o.doubt(t, run); err != nil {
			return err
		}
	}
	if !o.found.Lost {
		return nil
	}
	_, err = t.exec(`INSERT INTO waybill.uncertain (job, scope) SELECT DISTINCT job, `+deliveryScope+` FROM waybill.run r
		WHERE mode = $1 OR `+deliveryScope+` <> scope ON CONFLICT DO NOTHING`, string(engine.ModeApply))
	return err
}

// AdoptedAt says when the ledger was adopted last; see engine.Keeper.
func (l *Ledger) AdoptedAt(ctx context.Context) (time.Time, error) {
	var at moment
	err := l.query(ctx, `SELECT (1000 * extract(epoch FROM adopted_at))::int8 FROM waybill.ledger`, func(rows pgx.Rows) error { return rows.Scan(&at) })
	if err != nil {
		return time.Time{}, fmt.Errorf("look when the ledger was adopted: %w", err)
	}
	return time.Time(at), nil
}

// living names the senders that are at work; empty: there are none.
func (t *transaction) living() (string, error) {
	who := ""
	err := t.query(`SELECT p.holder FROM waybill.process p WHERE `+livingSQL+` ORDER BY p.id LIMIT 1`, func(rows pgx.Rows) error {
		var holder text
		err := rows.Scan(&holder)
		who = string(holder)
		return err
	}, t.w.l.lease.Seconds())
	return who, err
}

// doubt puts in doubt what a run had planned, by a request that may have been made in the time that is lost: a status of it still finds
// its delivery. The scopes of its deliveries are uncertain from here on.
func (o *adopt) doubt(t *transaction, run int64) error {
	var planned []delivery.ID
	err := t.query(`SELECT id FROM waybill.delivery WHERE run = $1 AND state = 1 ORDER BY id`, func(rows pgx.Rows) error {
		var id num
		err := rows.Scan(&id)
		planned = append(planned, delivery.ID(id))
		return err
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
		o.found.InDoubt++
	}
	_, err = t.exec(`INSERT INTO waybill.uncertain (job, scope) SELECT job, `+deliveryScope+` FROM waybill.run r
		WHERE seq = $1 ON CONFLICT DO NOTHING`, run)
	return err
}

// uncertainScope is a job and scope whose items may have been sent without the ledger knowing.
type uncertainScope struct{ job, scope string }

// loadUncertain reads them. A ledger is adopted only while nobody sends, so that once for each sender is enough.
func (t *transaction) loadUncertain() (map[uncertainScope]bool, error) {
	found := map[uncertainScope]bool{}
	err := t.query(`SELECT job, scope FROM waybill.uncertain`, func(rows pgx.Rows) error {
		var job, scope text
		err := rows.Scan(&job, &scope)
		found[uncertainScope{string(job), string(scope)}] = true
		return err
	})
	return found, err
}

// doubtNew puts a delivery that was made this moment in doubt, where its scope is uncertain and the user does not allow what is in doubt.
func (t *transaction) doubtNew(id delivery.ID, i *delivery.Intent, _ time.Time) error {
	if !t.w.uncertain[uncertainScope{i.Key.Job, i.Key.Scope}] || i.Allowed.Resend {
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
func (t *transaction) certain(run int64, status engine.RunStatus) error {
	switch status {
	case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
	case engine.RunRunning, engine.RunStopped, engine.RunInterrupted:
		return nil
	}
	_, err := t.exec(`DELETE FROM waybill.uncertain u USING waybill.run r WHERE r.seq = $1 AND u.job = r.job AND u.scope = `+deliveryScope+`
		AND NOT EXISTS (SELECT 1 FROM json_object_keys(r.asked::json) k WHERE k IN (`+care.Narrowing+`))`, run)
	return err
}
