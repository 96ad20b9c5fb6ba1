package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

// LeaseParts takes parts of a stage; see engine.Divider. The lease is that of the process: no row is written to keep it.
func (l *Ledger) LeaseParts(ctx context.Context, run string, asked engine.Leasing) (engine.Lease, error) {
	o := &leaseParts{run: run, asked: asked}
	err := l.write(ctx, o)
	return o.lease, err
}

type leaseParts struct {
	run   string
	asked engine.Leasing
	lease engine.Lease

	open    int           // parts of the stage
	holders map[int]int64 // of the parts of the stage that somebody has, or ended
}

func (o *leaseParts) apply(t *transaction) error {
	o.lease = engine.Lease{}
	if !t.w.lock.held || t.w.lock.ended {
		return t.w.notLocked()
	}
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	own := o.asked.Progress
	own.Stage = o.asked.Stage
	progress, err := json.Marshal(own)
	if err != nil {
		return fmt.Errorf("lease parts of run %q: %w", o.run, err)
	}
	entered, err := t.exec(`UPDATE waybill.run_process SET progress = $3 WHERE run = $1 AND process = $2`, run, t.w.self.id, putText(string(progress)))
	if err == nil && entered > 0 {
		entered, err = t.number(`SELECT count(*) FROM waybill.division WHERE run = $1`, run)
	}
	if err != nil {
		return err
	}
	if entered == 0 {
		return fmt.Errorf("run %q: %w: Enter comes first", o.run, engine.ErrNotFound)
	}
	if err := o.isStopped(t, run); err != nil {
		return err
	}
	if err := o.begin(t, run); err != nil {
		return err
	}
	if err := o.stand(t, run); err != nil {
		return err
	}
	if o.asked.Take && o.open > 0 && o.lease.Status == engine.RunInterrupted {
		if err := o.goOn(t, run); err != nil {
			return err
		}
	}
	if o.asked.Take && (o.lease.Status == engine.RunRunning || o.asked.Rest) {
		if err := o.take(t, run); err != nil {
			return err
		}
	}
	if err := o.parts(t, run); err != nil {
		return err
	}
	return o.others(t, run)
}

// isStopped refuses who counts what is left of a run that was taken up again since.
func (o *leaseParts) isStopped(t *transaction, run int64) error {
	if !o.asked.Rest {
		return nil
	}
	stopped, err := t.isStopped(run)
	if err == nil && !stopped {
		err = fmt.Errorf("run %q as it was stopped: %w: it was taken up again", o.run, engine.ErrNotFound)
	}
	return err
}

// isStopped says whether a run was stopped for all.
func (t *transaction) isStopped(run int64) (bool, error) {
	n, err := t.number(`SELECT count(*) FROM waybill.run r WHERE seq = $1 AND `+stoppedSQL, run)
	return n > 0, err
}

// take takes free parts. What was noted of them when others had them is dropped: it is noted anew.
func (o *leaseParts) take(t *transaction, run int64) error {
	var taken []int64
	// Materialized: else the planner may look for free ones anew for each row that it updates.
	err := t.query(`WITH free AS MATERIALIZED (SELECT part FROM waybill.run_part
		WHERE run = $1 AND stage = $5 AND process IS NULL AND NOT done AND ($3::int8[] IS NULL OR part = ANY($3)) ORDER BY part
		LIMIT greatest(0, $4 - (SELECT count(*) FROM waybill.run_part WHERE run = $1 AND stage = $5 AND process = $2 AND NOT done)) FOR UPDATE SKIP LOCKED)
		UPDATE waybill.run_part SET process = $2 WHERE run = $1 AND stage = $5 AND part IN (SELECT part FROM free) RETURNING part`,
		func(rows pgx.Rows) error {
			var number num
			err := rows.Scan(&number)
			taken = append(taken, int64(number))
			return err
		}, run, t.w.self.id, numbers(o.asked.Only), o.lease.Share, o.asked.Stage)
	if err != nil {
		return err
	}
	return t.dropPartNotes(run, o.asked.Stage, taken)
}

// begin makes the parts of a stage that nobody asked for before. Where a run that was stopped ended is decided: it comes to no other stage
// than the one in which the rest is counted. Who stops it keeps the division, too, so that either sees what the other did.
func (o *leaseParts) begin(t *transaction, run int64) error {
	begun, err := t.number(`SELECT count(*) FROM waybill.run_part WHERE run = $1 AND stage = $2`, run, o.asked.Stage)
	if err != nil || begun > 0 {
		return err
	}
	if err := t.keepDivision(run); err != nil {
		return err
	}
	stopped, err := t.isStopped(run)
	if err != nil || stopped && o.asked.Stage != engine.RestStage {
		return err
	}
	parts := engine.Parts
	if o.asked.Alone {
		parts = 1
	}
	_, err = t.exec(`INSERT INTO waybill.run_part (run, stage, part) SELECT $1, $2, n FROM generate_series(0, $3 - 1) AS n ON CONFLICT DO NOTHING`,
		run, o.asked.Stage, parts)
	return err
}

// parts reads which parts of the stage are open, and what came of them once it is over.
func (o *leaseParts) parts(t *transaction, run int64) error {
	var outcomes []string
	o.holders = map[int]int64{}
	err := t.query(`SELECT part, done, process, outcome FROM waybill.run_part WHERE run = $1 AND stage = $2 ORDER BY part`, func(rows pgx.Rows) error {
		var part, process num // NULL is zero
		var done bool
		var outcome text
		err := rows.Scan(&part, &done, &process, &outcome)
		o.holders[int(part)] = int64(process)
		if done {
			outcomes = append(outcomes, string(outcome))
			return err
		}
		o.lease.Open = append(o.lease.Open, int(part))
		switch int64(process) {
		case t.w.self.id:
			o.lease.Has = append(o.lease.Has, int(part))
		case 0:
		default:
			o.lease.Held = append(o.lease.Held, int(part))
		}
		return err
	}, run, o.asked.Stage)
	if len(o.lease.Open) == 0 {
		o.lease.Outcomes = outcomes
	}
	return err
}

// numbers are parts as the database takes them; nil stays nil, which is NULL.
func numbers(parts []int) []int64 {
	if parts == nil {
		return nil
	}
	all := make([]int64, len(parts))
	for i, part := range parts {
		all[i] = int64(part)
	}
	return all
}

// stand reads how a run stands.
func (o *leaseParts) stand(t *transaction, run int64) error {
	var status, reason text
	var open, living num
	err := t.query(`SELECT CASE WHEN `+leftSQL+` THEN 'interrupted' ELSE r.status END, r.reason, (SELECT count(*) FROM waybill.run_part WHERE run = r.seq AND stage = $3 AND NOT done),
		(SELECT count(*) FROM waybill.run_process o JOIN waybill.process p ON p.id = o.process
			WHERE o.run = r.seq AND NOT o.left_it AND `+livingSQL+`) FROM waybill.run r WHERE r.seq = $2`, func(rows pgx.Rows) error {
		return rows.Scan(&status, &reason, &open, &living)
	}, t.w.l.lease.Seconds(), run, o.asked.Stage)
	if err != nil {
		return err
	}
	o.lease.Status, o.lease.Reason = engine.RunStatus(status), string(reason)
	o.open, living = int(open), max(1, living)
	o.lease.Share = int((open + living - 1) / living)
	if o.asked.Only != nil || o.asked.Rest {
		o.lease.Share = engine.Parts // who is told which are its own takes all of them, as does who counts what nobody has
	}
	return nil
}

// others adds up how far the other processes are with the parts that are theirs.
func (o *leaseParts) others(t *transaction, run int64) error {
	return t.query(`SELECT process, progress FROM waybill.run_process WHERE run = $1 AND process <> $2 AND progress IS NOT NULL`, func(rows pgx.Rows) error {
		var process num
		var kept text
		if err := rows.Scan(&process, &kept); err != nil {
			return err
		}
		var p engine.Progress
		if err := json.Unmarshal([]byte(kept), &p); err != nil {
			return fmt.Errorf("%w: how far a process is with a run cannot be read: %w", engine.ErrDamaged, err)
		}
		if p.Stage == o.asked.Stage { // else it is behind, or left before
			o.lease.Others = o.lease.Others.Add(p.Without(func(part int) bool { return o.holders[part] != int64(process) }))
		}
		return nil
	}, run, t.w.self.id)
}

// FreeParts gives parts up; see engine.Divider.
func (l *Ledger) FreeParts(ctx context.Context, run string, parts []engine.EndedPart) error {
	return l.write(ctx, &freeParts{run, parts})
}

type freeParts struct {
	run   string
	parts []engine.EndedPart
}

func (o *freeParts) apply(t *transaction) error {
	run, err := t.runOf(o.run)
	for _, p := range o.parts {
		if err == nil {
			_, err = t.exec(`UPDATE waybill.run_part SET process = NULL, outcome = coalesce(nullif($5, ''), outcome) WHERE run = $1 AND stage = $2 AND part = $3 AND process = $4 AND NOT done`,
				run, p.Stage, p.Part, t.w.self.id, putText(p.Outcome))
		}
	}
	return err
}

// EndParts says that parts are done with; see engine.Divider.
func (l *Ledger) EndParts(ctx context.Context, run string, parts []engine.EndedPart, so engine.SoFar) (int, error) {
	o := &endParts{run: run, ended: parts, so: so}
	err := l.write(ctx, o)
	return o.left, err
}

type endParts struct {
	run   string
	ended []engine.EndedPart // of one stage
	so    engine.SoFar
	left  int
}

func (o *endParts) apply(t *transaction) error {
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	met, err := t.meet(run, o.so.Met)
	if err != nil {
		return err
	}
	if err := t.keepDivision(run); err != nil {
		return err
	}
	parts, outcomes := make([]int, len(o.ended)), make([]string, len(o.ended))
	for i, p := range o.ended {
		parts[i], outcomes[i] = p.Part, putText(p.Outcome)
	}
	stage, ours := o.ended[0].Stage, map[int]bool{}
	err = t.query(`UPDATE waybill.run_part q SET done = true, outcome = coalesce(nullif(u.outcome, ''), q.outcome)
		FROM unnest($4::int8[], $5::text[]) AS u (part, outcome)
		WHERE q.run = $1 AND q.stage = $2 AND q.process = $3 AND q.part = u.part RETURNING q.part`, func(rows pgx.Rows) error {
		var part num
		err := rows.Scan(&part)
		ours[int(part)] = true
		return err
	}, run, stage, t.w.self.id, numbers(parts), outcomes)
	if err != nil {
		return err
	}
	if len(ours) > 0 {
		if err := t.soFar(run, o.so, met); err != nil {
			return err
		}
	}
	if lost := slices.IndexFunc(parts, func(part int) bool { return !ours[part] }); lost >= 0 {
		return &engine.PartLostError{Run: o.run, Part: parts[lost]}
	}
	left, err := t.number(`SELECT count(*) FROM waybill.run_part WHERE run = $1 AND stage = $2 AND NOT done`, run, stage)
	if o.left = int(left); err == nil && left == 0 && o.so.Last {
		_, err = t.exec(`UPDATE waybill.division SET over = true WHERE run = $1`, run)
	}
	return err
}

// soFar keeps how this process has fared in a run, and what it met.
func (t *transaction) soFar(run int64, so engine.SoFar, met form.Set) error {
	var progress *string
	if so.Progress != nil {
		told, err := json.Marshal(so.Progress)
		if err != nil {
			return fmt.Errorf("keep how a process fared: %w", err)
		}
		progress = textOrNull(string(told))
	}
	_, err := t.exec(`UPDATE waybill.run_process SET status = $3, reason = $4, waits_until = $5, progress = coalesce($6, progress)
		WHERE run = $1 AND process = $2`, run, t.w.self.id, string(so.Status), putText(so.Reason), instant(so.WaitsUntil), progress)
	if err != nil {
		return err
	}
	return t.meetToo(run, met)
}

// keepDivision keeps others from changing how a run stands. Of two that end the last parts at once, one must see that none is left.
func (t *transaction) keepDivision(run int64) error {
	_, err := t.number(`SELECT run FROM waybill.division WHERE run = $1 FOR UPDATE`, run)
	return err
}

// RunParts tells how the parts of a run stand; see engine.Divider.
func (l *Ledger) RunParts(ctx context.Context, run string) ([]engine.RunPart, error) {
	var parts []engine.RunPart
	err := l.query(ctx, `SELECT q.stage, q.part, q.done, p.holder, f.holder,
		CASE WHEN p.ended IS NULL AND NOT q.done THEN (1000 * extract(epoch FROM p.seen + make_interval(secs => $2) - clock_timestamp()))::int8 END FROM waybill.run_part q LEFT JOIN waybill.process p ON p.id = q.process
		LEFT JOIN waybill.process f ON f.id = q.taken
		WHERE q.run = (SELECT seq FROM waybill.run WHERE id = $1) ORDER BY q.stage, q.part`, func(rows pgx.Rows) error {
		var stage, part, free num
		var holder, from text
		var done bool
		err := rows.Scan(&stage, &part, &done, &holder, &from, &free)
		p := engine.RunPart{
			Stage: int(stage), Number: int(part), Holder: string(holder), Done: done, From: string(from),
			FreeIn: max(0, time.Duration(free)*time.Millisecond),
		}
		if p.From != "" {
			p.Why = fmt.Sprintf("it was silent for more than %s", l.lease)
		}
		parts = append(parts, p)
		return err
	}, putText(run), l.lease.Seconds())
	if err != nil {
		return nil, fmt.Errorf("read the parts of run %q: %w", run, err)
	}
	return parts, nil
}

// whole makes a run one that is not divided.
func (t *transaction) whole(run int64) error {
	_, err := t.exec(`DELETE FROM waybill.division WHERE run = $1`, run)
	if err == nil {
		_, err = t.exec(`DELETE FROM waybill.run_part WHERE run = $1`, run)
	}
	if err == nil {
		_, err = t.exec(`UPDATE waybill.run_process SET status = NULL, reason = NULL, waits_until = NULL, progress = NULL WHERE run = $1`, run)
	}
	return err
}

// dropOutcomes forgets what came of the parts of a run that nobody works at any more: it may name people.
func (t *transaction) dropOutcomes(run int64) error {
	_, err := t.exec(`UPDATE waybill.run_part SET outcome = NULL WHERE run = $1 AND outcome IS NOT NULL`, run)
	return err
}
