package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// StartRun writes a run down, or takes it up again; see engine.Ledger.
func (l *Ledger) StartRun(ctx context.Context, r engine.Run) error {
	if r.ID == "" {
		return fmt.Errorf("start a run: its id is empty")
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
	var repairs driver.Value
	if len(r.Repairs) > 0 {
		text, err := json.Marshal(r.Repairs)
		if err != nil {
			return fmt.Errorf("start run %q: %w", r.ID, err)
		}
		repairs = string(text)
	}
	took, _, err := t.exec(`INSERT INTO run (id, job, mode, scope, status, file, digest, inputs, started_at, resumes, reason, asked, started_by, repairs, waits_until)
		VALUES (`+placeholders(15)+`) ON CONFLICT (id) DO UPDATE SET status = excluded.status, finished_at = NULL, reason = '',
		resumes = resumes + 1, digest = excluded.digest, repairs = excluded.repairs, asked = excluded.asked, counts = NULL, ordered = NULL, cancelled = NULL, met = NULL, waits_until = excluded.waits_until, tell_at = NULL, telling = 0
		WHERE excluded.resumes IN (0, resumes + 1)`,
		r.ID, r.Job, string(r.Mode), r.Scope, string(engine.RunRunning), r.File, r.Digest, orNull(string(r.Inputs)),
		r.StartedAt.UnixMilli(), int64(r.Resumes), r.Reason, string(asked), string(by), repairs, instant(r.WaitsUntil))
	if err != nil {
		return err
	}
	if took == 0 {
		return &engine.TakenUpError{Run: r.ID}
	}
	if err := t.keepOutline(r); err != nil {
		return err
	}
	if _, _, err := t.exec(`DELETE FROM unchanged WHERE job = ? AND scope = ? AND digest <> ?`, r.Job, r.DeliveryScope(), r.Unchanged); err != nil {
		return err
	}
	run, err := t.runOf(r.ID)
	if err != nil {
		return err
	}
	return t.dropNotes(run)
}

// FinishRun writes how a run ended; see engine.Ledger. engine.ErrNotFound: it was never started.
func (l *Ledger) FinishRun(ctx context.Context, r engine.Run, met *delivery.IDs) error {
	return l.write(ctx, finishRun{r, met})
}

type finishRun struct {
	run engine.Run
	met *delivery.IDs
}

func (o finishRun) apply(t *transaction) error {
	r := &o.run
	var failures []byte
	if len(r.Errors) > 0 {
		var err error
		if failures, err = json.Marshal(r.Errors); err != nil {
			return fmt.Errorf("finish run %q: %w", r.ID, err)
		}
	}
	run, err := t.runOf(r.ID)
	if err != nil {
		return fmt.Errorf("finish run %q: %w", r.ID, err)
	}
	if since, err := t.number(`SELECT count(*) FROM run WHERE seq = ? AND resumes > ?`, run, int64(r.Resumes)); err != nil || since > 0 {
		return err
	}
	var counts []byte
	if r.Counts != (engine.Counts{}) {
		if counts, err = json.Marshal(r.Counts); err != nil {
			return fmt.Errorf("finish run %q: %w", r.ID, err)
		}
	}
	var met driver.Value
	if o.met.Len() > 0 {
		if met, err = t.meet(run, o.met); err != nil {
			return err
		}
	}
	_, _, err = t.exec(`UPDATE run SET tell_at = iif(status = ?1, tell_at, ?2), telling = telling AND status = ?1, status = ?1, finished_at = ?3, counts = ?4,
		reason = ?5, errors = ?6, met = ?7, waits_until = ?8 WHERE seq = ?9`, string(r.Status), instant(t.tellFrom(r)), instant(r.FinishedAt),
		orNull(string(counts)), r.Reason, orNull(string(failures)), met, instant(r.WaitsUntil), run)
	if err == nil {
		err = t.certain(run, r)
	}
	if err == nil && !r.WaitsUntil.IsZero() {
		err = t.cancelBefore(run)
	}
	if err == nil && r.Unchanged != "" {
		_, _, err = t.exec(`INSERT INTO unchanged (job, scope, digest) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest`,
			r.Job, r.DeliveryScope(), r.Unchanged)
	}
	return err
}

// keepOutline writes down what the job of a run says, once for all runs of the same.
func (t *transaction) keepOutline(r *engine.Run) error {
	if len(r.Outline) == 0 {
		return nil
	}
	parts, err := json.Marshal(r.Outline)
	if err != nil {
		return fmt.Errorf("start run %q: %w", r.ID, err)
	}
	_, _, err = t.exec(`INSERT INTO outline (digest, parts) VALUES (?, ?) ON CONFLICT DO NOTHING`, r.Digest, string(parts))
	return err
}

// Outline returns what a job said; see engine.Reader.
func (l *Ledger) Outline(ctx context.Context, digest string) (parts []engine.PartDigest, err error) {
	err = l.readers.query(ctx, `SELECT parts FROM outline WHERE digest = ?`, func(v []driver.Value) error {
		return json.Unmarshal([]byte(asText(v[0])), &parts)
	}, digest)
	if err != nil {
		return nil, fmt.Errorf("look what a job said: %w", err)
	}
	return parts, nil
}

// Unchanged returns what the last run of a job in a scope found its rows unchanged with; see engine.Reader.
func (l *Ledger) Unchanged(ctx context.Context, job, scope string) (digest string, err error) {
	err = l.readers.use(func(c *connection) error {
		digest, err = c.text(`SELECT digest FROM unchanged WHERE job = ? AND scope = ?`, job, scope)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("look whether rows changed: %w", err)
	}
	return digest, nil
}

const runColumns = `SELECT id, job, mode, scope, status, file, digest, inputs, started_at, finished_at, counts, reason, resumes, asked,
	errors, started_by, repairs, (SELECT group_concat(outcome || ' ' || n) FROM (SELECT outcome, n FROM run_count c WHERE c.run = r.seq
		UNION ALL SELECT outcome, n FROM met_count m WHERE m.met = r.met)), waits_until, cancelled FROM run r `

func scanRun(v []driver.Value) (engine.Run, error) {
	r := engine.Run{
		ID: asText(v[0]), Job: asText(v[1]), Mode: engine.Mode(asText(v[2])), Scope: asText(v[3]), Status: engine.RunStatus(asText(v[4])),
		File: asText(v[5]), Digest: asText(v[6]), StartedAt: asTime(v[8]), FinishedAt: asTime(v[9]),
		Reason: asText(v[11]), Resumes: int(asInt(v[12])), WaitsUntil: asTime(v[18]),
	}
	if v[7] != nil {
		r.Inputs = json.RawMessage(asText(v[7]))
	}
	if v[13] != nil { // resume does what was asked: without it, it would do more
		if err := json.Unmarshal([]byte(asText(v[13])), &r.Asked); err != nil {
			return r, fmt.Errorf("%w: what was asked of run %q cannot be read: restore a backup: %w", engine.ErrDamaged, r.ID, err)
		}
	}
	for column, into := range map[int]any{14: &r.Errors, 15: &r.By, 16: &r.Repairs} {
		_ = json.Unmarshal([]byte(asText(v[column])), into) // for people: better a run without it than none
	}
	if v[19] != nil { // a serve that cannot read it would send what a person cancelled
		r.Cancelled = new(engine.Order)
		if err := json.Unmarshal([]byte(asText(v[19])), r.Cancelled); err != nil {
			return r, fmt.Errorf("%w: who cancelled run %q cannot be read: restore a backup: %w", engine.ErrDamaged, r.ID, err)
		}
	}
	var err error
	r.Counts, err = scanCounts(v[17], v[10])
	r.Told()
	return r, err
}

// scanCounts makes counts of outcomes, "2 17,7 1". When there is none, the run made no delivery and counted its steps.
func scanCounts(outcomes, steps driver.Value) (engine.Counts, error) {
	found := map[delivery.Outcome]int{}
	some := false
	for pair := range strings.SplitSeq(asText(outcomes), ",") {
		var o delivery.Outcome
		var n int
		if _, err := fmt.Sscan(pair, &o, &n); err == nil {
			found[o] += n
			some = some || n != 0
		}
	}
	if some || steps == nil {
		return engine.CountsOf(found), nil
	}
	var c engine.Counts
	if err := json.Unmarshal([]byte(asText(steps)), &c); err != nil {
		return c, fmt.Errorf("%w: what a run counted cannot be read: restore a backup: %w", engine.ErrDamaged, err)
	}
	return c, nil
}

// Run finds a run by its id, an unambiguous beginning of it, or "last"; see engine.Reader. engine.ErrAmbiguous: several
// begin like that, and the message names some.
func (l *Ledger) Run(ctx context.Context, id string) (engine.Run, error) {
	var found []engine.Run
	collect := func(row []driver.Value) error {
		r, err := scanRun(row)
		found = append(found, r)
		return err
	}
	var err error
	if id == form.LastRun {
		err = l.readers.query(ctx, runColumns+`ORDER BY started_at DESC, seq DESC LIMIT 1`, collect)
	} else if id != "" {
		// The exact one sorts first.
		err = l.readers.query(ctx, runColumns+`WHERE substr(id, 1, length(?)) = ? ORDER BY length(id), id LIMIT `+strconv.Itoa(form.MostNamesakes), collect, id, id)
	}
	if err != nil {
		return engine.Run{}, fmt.Errorf("find run %q: %w", id, err)
	}
	return form.OneOf(found, id)
}

// Runs yields runs, newest first.
func (l *Ledger) Runs(ctx context.Context, f engine.RunFilter) iter.Seq2[engine.Run, error] {
	var w where
	w.equal("job", f.Job)
	stored, exactly := form.StoredStatuses(f.Status)
	w.among("status", stored)
	if f.Waiting {
		w.also(`waits_until IS NOT NULL`)
	}
	most := f.Limit
	if !exactly {
		most = 0
	}
	return form.RunsOf(stream(ctx, l.readers, runColumns+w.sql()+` ORDER BY started_at DESC, seq DESC`+w.limit(most), scanRun, w.args), f)
}
