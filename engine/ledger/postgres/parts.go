package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

// Join makes this process one of those that work at a run; see engine.Divider.
func (l *Ledger) Join(ctx context.Context, run, rows string) error {
	return l.write(ctx, join{run, rows})
}

type join struct{ run, rows string }

func (o join) apply(t *transaction) error {
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	if err := t.join(run); err != nil {
		return err
	}
	made, err := t.exec(`INSERT INTO waybill.division (run, rows) VALUES ($1, $2) ON CONFLICT DO NOTHING`, run, putText(o.rows))
	if err != nil {
		return err
	}
	if made > 0 {
		_, err = t.exec(`INSERT INTO waybill.run_part (run, part) SELECT $1, n FROM generate_series(0, $2 - 1) AS n`, run, engine.Parts)
		return err
	}
	var theirs text
	err = t.query(`SELECT rows FROM waybill.division WHERE run = $1`, func(rows pgx.Rows) error { return rows.Scan(&theirs) }, run)
	if err == nil && string(theirs) != o.rows {
		err = &engine.OtherRowsError{Run: o.run, Theirs: string(theirs), Yours: o.rows}
	}
	return err
}

// LeaseParts takes parts of a run; see engine.Divider. The lease is that of the process: no row is written to keep it.
func (l *Ledger) LeaseParts(ctx context.Context, run string, of engine.Shard) ([]int, error) {
	o := &leaseParts{run: run, shard: of}
	err := l.write(ctx, o)
	return o.has, err
}

type leaseParts struct {
	run   string
	shard engine.Shard
	has   []int
}

func (o *leaseParts) apply(t *transaction) error {
	o.has = nil
	if !t.w.lock.held || t.w.lock.ended {
		return t.w.notLocked()
	}
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	if err := t.join(run); err != nil {
		return err
	}
	found, err := t.number(`SELECT count(*) FROM waybill.division WHERE run = $1`, run)
	if err != nil {
		return err
	}
	if found == 0 {
		return fmt.Errorf("run %q: %w: Join comes first", o.run, engine.ErrNotFound)
	}
	living, err := t.number(`SELECT count(*) FROM waybill.run_process o JOIN waybill.process p ON p.id = o.process
		WHERE o.run = $2 AND `+livingSQL, t.w.l.lease.Seconds(), run)
	if err != nil {
		return err
	}
	shard := o.shard
	if shard.Of < 1 {
		shard = engine.Shard{Of: 1}
	}
	share := (engine.Parts + max(1, living) - 1) / max(1, living)
	if shard.Of > 1 {
		share = engine.Parts // who is told which are its own takes all of them
	}
	_, err = t.exec(`UPDATE waybill.run_part SET process = $2 WHERE run = $1 AND part IN (SELECT part FROM waybill.run_part
		WHERE run = $1 AND process IS NULL AND NOT done AND part % $3 = $4 ORDER BY part
		LIMIT greatest(0, $5 - (SELECT count(*) FROM waybill.run_part WHERE run = $1 AND process = $2 AND NOT done)) FOR UPDATE SKIP LOCKED)`,
		run, t.w.self.id, shard.Of, shard.Index, share)
	if err != nil {
		return err
	}
	return t.query(`SELECT part FROM waybill.run_part WHERE run = $1 AND process = $2 AND NOT done ORDER BY part`, func(rows pgx.Rows) error {
		var part num
		err := rows.Scan(&part)
		o.has = append(o.has, int(part))
		return err
	}, run, t.w.self.id)
}

// EndPart says that a part is done with; see engine.Divider.
func (l *Ledger) EndPart(ctx context.Context, run string, part int) (int, error) {
	o := &endPart{run: run, part: part}
	err := l.write(ctx, o)
	return o.left, err
}

type endPart struct {
	run  string
	part int
	left int
}

func (o *endPart) apply(t *transaction) error {
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	// One at a time: of two that end the last parts at once, one must see that none is left.
	if _, err := t.number(`SELECT run FROM waybill.division WHERE run = $1 FOR UPDATE`, run); err != nil {
		return err
	}
	changed, err := t.exec(`UPDATE waybill.run_part SET done = true WHERE run = $1 AND part = $2 AND process = $3`, run, o.part, t.w.self.id)
	if err != nil {
		return err
	}
	if changed == 0 {
		return &engine.PartLostError{Run: o.run, Part: o.part}
	}
	left, err := t.number(`SELECT count(*) FROM waybill.run_part WHERE run = $1 AND NOT done`, run)
	o.left = int(left)
	return err
}

// RunParts tells how the parts of a run stand; see engine.Divider.
func (l *Ledger) RunParts(ctx context.Context, run string) ([]engine.RunPart, error) {
	var parts []engine.RunPart
	err := l.query(ctx, `SELECT q.part, q.done, p.holder FROM waybill.run_part q LEFT JOIN waybill.process p ON p.id = q.process
		WHERE q.run = (SELECT seq FROM waybill.run WHERE id = $1) ORDER BY q.part`, func(rows pgx.Rows) error {
		var part num
		var holder text
		var done bool
		err := rows.Scan(&part, &done, &holder)
		parts = append(parts, engine.RunPart{Number: int(part), Holder: string(holder), Done: done})
		return err
	}, putText(run))
	if err != nil {
		return nil, fmt.Errorf("read the parts of run %q: %w", run, err)
	}
	return parts, nil
}

// freeParts lets others have the parts of runs that a process had.
func (t *transaction) freeParts(process int64) error {
	_, err := t.exec(`UPDATE waybill.run_part SET process = NULL WHERE process = $1 AND NOT done`, process)
	return err
}

// whole makes a run one that is not divided.
func (t *transaction) whole(run int64) error {
	_, err := t.exec(`DELETE FROM waybill.division WHERE run = $1`, run)
	if err == nil {
		_, err = t.exec(`DELETE FROM waybill.run_part WHERE run = $1`, run)
	}
	return err
}
