package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

const (
	// tellingFor is how long who took it to tell how a run ended has for that, before others may take it.
	tellingFor = time.Minute
	// toldLate is for how long it is told how a run ended. Later it would be no news.
	toldLate = 7 * 24 * time.Hour
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
	err = l.query(ctx, `SELECT 1 FROM waybill.division d JOIN waybill.run r ON r.seq = d.run WHERE r.job = $1 AND d.tell_at <= $2 LIMIT 1`,
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

// takeTelling takes the telling of one run, for a process of it; or of all runs of a job that nobody tells of.
type takeTelling struct {
	run, job string
	runs     []engine.Run
}

func (o *takeTelling) apply(t *transaction) error {
	o.runs = nil
	var taken []int64
	err := t.query(`UPDATE waybill.division d SET telling = true, tell_at = $4 FROM waybill.run r WHERE r.seq = d.run AND d.tell_at > $5
		AND CASE WHEN $1 <> '' THEN r.id = $1 AND d.tell_at IS NOT NULL AND (NOT d.telling OR d.tell_at <= $3) ELSE r.job = $2 AND d.tell_at <= $3 END
		RETURNING d.run`, func(rows pgx.Rows) error {
		var run num
		err := rows.Scan(&run)
		taken = append(taken, int64(run))
		return err
	}, putText(o.run), putText(o.job), t.now.UnixMilli(), t.now.Add(tellingFor).UnixMilli(), t.now.Add(-toldLate).UnixMilli())
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
	_, err := t.exec(`UPDATE waybill.division d SET tell_at = NULL, telling = false FROM waybill.run r WHERE r.seq = d.run AND r.id = $1 AND d.telling`,
		putText(string(o)))
	return err
}

// tellFrom has it told how a divided run ended: by one of its processes, and from an instant on by anybody.
func (t *transaction) tellFrom(run int64, at time.Time) error {
	_, err := t.exec(`UPDATE waybill.division SET tell_at = $2, telling = false WHERE run = $1`, run, at.UnixMilli())
	return err
}
