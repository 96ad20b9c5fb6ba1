package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// StartRun writes a run down, or takes it up again; see engine.Dispatcher.
func (l *Ledger) StartRun(ctx context.Context, r engine.Run) error {
	if r.ID == "" {
		return errors.New("start a run: its id is empty")
	}
	return l.write(ctx, startRun{r})
}

type startRun struct{ run engine.Run }

func (o startRun) apply(t *transaction) error {
	r := &o.run
	asked, err := json.Marshal(r.Asked)
	if err != nil {
		return fmt.Errorf("start run %q: %w", r.ID, err)
	}
	by, err := json.Marshal(r.By)
	if err != nil {
		return fmt.Errorf("start run %q: %w", r.ID, err)
	}
	var repairs []byte
	if len(r.Repairs) > 0 {
		if repairs, err = json.Marshal(r.Repairs); err != nil {
			return fmt.Errorf("start run %q: %w", r.ID, err)
		}
	}
	took, err := t.exec(`INSERT INTO waybill.run AS r (id, job, mode, scope, status, file, digest, inputs, started_at, resumes, reason, asked, started_by, repairs, waits_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO UPDATE SET status = excluded.status,
		finished_at = NULL, reason = '', resumes = r.resumes + 1, digest = excluded.digest, repairs = excluded.repairs, asked = excluded.asked, counts = NULL, ordered = NULL, cancelled = NULL, met = NULL, waits_until = excluded.waits_until, tell_at = NULL, telling = false
		WHERE excluded.resumes IN (0, r.resumes + 1)`,
		putText(r.ID), putText(r.Job), string(r.Mode), putText(r.Scope), string(engine.RunRunning), putText(r.File), putText(r.Digest),
		textOrNull(string(r.Inputs)), r.StartedAt.UnixMilli(), r.Resumes, putText(r.Reason), putText(string(asked)), putText(string(by)),
		textOrNull(string(repairs)), instant(r.WaitsUntil))
	if err != nil {
		return err
	}
	if took == 0 {
		return &engine.TakenUpError{Run: r.ID}
	}
	if err := t.keepOutline(r); err != nil {
		return err
	}
	_, err = t.exec(`DELETE FROM waybill.unchanged WHERE job = $1 AND scope = $2 AND digest <> $3`, putText(r.Job), putText(r.DeliveryScope()),
		putText(r.Unchanged))
	if err != nil {
		return err
	}
	run, err := t.runOf(r.ID)
	if err != nil {
		return err
	}
	if err := t.join(run); err != nil {
		return err
	}
	if err := t.whole(run); err != nil {
		return err
	}
	return t.dropNotes(run)
}

// FinishRun writes how a run ended; see engine.Dispatcher. engine.ErrNotFound: it was never started.
func (l *Ledger) FinishRun(ctx context.Context, r engine.Run, met *delivery.IDs) error {
	return l.write(ctx, finishRun{r, met})
}

type finishRun struct {
	run engine.Run
	met *delivery.IDs
}

func (o finishRun) apply(t *transaction) error {
	r := &o.run
	var failures, counts []byte
	var err error
	if len(r.Errors) > 0 {
		if failures, err = json.Marshal(r.Errors); err != nil {
			return fmt.Errorf("finish run %q: %w", r.ID, err)
		}
	}
	run, err := t.runOf(r.ID)
	if err != nil {
		if isSQL(err) {
			return err
		}
		return fmt.Errorf("finish run %q: %w", r.ID, err)
	}
	// Who takes it up meanwhile waits, or is seen.
	if resumes, err := t.number(`SELECT resumes FROM waybill.run WHERE seq = $1 FOR UPDATE`, run); err != nil || int(resumes) > r.Resumes {
		return err
	}
	if r.Counts != (engine.Counts{}) {
		if counts, err = json.Marshal(r.Counts); err != nil {
			return fmt.Errorf("finish run %q: %w", r.ID, err)
		}
	}
	left, err := t.meet(run, o.met)
	if err != nil {
		return err
	}
	divided, err := t.number(`SELECT count(*) FROM waybill.division WHERE run = $1`, run)
	if err != nil {
		return err
	}
	if divided > 0 {
		return t.finishShare(run, r, left, failures)
	}
	met, err := t.keepMet(metSet{}, left)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE waybill.run SET status = $2, finished_at = $3, reason = $4, waits_until = $5, `+toldAnew+`, counts = $7, errors = $8, met = $9
		WHERE seq = $1`, run, string(r.Status), instant(r.FinishedAt), putText(r.Reason), instant(r.WaitsUntil), instant(t.tellFrom(r)),
		textOrNull(string(counts)), textOrNull(string(failures)), met)
	if err == nil && !r.WaitsUntil.IsZero() {
		err = t.cancelBefore(run)
	}
	if err == nil {
		err = t.keepUnchanged(r)
	}
	if err == nil {
		err = t.dropRowsOf(r.ID, r.Status)
	}
	if err != nil {
		return err
	}
	return t.certain(run, r.Status)
}

// keepUnchanged keeps what a run found its rows unchanged with, if it did.
func (t *transaction) keepUnchanged(r *engine.Run) error {
	if r.Unchanged == "" {
		return nil
	}
	_, err := t.exec(`INSERT INTO waybill.unchanged (job, scope, digest) VALUES ($1, $2, $3)
		ON CONFLICT (job, scope) DO UPDATE SET digest = excluded.digest`, putText(r.Job), putText(r.DeliveryScope()), putText(r.Unchanged))
	return err
}

const runColumns = `SELECT r.id, r.job, r.mode, r.scope, r.status, r.file, r.digest, r.inputs, r.started_at, r.finished_at, r.counts, r.reason,
	r.resumes, r.asked, r.errors, r.started_by, r.repairs, (SELECT string_agg(outcome || ' ' || n, ',') FROM
		(SELECT outcome, n FROM waybill.run_count c WHERE c.run = r.seq
		UNION ALL SELECT outcome, n FROM waybill.met_count m WHERE m.met = r.met) o), r.waits_until, r.cancelled FROM waybill.run r`

func scanRun(rows pgx.Rows) (engine.Run, error) {
	var (
		id, job, mode, scope, status, file, digest, inputs, steps, reason, asked, failures, by, repairs, outcomes, cancelled text
		started, finished, waits                                                                                             moment
		resumes                                                                                                              num
	)
	err := rows.Scan(&id, &job, &mode, &scope, &status, &file, &digest, &inputs, &started, &finished, &steps, &reason, &resumes, &asked,
		&failures, &by, &repairs, &outcomes, &waits, &cancelled)
	if err != nil {
		return engine.Run{}, err
	}
	r := engine.Run{
		ID: string(id), Job: string(job), Mode: engine.Mode(mode), Scope: string(scope), Status: engine.RunStatus(status),
		File: string(file), Digest: string(digest), StartedAt: time.Time(started), FinishedAt: time.Time(finished),
		Reason: string(reason), Resumes: int(resumes), WaitsUntil: time.Time(waits),
	}
	if inputs != "" {
		r.Inputs = json.RawMessage(inputs)
	}
	if asked != "" { // resume does what was asked: without it, it would do more
		if err := json.Unmarshal([]byte(asked), &r.Asked); err != nil {
			return r, fmt.Errorf("%w: what was asked of run %q cannot be read: restore a backup: %w", engine.ErrDamaged, r.ID, err)
		}
	}
	_ = json.Unmarshal([]byte(failures), &r.Errors) // for people: better a run without it than none
	_ = json.Unmarshal([]byte(by), &r.By)
	_ = json.Unmarshal([]byte(repairs), &r.Repairs)
	if cancelled != "" { // a serve that cannot read it would send what a person cancelled
		r.Cancelled = new(engine.Order)
		if err := json.Unmarshal([]byte(cancelled), r.Cancelled); err != nil {
			return r, fmt.Errorf("%w: who cancelled run %q cannot be read: restore a backup: %w", engine.ErrDamaged, r.ID, err)
		}
	}
	r.Counts, err = scanCounts(string(outcomes), string(steps))
	r.Told()
	return r, err
}

// scanCounts makes counts of outcomes, "2 17,7 1". When there is none, the run made no delivery and counted its steps.
func scanCounts(outcomes, steps string) (engine.Counts, error) {
	found := map[delivery.Outcome]int{}
	for pair := range strings.SplitSeq(outcomes, ",") {
		var o delivery.Outcome
		var n int
		if _, err := fmt.Sscan(pair, &o, &n); err == nil {
			found[o] += n
		}
	}
	some := false
	for _, n := range found {
		some = some || n != 0
	}
	if some || steps == "" {
		return engine.CountsOf(found), nil
	}
	var c engine.Counts
	if err := json.Unmarshal([]byte(steps), &c); err != nil {
		return c, fmt.Errorf("%w: what a run counted cannot be read: restore a backup: %w", engine.ErrDamaged, err)
	}
	return c, nil
}

// Run finds a run by its id, an unambiguous beginning of it, or "last"; see engine.Reader. engine.ErrAmbiguous: several
// begin like that, and the message names some.
func (l *Ledger) Run(ctx context.Context, id string) (engine.Run, error) {
	var found []engine.Run
	collect := func(rows pgx.Rows) error {
		r, err := scanRun(rows)
		found = append(found, r)
		return err
	}
	var err error
	if id == form.LastRun {
		err = l.query(ctx, runColumns+` ORDER BY r.started_at DESC, r.seq DESC LIMIT 1`, collect)
	} else if id != "" {
		// The exact one sorts first.
		err = l.query(ctx, runColumns+` WHERE left(r.id, length($1)) = $1 ORDER BY length(r.id), r.id LIMIT `+strconv.Itoa(form.MostNamesakes), collect, putText(id))
	}
	if err != nil {
		return engine.Run{}, fmt.Errorf("find run %q: %w", id, err)
	}
	return form.OneOf(found, id)
}

// Runs yields runs, newest first.
func (l *Ledger) Runs(ctx context.Context, f engine.RunFilter) iter.Seq2[engine.Run, error] {
	var w where
	w.equal("r.job", f.Job)
	stored, exactly := form.StoredStatuses(f.Status)
	w.among("r.status", stored)
	if f.Waiting {
		w.also(`r.waits_until IS NOT NULL`)
	}
	most := f.Limit
	if !exactly {
		most = 0
	}
	return form.RunsOf(stream(ctx, l, runColumns+w.sql()+` ORDER BY r.started_at DESC, r.seq DESC`+limit(most), scanRun, w.args), f)
}

// KeepRollout writes down how far a rollout has come; see engine.Dispatcher.
func (l *Ledger) KeepRollout(ctx context.Context, k delivery.Key, s engine.RolloutState) error {
	return l.write(ctx, &keepRollout{k, s})
}

type keepRollout struct {
	key   delivery.Key
	state engine.RolloutState
}

func (o *keepRollout) apply(t *transaction) error {
	step, err := t.stepOf(o.key)
	if err != nil {
		return err
	}
	state, err := json.Marshal(o.state)
	if err != nil {
		return fmt.Errorf("keep the rollout of %s: %w", o.key.Step, err)
	}
	_, err = t.exec(`INSERT INTO waybill.rollout (step, state) VALUES ($1, $2) ON CONFLICT (step) DO UPDATE SET state = excluded.state`,
		step, putText(string(state)))
	return err
}

// Rollout returns how far a rollout has come; see engine.Reader.
func (l *Ledger) Rollout(ctx context.Context, k delivery.Key) (*engine.RolloutState, error) {
	var state *engine.RolloutState
	err := l.query(ctx, `SELECT r.state FROM waybill.rollout r JOIN waybill.step s ON s.seq = r.step
		WHERE s.job = $1 AND s.scope = $2 AND s.path = $3`, func(rows pgx.Rows) error {
		var kept text
		if err := rows.Scan(&kept); err != nil {
			return err
		}
		state = &engine.RolloutState{}
		return json.Unmarshal([]byte(kept), state)
	}, putText(k.Job), putText(k.Scope), putText(k.Step))
	return state, err
}
