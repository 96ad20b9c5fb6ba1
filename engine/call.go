package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"waybill/engine/eval"
)

// call makes the use of an operation: connection and parameters, rendered for one item.
func (x *execution) call(ctx context.Context, q *sequence, s *Step) (*Call, error) {
	c := &Call{Run: x.run.ID, Dir: x.job.Dir, Step: s, Open: x.Open, Aside: q.slot.aside}
	var ok bool
	if c.Connection, ok = x.connections[s]; !ok {
		connection, err := x.job.connection(ctx, s, q.names)
		if err != nil {
			return nil, err
		}
		c.Connection = connection
	}
	args, err := renderArgs(ctx, s, q.names)
	c.Args = args
	return c, err
}

func renderArgs(ctx context.Context, s *Step, n eval.Names) (Args, error) {
	if s.Params == nil {
		return Args{}, nil
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
func (x *execution) failedStep(q *sequence, s *Step, v *Verdict, tries int) (map[string]any, Ending) {
	return x.failedKnowing(q, s, v, tries, nil)
}

// failedKnowing is failedStep for one that has outputs all the same: a question that learned something, a forEach whose
// source broke.
func (x *execution) failedKnowing(q *sequence, s *Step, v *Verdict, tries int, known map[string]any) (map[string]any, Ending) {
	message := x.redact(v.Err.Error())
	values := blank(s)
	maps.Copy(values, known)
	values["errorMessage"], values["attempts"] = message, tries
	if v.Answer.Code != 0 {
		values["errorCode"] = v.Answer.Code
	}
	failure := &StepError{Step: s, Item: q.item, Row: q.row, Code: v.Answer.Code, Err: redactedError{message, v.Err}}
	x.book.error(failure)
	ending := EndedFailed
	if v.Judgement == JudgedInDoubt {
		ending = EndedInDoubt
	}
	x.finished(q, s, ending, values, failure)
	return values, ending
}

// finished tells of a step that ended.
func (x *execution) finished(q *sequence, s *Step, e Ending, values map[string]any, failure *StepError) {
	x.tell(Event{Kind: StepFinished, Step: s, Item: q.item, Row: q.row, Ending: e, Values: values, Err: failure})
}

// redactedError shows a text without secrets and keeps the cause for errors.As.
type redactedError struct {
	text  string
	cause error
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.cause }

// read performs an operation that reaches nobody.
func (x *execution) read(ctx context.Context, q *sequence, s *Step) (map[string]any, Ending) {
	call, err := x.call(ctx, q, s)
	if err != nil && ctx.Err() != nil {
		return nil, EndedEarly
	}
	if err != nil {
		return x.failedStep(q, s, &Verdict{Judgement: JudgedRefused, Err: err}, 0)
	}
	var out Outcome
	verdict, tries := x.try(ctx, q, s, func(n int, _ bool) *Verdict {
		call.Try = n
		var err error
		if out, err = s.Operation.Do(ctx, call); err != nil && ctx.Err() != nil {
			return errCut
		} else if err != nil {
			return judge(err, JudgedRefused)
		}
		return nil
	})
	if verdict == errCut {
		return nil, EndedEarly
	}
	if verdict != nil {
		x.stopFor(verdict)
		return x.failedKnowing(q, s, verdict, tries, out.Values)
	}
	values := blank(s)
	maps.Copy(values, out.Values)
	values["success"], values["attempts"] = true, tries
	x.finished(q, s, EndedSucceeded, values, nil)
	return values, EndedSucceeded
}

// stopFor ends the run when every later call would fail alike.
func (x *execution) stopFor(v *Verdict) {
	if v.Stop {
		x.stop(&stopError{reason: x.redact(v.Err.Error())})
	}
}

// errCut is the verdict on what the run's end cut short.
var errCut = &Verdict{Err: errors.New("the run ended first")}
