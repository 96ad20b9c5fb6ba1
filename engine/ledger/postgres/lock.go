package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	// leaseFor is how long a sender may be silent before others take over what it has under way. It is by the clock of the database.
	leaseFor = 15 * time.Second
	// renewals and sweeps are how often in its lease a sender says that it lives, and looks for those that do not.
	renewals, sweeps = 7, 5
)

// sender is the right to send, as long as this process has it.
type sender struct {
	mu   sync.Mutex
	id   int64 // its row; 0: not held
	stop context.CancelFunc
	work sync.WaitGroup // what it does beside sending, until stop
	held atomic.Bool    // id is not 0, for those who do not wait for mu
}

// Lock makes this process one of the senders of the ledger; see engine.Dispatcher. There may be many. What a sender that is gone left
// under way is in doubt from here on: of one that ended, and of one that was silent for longer than its lease. Only who has the lock
// already gets a *engine.LockedError.
func (l *Ledger) Lock(ctx context.Context, holder string) (func() error, error) {
	if l.queue == nil {
		return nil, fmt.Errorf("lock the ledger %s: %w: it was opened for reading", l.name, engine.ErrReadOnly)
	}
	o := &lock{holder: holderOf(holder, l.now())}
	if err := l.write(ctx, o); err != nil {
		return nil, fmt.Errorf("lock the ledger %s: %w", l.name, err)
	}
	if err := l.keepWitness(o.epoch); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the ledger %s: %w", l.name, err), l.write(context.WithoutCancel(ctx), handOver{o.id}))
	}
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	lease, stop := context.WithCancel(context.Background())
	l.sender.id, l.sender.stop = o.id, stop
	l.sender.held.Store(true)
	l.sender.work.Go(func() { l.keepLease(lease, o.id) })
	l.sender.work.Go(func() { l.keepRoom(lease) })
	return func() error { return l.sender.leaveAs(l, o.id) }, nil
}

// leave gives up the lock, if it is held.
func (s *sender) leave(l *Ledger) error {
	s.mu.Lock()
	id := s.id
	s.mu.Unlock()
	return s.leaveAs(l, id)
}

// leaveAs gives up the lock with that row. Once it is given up, it does nothing.
func (s *sender) leaveAs(l *Ledger, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == 0 || s.id != id {
		return nil
	}
	s.stop()
	s.work.Wait()
	s.id = 0
	s.held.Store(false)
	return l.write(context.Background(), handOver{id})
}

// keepLease says that this process lives, and takes over from those that do not.
func (l *Ledger) keepLease(ctx context.Context, id int64) {
	renew, look := time.NewTicker(l.lease/renewals), time.NewTicker(l.lease/sweeps)
	defer renew.Stop()
	defer look.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			err = l.renew(ctx, id)
		case <-look.C:
			err = l.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.log.Debug("the lease was not renewed", errorAttr(err))
		}
	}
}

// renew need not be durable: what is lost of it only ends the lease sooner.
func (l *Ledger) renew(ctx context.Context, id int64) error {
	b := &pgx.Batch{}
	b.Queue(isolationSQL)
	b.Queue(`SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '2s', true)`)
	b.Queue(`UPDATE waybill.process SET seen = clock_timestamp() WHERE id = $1 AND ended IS NULL`, id)
	return l.pool.SendBatch(ctx, b).Close()
}

// sweep takes over from the senders that are gone, if there are any.
func (l *Ledger) sweep(ctx context.Context) error {
	closer, err := l.lookAtOthers(ctx)
	if err != nil || !closer {
		return err
	}
	return l.write(ctx, &sweep{})
}

// sweep takes over beside the work of a sender. One whose connection is new does not, for as long as a lease: the others may be on their way
// to the same database, and where that is another one than before, or was put back, who lost something by it says so first.
type sweep struct{ takeOver }

func (o *sweep) apply(t *transaction) error {
	if !t.w.tookUp.IsZero() && t.now.Sub(t.w.tookUp).Abs() < t.w.l.lease {
		return nil
	}
	return o.takeOver.apply(t)
}

// goneSQL says of a process that it sends no more, and that what it left was not taken over. $1 is the lease, in seconds.
const goneSQL = `sending AND NOT swept AND (ended IS NOT NULL OR seen < clock_timestamp() - make_interval(secs => $1))`

// livingSQL says of a process p that it may send.
const livingSQL = `p.sending AND p.ended IS NULL AND p.seen >= clock_timestamp() - make_interval(secs => $1)`

// Holder says who sends from the ledger right now: all of them; see engine.Keeper.
func (l *Ledger) Holder(ctx context.Context) (string, error) {
	var who []string
	err := l.query(ctx, `SELECT p.holder FROM waybill.process p WHERE `+livingSQL+` ORDER BY p.id`, func(rows pgx.Rows) error {
		var holder text
		err := rows.Scan(&holder)
		who = append(who, string(holder))
		return err
	}, l.lease.Seconds())
	if err != nil {
		return "", fmt.Errorf("look who sends: %w", err)
	}
	return strings.Join(who, "; "), nil
}

// lock makes this process a sender, by a row of its own: requests that were allowed to it before are another's.
type lock struct {
	holder string

	takeOver
	id, epoch int64
}

func (o *lock) apply(t *transaction) error {
	if t.w.lock.held || t.locked {
		return &engine.LockedError{Ledger: t.w.l.name, Holder: "this process"}
	}
	if err := o.takeOver.apply(t); err != nil {
		return err
	}
	uncertain, err := t.loadUncertain()
	if err != nil {
		return err
	}
	if o.epoch, err = t.number(`UPDATE waybill.ledger SET epoch = epoch + 1 RETURNING epoch`); err != nil {
		return err
	}
	if o.id, err = t.number(`INSERT INTO waybill.process (holder, sending) VALUES ($1, true) RETURNING id`, putText(o.holder)); err != nil {
		return err
	}
	// The runs that it started before are its runs.
	_, err = t.exec(`INSERT INTO waybill.run_process (process, run) SELECT $1, p.run FROM waybill.run_process p
		JOIN waybill.run r ON r.seq = p.run WHERE p.process = $2 AND r.status = 'running'`, o.id, t.w.self.id)
	if err != nil {
		return err
	}
	t.locked = true
	t.after = append(t.after, func() {
		t.w.self, t.w.lock = self{id: o.id}, lockState{held: true}
		t.w.uncertain = uncertain
		clear(t.w.granted)
		clear(t.w.joined)
	})
	return nil
}

// handOver ends a sender in order. Requests that were allowed and not settled make it no better than a killed one.
type handOver struct{ id int64 }

func (o handOver) apply(t *transaction) error {
	if t.w.self.id != o.id {
		return nil
	}
	_, err := t.exec(`UPDATE waybill.process SET ended = coalesce(ended, clock_timestamp()), swept = swept OR $2 WHERE id = $1`,
		o.id, len(t.w.granted) == 0)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE waybill.run_part SET process = NULL WHERE process = $1 AND NOT done`, o.id)
	if err != nil {
		return err
	}
	t.after = append(t.after, func() { t.w.lock = lockState{} })
	return nil
}

// takeOver ends the senders that are gone, and puts in doubt what they had under way: never is anything sendable for it. Their rows are
// locked meanwhile, so that what they wrote before is seen, and what they try after is refused; see waybill.begin_group.
type takeOver struct{ inDoubt int64 }

func (o *takeOver) apply(t *transaction) error {
	o.inDoubt = 0
	var gone []int64
	err := t.query(`SELECT id FROM waybill.process WHERE `+goneSQL+` AND id <> $2 ORDER BY id FOR UPDATE SKIP LOCKED`, func(rows pgx.Rows) error {
		var id num
		err := rows.Scan(&id)
		gone = append(gone, int64(id))
		return err
	}, t.w.l.lease.Seconds(), t.w.self.id)
	for _, id := range gone {
		if err == nil {
			err = o.from(t, id)
		}
	}
	if err == nil && o.inDoubt > 0 {
		n := o.inDoubt
		t.after = append(t.after, func() { t.w.l.log.Info("took over from a sender that is gone", slog.Int64("in_doubt", n)) })
	}
	return err
}

// from takes over from one. One statement does to all of its deliveries what delivery.Record.TakeOver does to one.
func (o *takeOver) from(t *transaction, id int64) error {
	err := t.query(`UPDATE waybill.delivery SET state = CASE WHEN state = 2 THEN 3 ELSE state END, held = held OR state = 2, result_flags = result_flags & ~4
		WHERE run IN (SELECT run FROM waybill.run_process WHERE process = $1) AND owner = $1 AND (state = 2 OR result_flags & 4 <> 0)
		RETURNING state, run`, func(rows pgx.Rows) error {
		var state, run num
		err := rows.Scan(&state, &run)
		if delivery.State(state) == delivery.InDoubt { //nolint:gosec // we wrote it
			o.inDoubt++
			t.count(int64(run), delivery.OutcomeUnderWay, -1)
			t.count(int64(run), delivery.OutcomeInDoubt, 1)
		}
		return err
	}, id)
	if err != nil {
		return err
	}
	if err = o.runsOf(t, id); err == nil {
		_, err = t.exec(`UPDATE waybill.run_part SET process = NULL, taken = $1 WHERE process = $1 AND NOT done`, id)
	}
	if err == nil {
		_, err = t.exec(`UPDATE waybill.process SET ended = coalesce(ended, clock_timestamp()), swept = true WHERE id = $1`, id)
	}
	return err
}

// runsOf ends the runs at which the process worked and nobody else does: as interrupted or, where nothing of it was left to do, as it went. A
// run that only reads has no sender and may still be under way; one that others work at goes on.
func (o *takeOver) runsOf(t *transaction, id int64) error {
	done := map[int64]string{} // what is there to end, with the ids
	err := t.query(`SELECT r.seq, r.id, EXISTS (SELECT 1 FROM waybill.division d WHERE d.run = r.seq AND d.over) FROM waybill.run r WHERE r.status = $2
		AND r.seq IN (SELECT run FROM waybill.run_process WHERE process = $3) AND NOT EXISTS (SELECT 1 FROM waybill.run_process o
			JOIN waybill.process p ON p.id = o.process WHERE o.run = r.seq AND o.process <> $3 AND NOT o.left_it AND `+livingSQL+`) ORDER BY r.seq FOR UPDATE OF r`,
		func(rows pgx.Rows) error {
			var run num
			var name text
			var over bool
			err := rows.Scan(&run, &name, &over)
			if !over {
				name = ""
			}
			done[int64(run)] = string(name)
			return err
		}, t.w.l.lease.Seconds(), string(engine.RunRunning), id)
	for _, run := range slices.Sorted(maps.Keys(done)) {
		switch {
		case err != nil:
		case done[run] != "":
			err = t.endOver(run, done[run])
		default:
			_, err = t.exec(`UPDATE waybill.run SET status = $2, reason = 'its process was killed' WHERE seq = $1`, run, string(engine.RunInterrupted))
		}
	}
	return err
}
