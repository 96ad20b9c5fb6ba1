package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

var _ engine.Sharing = (*Ledger)(nil)

const (
	// pacedShare is the share of a rate at which places are given. Messages bunch on their way from a process, and more so from several.
	pacedShare = 0.95
	// recoversIn is how many seconds accepted messages take to raise a rate from zero to what is asked for.
	recoversIn = 60
)

// asyncSQL is for what need not be durable, as in waybill.book.
const asyncSQL = `SELECT set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '5s', true)`

// Book takes the next places in the pace of a number; see engine.Pacer.
func (l *Ledger) Book(ctx context.Context, b engine.Booking) (engine.Places, error) {
	if b.Places < 1 || !(b.PerSecond > 0) {
		return engine.Places{}, errors.New("book places: how many, and at which rate, must be above zero")
	}
	var end, rate float64 // in how many seconds the last of the places is, and how many there are a second
	err := l.paced(ctx, func(batch *pgx.Batch) {
		batch.Queue(`SELECT ends_in, its_rate FROM waybill.book($1, $2, $3, $4, $5, $6)`, putText(b.Number), float64(b.Places), b.PerSecond,
			float64(b.Accepted), float64(recoversIn), pacedShare).QueryRow(func(row pgx.Row) error { return row.Scan(&end, &rate) })
	})
	if err != nil {
		return engine.Places{}, fmt.Errorf("book places of number %s: %w", b.Number, err)
	}
	every := time.Duration(float64(time.Second) / (rate * pacedShare))
	wait := time.Duration(end*float64(time.Second)) - time.Duration(b.Places)*every
	if wait > 0 {
		l.queue.Paced(l.now().Add(wait + time.Duration(b.Places)*every))
	}
	return engine.Places{Wait: max(0, wait), Every: every}, nil
}

// Throttled lowers what a number bears; see engine.Pacer.
func (l *Ledger) Throttled(ctx context.Context, number string, perSecond float64, pause time.Duration) error {
	if !(perSecond > 0) {
		return errors.New("lower a rate: it must be above zero")
	}
	err := l.paced(ctx, func(batch *pgx.Batch) {
		batch.Queue(asyncSQL)
		batch.Queue(`INSERT INTO waybill.number (id) VALUES ($1) ON CONFLICT DO NOTHING`, putText(number))
		// More went within the last second than may go within one from now on: until they are as few again there are no places.
		batch.Queue(`WITH was AS MATERIALIZED (SELECT id, least(coalesce(rate, $2), $2) AS rate, halved > clock_timestamp() - interval '1 second' AS lately
				FROM waybill.number WHERE id = $1 FOR UPDATE),
			lower AS (SELECT id, rate AS before, greatest(rate / 2, least(1, $2)) AS rate FROM was WHERE lately IS NOT TRUE)
			UPDATE waybill.number n SET closed = greatest(n.closed, clock_timestamp() + make_interval(secs => $3)),
				rate = coalesce(l.rate, n.rate), halved = CASE WHEN l.id IS NULL THEN n.halved ELSE clock_timestamp() END,
				free_at = greatest(n.free_at, clock_timestamp() + make_interval(secs => 1 - l.rate / l.before))
			FROM was LEFT JOIN lower l USING (id) WHERE n.id = was.id`, putText(number), perSecond, pause.Seconds())
	})
	if err != nil {
		return fmt.Errorf("lower the rate of number %s: %w", number, err)
	}
	return nil
}

// paced runs a batch in a transaction of its own, beside the groups. When its answer was lost it runs once more: places that nobody uses
// are lost, and a rate that was lowered this second is not lowered again.
func (l *Ledger) paced(ctx context.Context, fill func(*pgx.Batch)) error {
	if l.readOnly {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	var before error
	err := l.patiently(ctx, func() (answered bool, err error) {
		b := &pgx.Batch{} // it may be sent once
		b.Queue(isolationSQL)
		fill(b)
		before = reasonOf(ofSQL(l.pool.SendBatch(ctx, b).Close()), before)
		return false, before
	})
	if errors.Is(err, context.DeadlineExceeded) { // the caller's time is over, and why it took so long is what it has to know
		return explain(before)
	}
	return err
}
