package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/care"
)

// TakeTelling says whether this process is to tell how a run ended; see engine.Teller.
func (l *Ledger) TakeTelling(ctx context.Context, run string) (bool, error) {
	o := &takeTelling{run: run}
	if err := l.write(ctx, o); err != nil {
		return false, fmt.Errorf("look who tells how run %q ended: %w", run, err)
	}
	return len(o.runs) > 0, nil
}

// TakeUntold takes the telling of those runs of a job that nobody told; see engine.Teller.
func (l *Ledger) TakeUntold(ctx context.Context, job string) ([]engine.Run, error) {
	open := false       // most often there is none, and nothing is to be written
	err := l.sweep(ctx) // it ends the runs of those that are gone
	if err != nil {
		return nil, fmt.Errorf("look who sends no more: %w", err)
	}
	err = l.query(ctx, `SELECT 1 FROM waybill.run WHERE job = $1 AND tell_at <= $2 LIMIT 1`,
		func(pgx.Rows) error { open = true; return nil }, putText(job), l.now().UnixMilli())
	o := &takeTelling{job: job}
	if err == nil && open {
		err = l.write(ctx, o)
	}
	if err != nil {
		return nil, fmt.Errorf("look which runs of job %q are still to be told of: %w", job, err)
	}
	return o.runs, nil
}

// toldAnew has it told how a run ended, where it ended otherwise before: $2 is its status, $6 from when on anybody is to tell it.
const toldAnew = `tell_at = CASE WHEN status = $2 THEN tell_at ELSE $6 END, telling = telling AND status = $2`

// takeTelling takes the telling of one run, for a process of it; or of all runs of a job that nobody tells of.
type takeTelling struct {
	run, job string
	runs     []engine.Run
}

func (o *takeTelling) apply(t *transaction) error {
	o.runs = nil
	var taken []int64
	err := t.query(`UPDATE waybill.run SET telling = true, tell_at = $4 WHERE tell_at > $5
		AND CASE WHEN $1 <> '' THEN id = $1 AND (NOT telling OR tell_at <= $3) ELSE job = $2 AND tell_at <= $3 END RETURNING seq`, func(rows pgx.Rows) error {
		var run num
		err := rows.Scan(&run)
		taken = append(taken, int64(run))
		return err
	}, putText(o.run), putText(o.job), t.now.UnixMilli(), t.now.Add(care.TellingFor).UnixMilli(), t.now.Add(-care.ToldLate).UnixMilli())
	if err != nil || len(taken) == 0 {
		return err
	}
	return t.query(runColumns+` WHERE r.seq = ANY($1) ORDER BY r.seq`, func(rows pgx.Rows) error {
		run, err := scanRun(rows)
		o.runs = append(o.runs, run)
		return err
	}, taken)
}

// Told says that it was told how a run ended; see engine.Teller.
func (l *Ledger) Told(ctx context.Context, run string) error {
	if err := l.write(ctx, told(run)); err != nil {
		return fmt.Errorf("note that it was told how run %q ended: %w", run, err)
	}
	return nil
}

type told string

func (o told) apply(t *transaction) error {
	_, err := t.exec(`UPDATE waybill.run SET tell_at = NULL, telling = false WHERE id = $1 AND telling`, putText(string(o)))
	return err
}
