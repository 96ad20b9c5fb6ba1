package runner

import (
	"context"

	"waybill/engine"
)

// Rows reads the sources of a job again and calls each for every message that may be sent: with its step, the key, the row and the
// value of its item. Of a row that has no key the key is empty, and of one that cannot be read the value is nil.
func (e *Engine) Rows(ctx context.Context, req Request, each func(s *engine.Step, item string, row int, value any)) error {
	_, err := e.look(ctx, req, 0, func(l *looker) visitor { return &rowReader{l, each} })
	return err
}

// rowReader is the visitor that shows the rows.
type rowReader struct {
	*looker
	each func(s *engine.Step, item string, row int, value any)
}

func (r *rowReader) deliver(_ context.Context, q *sequence, s *engine.Step, _ engine.Sender) (map[string]any, engine.Ending) {
	r.show(q, s)
	q.awaiting = true
	return nil, engine.EndedSucceeded
}

func (r *rowReader) fail(q *sequence, s *engine.Step, err error) (map[string]any, engine.Ending) {
	r.show(q, s)
	return r.looker.fail(q, s, err)
}

func (r *rowReader) show(q *sequence, s *engine.Step) {
	if loop := r.x.forEachOf[s]; loop != nil {
		r.each(s, q.item, q.row, q.names[loop.ForEach.As])
	}
}
