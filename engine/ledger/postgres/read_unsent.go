package postgres

import (
	"context"
	"iter"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Unsent yields the rows of runs that are kept, in the order of their rows; see engine.Reader.
func (l *Ledger) Unsent(ctx context.Context, f engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	var w where
	if f.Run != "" {
		w.also(`u.run = (SELECT seq FROM waybill.run WHERE id = ?)`, putText(f.Run))
	}
	if f.Outcome != 0 {
		w.also(`u.outcome = ?`, int64(f.Outcome))
	}
	return stream(ctx, l, `SELECT r.id, u.step, u.item, u.line, u.outcome, u.file, u.cell, u.reason, u.message, u.at, u.until, u.recipient
		FROM waybill.unsent u JOIN waybill.run r ON r.seq = u.run`+w.sql()+` ORDER BY u.run, u.line, u.step, u.item`+limit(f.Limit),
		func(rows pgx.Rows) (engine.Unsent, error) {
			var run, step, item, file, cell, reason, message, person text
			var line, outcome num
			var at, until moment
			err := rows.Scan(&run, &step, &item, &line, &outcome, &file, &cell, &reason, &message, &at, &until, &person)
			return engine.Unsent{
				Run: string(run), Step: string(step), Item: string(item), Row: int(line),
				Outcome: delivery.Outcome(outcome), //nolint:gosec // we wrote it
				File:    string(file), Cell: string(cell), Reason: string(reason), Message: string(message), At: at.time(), Until: until.time(),
				Person: string(person),
			}, err
		}, w.args)
}

// LeftOut says why a run left messages out; see engine.Reader.
func (l *Ledger) LeftOut(ctx context.Context, run string) (map[string]int, error) {
	reasons := map[string]int{}
	err := l.query(ctx, `WITH r AS (SELECT seq FROM waybill.run WHERE id = $1)
		SELECT reason, sum(n)::int8 FROM (SELECT o.reason, o.n FROM waybill.run_left_out o JOIN r ON o.run = r.seq
			UNION ALL SELECT coalesce(u.reason, ''), 1 FROM waybill.unsent u JOIN r ON u.run = r.seq WHERE u.outcome = $2) t GROUP BY reason`,
		func(rows pgx.Rows) error {
			var reason text
			var n num
			err := rows.Scan(&reason, &n)
			reasons[string(reason)] += int(n)
			return err
		}, putText(run), int64(delivery.OutcomeSkipped))
	return reasons, err
}
