package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"waybill/engine"
	"waybill/engine/eval"
)

// call makes the use of an operation: connection and parameters, rendered for one item.
func (x *execution) call(ctx context.Context, q *sequence, s *engine.Step) (*engine.Call, error) {
	c := &engine.Call{Run: x.run.ID, Dir: x.job.Dir, Step: s, Open: x.Open, Aside: q.slot.aside}
	var ok bool
	if c.Connection, ok = x.connections[s]; !ok {
		connection, err := renderConnection(ctx, x.job, s, q.names)
		if err != nil {
			return nil, err
		}
		c.Connection = connection
	}
	args, err := renderArgs(ctx, s, q.names)
	c.Args = args
	return c, err
}

func renderArgs(ctx context.Context, s *engine.Step, n eval.Names) (engine.Args, error) {
	if s.Params == nil {
		return engine.Args{}, nil
	}
	value, err := s.Params.Render(ctx, n)
	if err != nil {
		return nil, err
	}
	args, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("parameters of %s are a %T, not a map", s.Operation.Name(), value)
	}
	return args, nil
}

// failedStep gives the outputs of a step that failed or is in doubt, and tells of it.
func (x *execution) failedStep(q *sequence, s *engine.Step, v *engine.Verdict, tries int) (map[string]any, engine.Ending) {
	return x.failedKnowing(q, s, v, tries, nil)
}

// failedKnowing is failedStep for one that has outputs all the same: a question that learned something, a forEach whose
// source broke.
func (x *execution) failedKnowing(q *sequence, s *engine.Step, v *engine.Verdict, tries int, known map[string]any) (map[string]any, engine.Ending) {
	message := x.redact(v.Err.Error())
	values := blank(s)
	maps.Copy(values, known)
	values["errorMessage"], values["attempts"] = message, tries
	if v.Answer.Code != 0 {
		values["errorCode"] = v.Answer.Code
	}
	failure := &engine.StepError{Step: s, Item: q.item, Row: q.row, Code: v.Answer.Code, Err: redactedError{message, v.Err}}
	x.book.error(failure)
	ending := engine.EndedFailed
	if v.Judgement == engine.JudgedInDoubt {
		ending = engine.EndedInDoubt
	}
	x.finished(q, s, ending, values, failure)
	return values, ending
}

// finished tells of a step that ended.
func (x *execution) finished(q *sequence, s *engine.Step, e engine.Ending, values map[string]any, failure *engine.StepError) {
	x.tell(engine.Event{Kind: engine.StepFinished, Step: s, Item: q.item, Row: q.row, Ending: e, Values: values, Err: failure})
}

// redactedError shows a text without secrets and keeps the cause for errors.As.
type redactedError struct {
	text  string
	cause error
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.cause }

// read performs an operation that reaches nobody.
func (x *execution) read(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	call, err := x.call(ctx, q, s)
	if err != nil && ctx.Err() != nil {
		return nil, engine.EndedEarly
	}
	if err != nil {
		return x.failedStep(q, s, &engine.Verdict{Judgement: engine.JudgedRefused, Err: err}, 0)
	}
	var out engine.Outcome
	verdict, tries := x.try(ctx, q, s, func(n int, _ bool) *engine.Verdict {
		call.Try = n
		var err error
		if out, err = s.Operation.Do(ctx, call); err != nil && ctx.Err() != nil {
			return errCut
		} else if err != nil {
			return judge(err, engine.JudgedRefused)
		}
		return nil
	})
	if verdict == errCut {
		return nil, engine.EndedEarly
	}
	if verdict != nil {
		x.stopFor(verdict)
		return x.failedKnowing(q, s, verdict, tries, out.Values)
	}
	values := blank(s)
	maps.Copy(values, out.Values)
	values["success"], values["attempts"] = true, tries
	x.finished(q, s, engine.EndedSucceeded, values, nil)
	return values, engine.EndedSucceeded
}

// stopFor ends the run when every later call would fail alike.
func (x *execution) stopFor(v *engine.Verdict) {
	if v.Stop {
		x.stop(&stopError{reason: x.redact(v.Err.Error())})
	}
}

// errCut is the verdict on what the run's end cut short.
var errCut = &engine.Verdict{Err: errors.New("the run ended first")}
