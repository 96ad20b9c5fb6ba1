package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

// Enter begins a run, or makes this process one of those that work at the one under way; see engine.Divider.
func (l *Ledger) Enter(ctx context.Context, r engine.Run, rows string, only []int) (engine.Run, error) {
	if r.ID == "" {
		return r, errors.New("enter a run: its id is empty")
	}
	return l.enterRun(ctx, &enterRun{run: r, rows: rows, only: only})
}

// Join makes this process one of those that work at a run, if there are any; see engine.Divider.
func (l *Ledger) Join(ctx context.Context, r engine.Run, rows string) (engine.Run, error) {
	return l.enterRun(ctx, &enterRun{run: r, rows: rows, helps: true})
}

func (l *Ledger) enterRun(ctx context.Context, o *enterRun) (engine.Run, error) {
	err := l.write(ctx, o)
	return o.found, err
}

type enterRun struct {
	run   engine.Run
	rows  string
	only  []int // the parts that it will take; nil: any
	helps bool  // it begins no run
	found engine.Run
}

func (o *enterRun) apply(t *transaction) error {
	if !t.w.lock.held || t.w.lock.ended {
		return t.w.notLocked()
	}
	// Of two that begin at once, the second must see the first.
	scope := form.MessageHash(o.run.Job + "\x00" + o.run.DeliveryScope())
	if _, err := t.number(`SELECT 1 FROM (SELECT pg_advisory_xact_lock($1::int, $2::int)) l`, lockRuns, scope); err != nil {
		return err
	}
	others, err := t.underWay(&o.run)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return o.join(t, &others[0])
	}
	if o.helps {
		return fmt.Errorf("a run of job %q under way: %w", o.run.Job, engine.ErrNotFound)
	}
	if goesOn, err := o.goOn(t); err != nil || goesOn {
		return err
	}
	if err := o.occurs(t); err != nil {
		return err
	}
	if err := o.isEnding(t); err != nil {
		return err
	}
	o.found = o.run
	if err := (startRun{o.run}).apply(t); err != nil || o.rows == "" {
		return err
	}
	run, err := t.runOf(o.run.ID)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO waybill.division (run, rows) VALUES ($1, $2)`, run, putText(o.rows))
	return err
}

// occurs refuses a second run of an occurrence that another process had by now.
func (o *enterRun) occurs(t *transaction) error {
	if o.run.Mode != engine.ModeServe || o.run.Resumes > 0 {
		return nil
	}
	var had text
	err := t.query(`SELECT id FROM waybill.run WHERE job = $1 AND scope = $2 AND mode = $3 AND status NOT IN ($4, $5) ORDER BY seq LIMIT 1`,
		func(rows pgx.Rows) error { return rows.Scan(&had) },
		putText(o.run.Job), putText(o.run.Scope), string(engine.ModeServe), string(engine.RunRunning), string(engine.RunInterrupted))
	if err == nil && had != "" {
		err = &engine.LockedError{Ledger: t.w.l.name, Holder: "run " + string(had) + ", which had this occurrence"}
	}
	return err
}

// isEnding refuses to take a run up that other processes still end, as those of one that was stopped do until each row is counted: what they
// say of its end would be said of what is begun now, and who was silent would go on with the job as it was.
func (o *enterRun) isEnding(t *transaction) error {
	if o.run.Resumes == 0 {
		return nil
	}
	ending := &worked{Run: o.run}
	err := t.workersOf(ending)
	if err == nil && ending.divided && len(ending.holders) > 0 {
		err = &engine.LockedError{Ledger: t.w.l.name, Holder: strings.Join(ending.holders, "; ") + "; they end run " + o.run.ID + " still"}
	}
	return err
}

// worked is a run at which other processes work.
type worked struct {
	engine.Run
	seq     int64
	holders []string
	divided bool
	rows    string
}

// underWay are the runs of a job in a delivery scope at which other processes work.
func (t *transaction) underWay(r *engine.Run) ([]worked, error) {
	var found []worked
	err := t.query(runColumns+` WHERE r.job = $1 AND r.status = $2 ORDER BY r.seq`, func(rows pgx.Rows) error {
		run, err := scanRun(rows)
		if err == nil && run.DeliveryScope() == r.DeliveryScope() {
			found = append(found, worked{Run: run})
		}
		return err
	}, putText(r.Job), string(engine.RunRunning))
	for i := range found {
		if err == nil {
			err = t.workersOf(&found[i])
		}
	}
	return slices.DeleteFunc(found, func(w worked) bool { return len(w.holders) == 0 }), err
}

// workersOf tells who works at a run, this process aside. Whoever leaves it waits until this process is one of them, or is gone by now.
func (t *transaction) workersOf(w *worked) error {
	var err error
	if w.seq, err = t.runOf(w.ID); err != nil {
		return err
	}
	if err := t.keepDivision(w.seq); err != nil {
		return err
	}
	err = t.query(`SELECT p.holder FROM waybill.run_process o JOIN waybill.process p ON p.id = o.process
		WHERE o.run = $2 AND o.process <> $3 AND NOT o.left_it AND `+livingSQL+` ORDER BY p.id`, func(rows pgx.Rows) error {
		var holder text
		err := rows.Scan(&holder)
		w.holders = append(w.holders, string(holder))
		return err
	}, t.w.l.lease.Seconds(), w.seq, t.w.self.id)
	if err != nil {
		return err
	}
	return t.query(`SELECT rows FROM waybill.division WHERE run = $1`, func(rows pgx.Rows) error {
		var digest text
		err := rows.Scan(&digest)
		w.divided, w.rows = true, string(digest)
		return err
	}, w.seq)
}

// join makes this process one of those that work at a run, if it was asked for the same.
func (o *enterRun) join(t *transaction, w *worked) error {
	holder := strings.Join(w.holders, "; ")
	what, err := o.differs(&w.Run)
	switch {
	case err != nil:
		return err
	case o.rows == "" || !w.divided:
		return &engine.LockedError{Ledger: t.w.l.name, Holder: holder}
	case what != "":
		return &engine.OtherRunError{Run: w.ID, Holder: holder, What: what}
	case o.run.Mode == engine.ModeServe && !o.helps: // of several that fire an occurrence, one does
		return &engine.LockedError{Ledger: t.w.l.name, Holder: holder}
	case w.rows != o.rows:
		return &engine.OtherRowsError{Run: w.ID, Theirs: w.rows, Yours: o.rows}
	}
	return o.joinTo(t, w)
}

// joinTo makes this process one of those of a run.
func (o *enterRun) joinTo(t *transaction, w *worked) error {
	if o.found = w.Run; o.run.Asked.Engine != "" {
		o.found.Asked.Engine = o.run.Asked.Engine
	}
	if o.found.Asked.Engine != w.Asked.Engine {
		if err := o.giveTo(t, w); err != nil {
			return err
		}
	}
	return t.join(w.seq)
}

// giveTo writes down that an engine gives parts of a run to processes from here on.
func (o *enterRun) giveTo(t *transaction, w *worked) error {
	asked, err := json.Marshal(o.found.Asked)
	if err != nil {
		return fmt.Errorf("enter run %q: %w", w.ID, err)
	}
	_, err = t.exec(`UPDATE waybill.run SET asked = $2 WHERE seq = $1`, w.seq, putText(string(asked)))
	return err
}

// differs says in what a run is not the one that is asked for; empty: it is. Paths are of the machine, and whose engine gives the parts
// changes nothing of what is sent.
func (o *enterRun) differs(found *engine.Run) (string, error) {
	mine, theirs := o.run.Asked, found.Asked
	mine.AllowPaths, mine.AllowURLs, mine.Engine = nil, nil, ""
	theirs.AllowPaths, theirs.AllowURLs, theirs.Engine = nil, nil, ""
	mine.GoesOn, mine.NoReceiver = theirs.GoesOn, theirs.NoReceiver // who began it said so for all
	mine.LateFails = theirs.LateFails                               // it follows from the job
	a, err := json.Marshal(mine)
	if err != nil {
		return "", fmt.Errorf("enter run %q: %w", o.run.ID, err)
	}
	b, err := json.Marshal(theirs)
	if err != nil {
		return "", fmt.Errorf("enter run %q: %w", o.run.ID, err)
	}
	switch {
	case o.run.Resumes > 0 && found.ID != o.run.ID:
		return "run " + o.run.ID + " cannot go on beside it", nil
	case found.Mode != o.run.Mode:
		return "waybill " + string(found.Mode) + " began it", nil
	case found.Digest != o.run.Digest:
		return "its job file or its inputs are others", nil
	case mine.Plan != theirs.Plan:
		return "one of the two applies a saved plan, and the other does not, or another one", nil
	case string(a) != string(b):
		return "it was begun with other flags", nil
	}
	return "", nil
}
