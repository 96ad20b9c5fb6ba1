package runner

import (
	"context"

	"waybill/engine"
)

// MessageRow is a message that may be sent, and the row that it is made of.
type MessageRow struct {
	Step    *engine.Step
	Item    string // key; empty: the row has none
	Row     int
	Value   any  // of the item; nil: the row cannot be read
	Depends bool // whether it is sent follows from what became of the steps before it
	LeftOut bool // its person opted out, or is on a list of the job's of people who get nothing
}

// Rows reads the sources of a job again and calls each for every message that may be sent, item by item.
func (e *Engine) Rows(ctx context.Context, req Request, each func(MessageRow)) error {
	_, err := e.look(ctx, req, 0, func(l *looker) visitor { return &rowReader{l, each} })
	return err
}

// rowReader is the visitor that shows the rows.
type rowReader struct {
	*looker
	each func(MessageRow)
}

func (r *rowReader) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	r.show(q, s, r.leavesOut(ctx, r.x.candidate(q, s, op)))
	q.awaiting = true
	return nil, engine.EndedSucceeded
}

func (r *rowReader) fail(q *sequence, s *engine.Step, err error) (map[string]any, engine.Ending) {
	r.show(q, s, false)
	return r.looker.fail(q, s, err)
}

// leavesOut says whether a message is left out for its person, as far as it can be made before the run.
func (r *rowReader) leavesOut(ctx context.Context, c candidate) bool {
	if !r.x.judgesPeople() || c.step.Params == nil || c.step.Params.Uses("steps") || r.x.render(ctx, &c) != nil {
		return false
	}
	return !excluded(ctx, r.x, &c).admits() || !optedOut(ctx, r.x, &c).admits()
}

func (r *rowReader) show(q *sequence, s *engine.Step, leftOut bool) {
	if loop := r.x.forEachOf[s]; loop != nil {
		r.each(MessageRow{s, q.item, q.row, q.names[loop.ForEach.As], q.unsure, leftOut})
	}
}
