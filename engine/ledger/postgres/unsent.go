package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// notesAtOnce is how many notes may wait for the next change; more are written at once.
const notesAtOnce = 512

// note is a row of a run that became no request.
type note struct {
	engine.Unsent

	part part // ofNotes, or that of the part of the run whose it is
}

// notes wait to be written with the next group.
type notes struct {
	mu   sync.Mutex
	rows []note
	runs map[string]bool // those that are in the database
}

func (n *notes) waiting() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.rows) > 0
}

// take returns what waits.
func (n *notes) take() []note {
	n.mu.Lock()
	defer n.mu.Unlock()
	rows := n.rows
	n.rows = nil
	return rows
}

// putBack is for a group that was not written.
func (n *notes) putBack(rows []note) {
	if len(rows) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = append(rows, n.rows...)
}

func (n *notes) add(run string, of part, rows []engine.Unsent) (waiting int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range rows {
		r.Run = run
		n.rows = append(n.rows, note{r, of})
	}
	return len(n.rows)
}

// Note keeps rows of a run that became no request; see engine.Dispatcher. They wait for the next group, unless many do.
func (l *Ledger) Note(ctx context.Context, run string, rows []engine.Unsent) error {
	return l.note(ctx, run, ofNotes, rows)
}

// NotePart keeps rows of a part of a run that became no request; see engine.Divider. They wait as those of Note do.
func (l *Ledger) NotePart(ctx context.Context, run string, stage, number int, rows []engine.Unsent) error {
	return l.note(ctx, run, notesOf(stage, number), rows)
}

func (l *Ledger) note(ctx context.Context, run string, of part, rows []engine.Unsent) error {
	for _, r := range rows {
		if !form.MayNote(r.Outcome) {
			return fmt.Errorf("note row %d of run %q: outcome %d is that of a request", r.Row, run, r.Outcome)
		}
	}
	if err := l.mayNote(ctx, run); err != nil {
		return fmt.Errorf("note rows of run %q: %w", run, err)
	}
	if l.notes.add(run, of, rows) < notesAtOnce {
		return nil
	}
	return l.write(ctx, writeNotes{})
}

// mayNote looks, once, whether there is such a run.
func (l *Ledger) mayNote(ctx context.Context, run string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.queue == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	if l.queue.Stopped() {
		return engine.ErrClosed
	}
	l.notes.mu.Lock()
	known := l.notes.runs[run]
	l.notes.mu.Unlock()
	if known {
		return nil
	}
	err := l.query(ctx, `SELECT 1 FROM waybill.run WHERE id = $1`, func(pgx.Rows) error {
		known = true
		return nil
	}, putText(run))
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

// noteKey is the row that a note is of.
type noteKey struct {
	run        int64
	line       int
	step, item string
}

// knownRow is a row as the ledger has it.
func (t *transaction) knownRow(run int64, u engine.Unsent) (engine.Unsent, error) {
	if t.known.Nobody() {
		return u, nil
	}
	var job text
	err := t.query(`SELECT job FROM waybill.run WHERE seq = $1`, func(rows pgx.Rows) error { return rows.Scan(&job) }, run)
	return t.known.Unsent(string(job), u), err
}

// keepNotes writes down rows that became no request, many in one statement. The same row again takes the place of the note before. Of parts
// that another process has, nothing is kept.
func (t *transaction) keepNotes(rows []note) error {
	rows, err := t.ownNotes(rows)
	if err != nil {
		return err
	}
	kept := map[noteKey]*note{} // nil: no note of it is kept
	left := leftOut{}
	var order []noteKey
	for i := range rows {
		run, err := t.runOf(rows[i].Run)
		if err != nil {
			return err
		}
		u := &rows[i]
		if u.Unsent, err = t.knownRow(run, u.Unsent); err != nil {
			return err
		}
		k := noteKey{run, u.Row, u.Step, u.Item}
		before, again := kept[k]
		if !again {
			order = append(order, k)
		}
		if before != nil {
			t.counts[countKey{before.part, run, before.Outcome}]--
		}
		switch {
		case u.Kept():
			kept[k] = u
			t.counts[countKey{u.part, run, u.Outcome}]++
		case u.Outcome == 0: // the note before is taken back
			kept[k] = nil
		default:
			kept[k] = nil
			t.counts[countKey{u.part, run, u.Outcome}] += int64(max(1, u.Count))
			left.count(run, u)
		}
	}
	if len(order) == 0 {
		return nil
	}
	if err := t.addLeftOut(left); err != nil {
		return err
	}
	if err := t.dropUnsent(order); err != nil {
		return err
	}
	return t.insertUnsent(order, kept)
}

// dropUnsent takes back the notes of rows, where there are any.
func (t *transaction) dropUnsent(keys []noteKey) error {
	n := len(keys)
	runs, lines, steps, items := make([]int64, n), make([]int64, n), make([]string, n), make([]string, n)
	for i, k := range keys {
		runs[i], lines[i], steps[i], items[i] = k.run, int64(k.line), putText(k.step), putText(k.item)
	}
	return t.query(`DELETE FROM waybill.unsent u USING unnest($1::int8[], $2::int8[], $3::text[], $4::text[]) AS k (run, line, step, item)
		WHERE u.run = k.run AND u.line = k.line AND u.step = k.step AND u.item = k.item RETURNING u.run, u.part, u.outcome`, func(rows pgx.Rows) error {
		var run, of, outcome num
		err := rows.Scan(&run, &of, &outcome)
		t.counts[countKey{part(of), int64(run), delivery.Outcome(outcome)}]-- //nolint:gosec // we wrote it
		return err
	}, runs, lines, steps, items)
}

func (t *transaction) insertUnsent(order []noteKey, kept map[noteKey]*note) error {
	var runs, lines, outcomes, at, parts []int64
	var until []*int64
	var steps, items []string
	var files, cells, reasons, messages, people []*string
	for _, k := range order {
		u := kept[k]
		if u == nil {
			continue
		}
		noted := u.At
		if noted.IsZero() {
			noted = t.now
		}
		runs, lines, outcomes, at = append(runs, k.run), append(lines, int64(u.Row)), append(outcomes, int64(u.Outcome)), append(at, noted.UnixMilli())
		steps, items, parts = append(steps, putText(u.Step)), append(items, putText(u.Item)), append(parts, int64(u.part))
		files, cells = append(files, textOrNull(form.Cut(u.File, form.LongestName))), append(cells, textOrNull(form.Cut(u.Cell, form.LongestText)))
		reasons = append(reasons, textOrNull(form.Cut(u.Reason, form.LongestText)))
		until = append(until, instant(u.Until))
		messages, people = append(messages, textOrNull(form.Cut(u.Message, form.LongestText))), append(people, textOrNull(u.Person))
	}
	if len(runs) == 0 {
		return nil
	}
	_, err := t.exec(`INSERT INTO waybill.unsent (run, line, step, item, outcome, file, cell, reason, message, at, until, part, recipient)
		SELECT * FROM unnest($1::int4[], $2::int4[], $3::text[], $4::text[], $5::int2[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int8[], $11::int8[], $12::int4[], $13::text[])`,
		runs, lines, steps, items, outcomes, files, cells, reasons, messages, at, until, parts, people)
	return err
}

// ownNotes leaves out those of parts that another process has.
func (t *transaction) ownNotes(rows []note) ([]note, error) {
	has := map[int64]map[part]bool{} // by run
	var own []note
	for _, n := range rows {
		if n.part < ofPartNotes {
			own = append(own, n)
			continue
		}
		run, err := t.runOf(n.Run)
		if err == nil && has[run] == nil {
			has[run], err = t.partsHad(run)
		}
		if err != nil {
			return nil, err
		}
		if has[run][n.part] {
			own = append(own, n)
		}
	}
	return own, nil
}

// partsHad are the parts of a run that this process has, or ended.
func (t *transaction) partsHad(run int64) (map[part]bool, error) {
	has := map[part]bool{}
	err := t.query(`SELECT stage, part FROM waybill.run_part WHERE run = $1 AND process = $2`, func(rows pgx.Rows) error {
		var stage, number num
		err := rows.Scan(&stage, &number)
		has[notesOf(int(stage), int(number))] = true
		return err
	}, run, t.w.self.id)
	return has, err
}

// dropNotes takes back the notes of a run, but for those of rows that a person cancelled.
func (t *transaction) dropNotes(run int64) error {
	if err := t.dropNotesBetween(run, ofNotes, math.MaxInt32); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE waybill.unsent SET part = $2 WHERE run = $1 AND part <> $2`, run, int64(ofNotes)) // its parts go, too
	if err != nil {
		return err
	}
	return t.countCancelled(run, ofNotes)
}

// dropPartNotes takes back the notes of parts that this process took, which others had before, but for those of rows that a person cancelled.
func (t *transaction) dropPartNotes(run int64, stage int, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	taken := make([]int64, len(numbers))
	for i, n := range numbers {
		taken[i] = int64(notesOf(stage, int(n)))
	}
	var noted []part
	err := t.query(`SELECT DISTINCT part FROM waybill.run_count WHERE run = $1 AND part = ANY($2::int8[]) ORDER BY part`, func(rows pgx.Rows) error {
		var of num
		err := rows.Scan(&of)
		noted = append(noted, part(of))
		return err
	}, run, taken)
	for _, of := range noted {
		if err == nil {
			err = t.dropNotesBetween(run, of, of)
		}
		if err == nil {
			err = t.countCancelled(run, of)
		}
	}
	return err
}

// dropNotesBetween takes back the notes of some parts, with their counts; the rows that a person cancelled stay and are not counted.
func (t *transaction) dropNotesBetween(run int64, first, last part) error {
	if err := t.writeCounts(); err != nil { // of notes in this very group, too
		return err
	}
	_, err := t.exec(`DELETE FROM waybill.unsent WHERE run = $1 AND part BETWEEN $4 AND $5 AND (outcome <> $2 OR reason IS DISTINCT FROM $3)`, run,
		int64(delivery.OutcomeSkipped), engine.ReasonCancelled, int64(first), int64(last))
	for _, table := range []string{"run_count", "run_left_out"} {
		if err == nil {
			_, err = t.exec(`DELETE FROM waybill.`+table+` WHERE run = $1 AND part BETWEEN $2 AND $3`, run, int64(first), int64(last))
		}
	}
	return err
}

// countCancelled counts the rows that a person cancelled.
func (t *transaction) countCancelled(run int64, of part) error {
	cancelled, err := t.number(`SELECT count(*) FROM waybill.unsent WHERE run = $1 AND part = $2`, run, int64(of))
	t.counts[countKey{of, run, delivery.OutcomeSkipped}] += cancelled
	return err
}

// cancelWaiting makes the rows of a run that wait skipped ones.
func (t *transaction) cancelWaiting(run int64, o engine.Order) error {
	var u engine.Unsent
	u.Cancel(o)
	err := t.query(`WITH cancelled AS (UPDATE waybill.unsent SET outcome = $1, reason = $2, message = $3, until = NULL
		WHERE run = $4 AND outcome = $5 RETURNING part) SELECT part, count(*) FROM cancelled GROUP BY part`, func(rows pgx.Rows) error {
		var of, changed num
		err := rows.Scan(&of, &changed)
		t.counts[countKey{part(of), run, delivery.OutcomeWaiting}] -= int64(changed)
		t.counts[countKey{part(of), run, u.Outcome}] += int64(changed)
		return err
	}, int64(u.Outcome), u.Reason, putText(form.Cut(u.Message, form.LongestText)), run, int64(delivery.OutcomeWaiting))
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE waybill.run SET waits_until = NULL, reason = $1 WHERE seq = $2 AND status <> $3 AND waits_until IS NOT NULL`,
		putText(o.Said()), run, string(engine.RunRunning))
	return err
}

// cancelBefore cancels what waits where a person ordered that before the run ended, and it was not told.
func (t *transaction) cancelBefore(run int64) error {
	var cancelled text
	err := t.query(`SELECT cancelled FROM waybill.run WHERE seq = $1 AND cancelled IS NOT NULL`, func(rows pgx.Rows) error {
		return rows.Scan(&cancelled)
	}, run)
	if err != nil || cancelled == "" {
		return err
	}
	var o engine.Order
	if err := json.Unmarshal([]byte(cancelled), &o); err != nil {
		return fmt.Errorf("%w: %w", engine.ErrDamaged, err)
	}
	return t.cancelWaiting(run, o)
}
