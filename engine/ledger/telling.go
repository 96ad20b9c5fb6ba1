package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

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
	open := false // most often there is none, and nothing is to be written
	err := l.readers.query(ctx, `SELECT 1 FROM run WHERE job = ? AND tell_at <= ? LIMIT 1`, func([]driver.Value) error {
		open = true
		return nil
	}, job, l.now().UnixMilli())
	o := &takeTelling{job: job}
	if err == nil && open {
		err = l.write(ctx, o)
	}
	if err != nil {
		return nil, fmt.Errorf("look which runs of job %q are still to be told of: %w", job, err)
	}
	return o.runs, nil
}

// takeTelling takes the telling of one run, for its process; or of all runs of a job that nobody tells of.
type takeTelling struct {
	run, job string
	runs     []engine.Run
}

func (o *takeTelling) apply(t *transaction) error {
	o.runs = nil
	var taken []int64
	err := t.query(context.Background(), `UPDATE run SET telling = 1, tell_at = ?4 WHERE tell_at > ?5
		AND iif(?1 <> '', id = ?1 AND (NOT telling OR tell_at <= ?3), job = ?2 AND tell_at <= ?3) RETURNING seq`, func(v []driver.Value) error {
		taken = append(taken, asInt(v[0]))
		return nil
	}, o.run, o.job, t.now.UnixMilli(), t.now.Add(care.TellingFor).UnixMilli(), t.now.Add(-care.ToldLate).UnixMilli())
	for _, seq := range taken {
		if err == nil {
			err = t.query(context.Background(), runColumns+`WHERE seq = ?`, func(v []driver.Value) error {
				run, err := scanRun(v)
				o.runs = append(o.runs, run)
				return err
			}, seq)
		}
	}
	return err
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
	_, _, err := t.exec(`UPDATE run SET tell_at = NULL, telling = 0 WHERE id = ? AND telling`, string(o))
	return err
}

// tellFrom is from when on anybody is to tell how a run ended, before which its process is; zero: nobody is.
func (t *transaction) tellFrom(r *engine.Run) time.Time {
	if r.TellsFor == 0 {
		return time.Time{}
	}
	return t.now.Add(r.TellsFor)
}
