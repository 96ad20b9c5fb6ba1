package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// notesAtOnce is how many notes may wait for the next change; more are written at once.
const notesAtOnce = 512

// notes are rows of runs that became no request, and wait to be written with the next group.
type notes struct {
	mu   sync.Mutex
	rows []engine.Unsent
	runs map[string]bool // those that are in the file
}

// take returns what waits.
func (n *notes) take() []engine.Unsent {
	n.mu.Lock()
	defer n.mu.Unlock()
	rows := n.rows
	n.rows = nil
	return rows
}

// putBack is for a group that was not written.
func (n *notes) putBack(rows []engine.Unsent) {
	if len(rows) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = append(rows, n.rows...)
}

func (n *notes) add(run string, rows []engine.Unsent) (waiting int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range rows {
		r.Run = run
		n.rows = append(n.rows, r)
	}
	return len(n.rows)
}

// Note keeps rows of a run that became no request; see engine.Dispatcher. They wait for the next group, unless many do.
func (l *Ledger) Note(ctx context.Context, run string, rows []engine.Unsent) error {
	for _, r := range rows {
		if !form.MayNote(r.Outcome) {
			return fmt.Errorf("note row %d of run %q: outcome %d is that of a request", r.Row, run, r.Outcome)
		}
	}
	if err := l.mayNote(ctx, run); err != nil {
		return fmt.Errorf("note rows of run %q: %w", run, err)
	}
	if l.notes.add(run, rows) < notesAtOnce {
		return nil
	}
	return l.write(ctx, writeNotes{})
}

// mayNote looks, once, whether there is such a run.
func (l *Ledger) mayNote(ctx context.Context, run string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.writer == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	if l.writer.isStopped() {
		return engine.ErrClosed
	}
	l.notes.mu.Lock()
	known := l.notes.runs[run]
	l.notes.mu.Unlock()
	if known {
		return nil
	}
	err := l.readers.query(ctx, `SELECT 1 FROM run WHERE id = ?`, func([]driver.Value) error {
		known = true
		return nil
	}, run)
	if err == nil && !known {
		err = engine.ErrNotFound
	}
	if err == nil {
		l.notes.mu.Lock()
		defer l.notes.mu.Unlock()
		l.notes.runs[run] = true
	}
	return err
}

// writeNotes is a change of nothing: every group writes what was noted before it.
type writeNotes struct{}

func (writeNotes) apply(*transaction) error { return nil }

// keepNotes writes down rows that became no request. The same row again takes the place of the note before.
func (t *transaction) keepNotes(rows []engine.Unsent) error {
	for i := range rows {
		run, err := t.runOf(rows[i].Run)
		if err != nil {
			return err
		}
		row, err := t.knownRow(run, rows[i])
		if err != nil {
			return err
		}
		u := &row
		if u.Kept() {
			err = t.keepUnsent(run, u)
		} else if err = t.dropUnsent(run, u); err == nil && u.Outcome != 0 {
			t.counts[countKey{ofNotes, run, u.Outcome}] += int64(max(1, u.Count))
			err = t.countLeftOut(run, u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// knownRow is a row as the ledger has it.
func (t *transaction) knownRow(run int64, u engine.Unsent) (engine.Unsent, error) {
	if t.known.Nobody() {
		return u, nil
	}
	job, err := t.text(`SELECT job FROM run WHERE seq = ?`, run)
	return t.known.Unsent(job, u), err
}

func (t *transaction) keepUnsent(run int64, u *engine.Unsent) error {
	at := u.At
	if at.IsZero() {
		at = t.now
	}
	insert := func() (int64, error) {
		changed, _, err := t.exec(`INSERT INTO unsent (run, step, item, line, outcome, file, cell, reason, message, until, at, recipient)
			VALUES (`+placeholders(12)+`) ON CONFLICT DO NOTHING`, run, u.Step, u.Item, int64(u.Row), int64(u.Outcome),
			orNull(form.Cut(u.File, form.LongestName)), orNull(form.Cut(u.Cell, form.LongestText)), orNull(form.Cut(u.Reason, form.LongestText)),
			orNull(form.Cut(u.Message, form.LongestText)), instant(u.Until), at.UnixMilli(), orNull(u.Person))
		return changed, err
	}
	changed, err := insert()
	if err == nil && changed == 0 {
		if err = t.dropUnsent(run, u); err == nil {
			_, err = insert()
		}
	}
	t.counts[countKey{ofNotes, run, u.Outcome}]++
	return err
}

// countLeftOut counts why messages were left out.
func (t *transaction) countLeftOut(run int64, u *engine.Unsent) error {
	if u.Outcome != delivery.OutcomeSkipped {
		return nil
	}
	_, _, err := t.exec(`INSERT INTO run_left_out (run, reason, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n`,
		run, form.Cut(u.Reason, form.LongestText), int64(max(1, u.Count)))
	return err
}

// dropUnsent takes back the note of a row, if there is one.
func (t *transaction) dropUnsent(run int64, u *engine.Unsent) error {
	return t.query(context.Background(), `DELETE FROM unsent WHERE run = ? AND line = ? AND step = ? AND item = ? RETURNING outcome`,
		func(v []driver.Value) error {
			t.counts[countKey{ofNotes, run, delivery.Outcome(asInt(v[0]))}]-- //nolint:gosec // we wrote it
			return nil
		}, run, int64(u.Row), u.Step, u.Item)
}

// dropNotes takes back the notes of a run, but for those of rows that a person cancelled.
func (t *transaction) dropNotes(run int64) error {
	if err := t.writeCounts(); err != nil { // of notes in this very group, too
		return err
	}
	kept := `outcome = ? AND reason = ?`
	cancelled := []driver.Value{int64(delivery.OutcomeSkipped), engine.ReasonCancelled}
	if _, _, err := t.exec(`DELETE FROM unsent WHERE run = ? AND NOT coalesce(`+kept+`, 0)`, append([]driver.Value{run}, cancelled...)...); err != nil {
		return err
	}
	if _, _, err := t.exec(`DELETE FROM run_count WHERE run = ? AND part = ?`, run, int64(ofNotes)); err != nil {
		return err
	}
	if _, _, err := t.exec(`DELETE FROM run_left_out WHERE run = ?`, run); err != nil {
		return err
	}
	left, err := t.number(`SELECT count(*) FROM unsent WHERE run = ?`, run)
	if err == nil {
		t.counts[countKey{ofNotes, run, delivery.OutcomeSkipped}] += left
	}
	return err
}

// cancelWaiting makes the rows of a run that wait skipped ones.
func (t *transaction) cancelWaiting(run int64, o engine.Order) error {
	var u engine.Unsent
	u.Cancel(o)
	changed, _, err := t.exec(`UPDATE unsent SET outcome = ?, reason = ?, message = ?, until = NULL WHERE run = ? AND outcome = ?`,
		int64(u.Outcome), u.Reason, form.Cut(u.Message, form.LongestText), run, int64(delivery.OutcomeWaiting))
	t.counts[countKey{ofNotes, run, delivery.OutcomeWaiting}] -= changed
	t.counts[countKey{ofNotes, run, u.Outcome}] += changed
	if err != nil {
		return err
	}
	_, _, err = t.exec(`UPDATE run SET waits_until = NULL, reason = ? WHERE seq = ? AND status != ? AND waits_until IS NOT NULL`,
		o.Said(), run, string(engine.RunRunning))
	return err
}

// cancelBefore cancels what waits where a person ordered that before the run ended, and it was not told.
func (t *transaction) cancelBefore(run int64) error {
	text, err := t.text(`SELECT cancelled FROM run WHERE seq = ? AND cancelled IS NOT NULL`, run)
	if err != nil || text == "" {
		return err
	}
	var o engine.Order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("%w: %w", engine.ErrDamaged, err)
	}
	return t.cancelWaiting(run, o)
}

// Unsent yields the rows of runs that are kept, in the order of their rows; see engine.Reader.
func (l *Ledger) Unsent(ctx context.Context, f engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	var w where
	if f.Run != "" {
		w.also(`u.run = (SELECT seq FROM run WHERE id = ?)`, f.Run)
	}
	if f.Outcome != 0 {
		w.also(`u.outcome = ?`, int64(f.Outcome))
	}
	return stream(ctx, l.readers, `SELECT r.id, u.step, u.item, u.line, u.outcome, u.file, u.cell, u.reason, u.message, u.at, u.until, u.recipient
		FROM unsent u JOIN run r ON r.seq = u.run`+w.sql()+` ORDER BY u.run, u.line, u.step, u.item`+w.limit(f.Limit),
		func(v []driver.Value) (engine.Unsent, error) {
			return engine.Unsent{
				Run: asText(v[0]), Step: asText(v[1]), Item: asText(v[2]), Row: int(asInt(v[3])),
				Outcome: delivery.Outcome(asInt(v[4])), //nolint:gosec // we wrote it
				File:    asText(v[5]), Cell: asText(v[6]), Reason: asText(v[7]), Message: asText(v[8]), At: asTime(v[9]),
				Until: asTime(v[10]), Person: asText(v[11]),
			}, nil
		}, w.args)
}

// LeftOut says why a run left messages out; see engine.Reader.
func (l *Ledger) LeftOut(ctx context.Context, run string) (map[string]int, error) {
	reasons := map[string]int{}
	err := l.readers.query(ctx, `SELECT reason, sum(n) FROM (SELECT reason, n FROM run_left_out WHERE run = (SELECT seq FROM run WHERE id = ?1)
		UNION ALL SELECT coalesce(reason, ''), 1 FROM unsent WHERE run = (SELECT seq FROM run WHERE id = ?1) AND outcome = ?2) GROUP BY reason`,
		func(v []driver.Value) error {
			reasons[asText(v[0])] += int(asInt(v[1]))
			return nil
		}, run, int64(delivery.OutcomeSkipped))
	return reasons, err
}
