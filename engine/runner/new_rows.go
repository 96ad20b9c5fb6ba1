package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/spill"
	"waybill/engine/wording"
)

// fewestNewRows is from how many new rows on their share says that the file was changed, and is no list of new people.
const fewestNewRows = 20

// newRows are the rows that the ledger does not have and that may be old ones: of steps without a key, where a cell was changed, of
// steps that are new, while the job has a step no more of which people got messages, for its id was changed, of steps whose keys are others or
// spelt otherwise by now, and of what waybill run sent.
type newRows struct {
	x         *execution
	seed      maphash.Seed
	of        map[*engine.Step]*rowsOfStep
	respelled respelled
	byRun     sentByRun
	err       error // of looking for what was sent before
}

// rowsOfStep are of a step in the place of another, or of one whose rows have another key since, else of one whose rows have none.
type rowsOfStep struct {
	gone    []string     // paths of the steps in whose place this one may be
	rekeyed *engine.Step // whose rows had another key, or none, when the step sent its last messages
	total   int
	to      spill.Table // new rows by a hash of their recipient: each row is an entry
	still   spill.Table // deliveries that the file still has a row for, by half of their hash
	reached spill.Table // people whom the step has reached, likewise
}

func newNewRows(ctx context.Context, x *execution) *newRows {
	n := &newRows{x: x, seed: maphash.MakeSeed(), of: map[*engine.Step]*rowsOfStep{}}
	n.respelled, n.byRun.of = respelled{x: x, of: map[*engine.Step]*respelledRows{}}, map[*engine.Step]*rowsByRun{}
	if x.engine.Ledger == nil || x.req.Mode == engine.ModeRun {
		return n // every row of a run is new
	}
	known, err := n.lookForRenamed(ctx)
	if n.err = err; err == nil && !x.req.Job.Recipients.Once { // else nobody gets the message of a step a second time
		n.err = n.lookAtKeys(ctx, known)
	}
	if n.err == nil {
		n.err = n.lookForRuns(ctx)
	}
	return n
}

// steps are those that send to rows.
func (n *newRows) steps() (all []*engine.Step) {
	for step, each := range n.x.forEachOf {
		if _, sends := step.Sender(); sends && each != nil {
			all = append(all, step)
		}
	}
	return all
}

// lookAtKeys notes those of the steps with deliveries that reached somebody whose rows are told otherwise now: without a key by a cell that
// changed, with one by its spelling, and by a key that is another.
func (n *newRows) lookAtKeys(ctx context.Context, known []*engine.Step) error {
	var sent []*engine.Step
	for _, step := range known {
		if did, err := n.has(ctx, n.sent(step.Path)); err != nil {
			return err
		} else if !did {
			continue
		}
		sent = append(sent, step)
		if n.x.forEachOf[step].ForEach.Key == nil {
			n.of[step] = &rowsOfStep{}
		} else {
			n.respelled.of[step] = &respelledRows{fresh: map[string][]freshRow{}}
		}
	}
	return n.lookForRekeyed(ctx, sent)
}

// close frees what it remembered.
func (n *newRows) close() {
	for _, rows := range n.of {
		_, _, _ = rows.to.Close(), rows.still.Close(), rows.reached.Close()
	}
	_ = n.byRun.sent.Close()
}

// wants says whether it takes the message of a step's new row to know of it.
func (n *newRows) wants(step *engine.Step) bool { return n.of[step] != nil || n.respelled.wants(step) }

// meet notes one message. That of a row that the ledger does not have must be rendered.
func (n *newRows) meet(c *candidate) {
	n.respelled.meet(c)
	n.byRun.meet(c)
	rows := n.of[c.step]
	switch {
	case rows == nil:
	case c.known:
		rows.still.Add(half(c.key.Hash()), 0)
	case c.call != nil:
		rows.total++
		rows.to.Add(maphash.String(n.seed, n.x.inLedger(c.call.Message.Recipient)), 0)
	}
}

// find says of which steps most new rows go to people whom the same step has reached in this scope.
func (n *newRows) find(ctx context.Context) (found diag.List, err error) {
	if n.err != nil {
		return nil, n.err
	}
	for _, step := range stepsInOrder(n.of) {
		rows := n.of[step]
		if rows.total < rows.fewest() {
			continue
		}
		reached, err := n.reached(ctx, step, rows)
		if err != nil {
			return nil, err
		}
		if 2*reached > rows.total || rows.rekeyed != nil && reached > 0 {
			found = append(found, reachedBefore(step, rows, reached))
		}
	}
	spelt, err := n.respelled.find(ctx, n.sent)
	if err != nil {
		return nil, err
	}
	byRun, err := n.byRun.find()
	return append(append(found, spelt...), byRun...), err
}

// fewest is from how many new rows on whom they go to says something.
func (rows *rowsOfStep) fewest() int {
	switch {
	case rows.rekeyed != nil:
		return 1
	case rows.gone != nil:
		return fewestOfRenamed
	}
	return fewestNewRows
}

// stepsInOrder are the steps of a map, in the order of the file.
func stepsInOrder[V any](of map[*engine.Step]V) []*engine.Step {
	return slices.SortedFunc(maps.Keys(of), func(a, b *engine.Step) int { return a.Range.Start.Line - b.Range.Start.Line })
}

// reached counts the new rows whose people the step has reached. A run that did not end is no reason to hold its other rows back: of
// its deliveries only those count whose row is gone.
func (n *newRows) reached(ctx context.Context, step *engine.Step, rows *rowsOfStep) (int, error) {
	unfinished, err := n.unfinished(ctx)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, f := range n.earlier(step) {
		for d, err := range n.x.engine.Ledger.Deliveries(ctx, f) {
			if err != nil {
				return 0, err
			}
			if _, still := rows.still.Row(half(d.Key.Hash())); still && d.Run == unfinished {
				continue
			}
			rows.reached.Meet(maphash.String(n.seed, d.Recipient), 0)
		}
	}
	for to := range rows.to.Places() {
		if _, met := rows.reached.Row(to); met {
			count++
		}
	}
	return count, errors.Join(rows.to.Err(), rows.still.Err(), rows.reached.Err())
}

// unfinished is the last run of the job in this scope, where it did not reach its end.
func (n *newRows) unfinished(ctx context.Context) (id string, err error) {
	if n.x.req.Resume != nil {
		return n.x.run.ID, nil
	}
	for run, err := range n.x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: n.x.run.Job}) {
		if err != nil {
			return "", err
		}
		if run.DeliveryScope() != n.x.run.DeliveryScope() {
			continue
		}
		if run.Status != engine.RunSucceeded {
			id = run.ID
		}
		return id, nil
	}
	return "", nil
}

// earlier are the deliveries that may be those of a step's rows: its own, or those of the steps that are gone.
func (n *newRows) earlier(step *engine.Step) []engine.DeliveryFilter {
	gone := n.of[step].gone
	if gone == nil {
		return []engine.DeliveryFilter{n.sent(step.Path)}
	}
	var all []engine.DeliveryFilter
	for _, path := range gone {
		all = append(all, n.sent(path))
	}
	return all
}

// sent are the deliveries of a step that reached somebody, or may have.
func (n *newRows) sent(step string) engine.DeliveryFilter {
	f := engine.DeliveryFilter{Job: n.x.run.Job, Scope: n.x.run.DeliveryScope(), Step: step}
	for _, s := range delivery.States() {
		if s.Succeeded() || s == delivery.Intended || s == delivery.InDoubt {
			f.States = append(f.States, s)
		}
	}
	return f
}

// any says whether a step was noted: before one has reached anybody there is nothing to find.
func (n *newRows) any() (bool, error) {
	return (len(n.respelled.of) > 0 || n.needsAll()) && n.err == nil, n.err
}

// needsAll says whether all rows are looked at, and not the first alone.
func (n *newRows) needsAll() bool { return len(n.of)+len(n.byRun.of) > 0 }

// has says whether the ledger has such a delivery.
func (n *newRows) has(ctx context.Context, f engine.DeliveryFilter) (bool, error) {
	f.Limit = 1
	for _, err := range n.x.engine.Ledger.Deliveries(ctx, f) {
		return err == nil, err
	}
	return false, nil
}

// reachedBefore is the finding about rows that are new, and their people are not.
func reachedBefore(step *engine.Step, rows *rowsOfStep, reached int) diag.Diagnostic {
	total := rows.total
	switch {
	case rows.gone != nil:
		return reachedByAnother(step, rows.gone, reached, total)
	case rows.rekeyed != nil:
		return reachedUnderAnotherKey(step, rows.rekeyed, reached, total)
	}
	return diag.Diagnostic{
		Severity: diag.Error, Code: "people-reached-before", Range: step.Range,
		Summary: fmt.Sprintf("%s of the %s of %s %s who got its message before", wording.Number(reached), wording.Plural(total, "new row"),
			step.Path, wording.Agree(reached, "goes to a person", "go to people")),
		Detail: "Its rows have no key, so that a row is told by all its cells: a column that was added or a cell that was put right makes it a new one.",
		Hint:   "see with waybill plan who would be messaged again; add key: with a column that stays, or say --yes-new-rows when all of them are meant",
	}
}

// newRowReader is the visitor that meets the new rows.
type newRowReader struct {
	*looker
	rows *newRows
}

// deliver notes one message.
func (r *newRowReader) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	c, answer := r.meet(ctx, q, s, op)
	if answer.admits() && r.rows.wants(s) && !c.known && !s.Params.Uses("steps") {
		_ = r.x.render(ctx, &c) // a row that cannot be sent reaches nobody
	}
	r.rows.meet(&c)
	if !r.rows.needsAll() && r.rows.respelled.enough() {
		r.x.stop(&stopError{reason: "enough was seen"})
	}
	if answer.admits() {
		answer = r.x.admit(ctx, &c, byMoment)
		r.looker.rows.Add(half(c.key.Hash()), q.row)
	}
	return nil, r.foresee(&c, answer)
}

// checkNewRows refuses rows that look new because the file was changed. It returns whom it counted, nil where it did not look.
func (x *execution) checkNewRows(ctx context.Context) (*Audience, error) {
	if x.run.Asked.NewRows {
		return nil, nil
	}
	rows := newNewRows(ctx, x)
	defer rows.close()
	if sent, err := rows.any(); err != nil || !sent {
		return nil, err
	}
	some := !rows.needsAll()
	if some {
		if _, known, err := x.atMost(ctx); known || err != nil {
			return nil, err
		}
	}
	l, err := x.engine.look(ctx, x.req, 0, func(l *looker) visitor { return &newRowReader{l, rows} })
	if err != nil {
		return nil, err
	}
	found, err := rows.find(ctx)
	for _, d := range found {
		if d.Severity != diag.Error {
			x.warn(d)
		}
	}
	if some && rows.respelled.enough() || err != nil { // nobody was counted to the end
		return nil, cmp.Or(err, nothingSent(found).Err())
	}
	return &Audience{People: int(l.x.recipients.Load()), Unknown: l.unknown}, nothingSent(found).Err()
}
