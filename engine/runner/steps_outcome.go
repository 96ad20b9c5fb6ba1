package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"waybill/engine"
)

// stepsOutcome is what came of steps that one process did for all of a run, as the processes tell each other.
type stepsOutcome struct {
	Outputs map[string]any `json:"outputs"` // by the id of a step
	End     end            `json:"end,omitempty"`
	Failed  bool           `json:"failed,omitempty"`
	InDoubt bool           `json:"inDoubt,omitempty"`
	NotSent bool           `json:"notSent,omitempty"`
	Waiting bool           `json:"waiting,omitempty"`
	Done    bool           `json:"done,omitempty"`
	Before  bool           `json:"before,omitempty"`  // a failure or a doubt in it is an earlier run's
	Late    *lateOutcome   `json:"late,omitempty"`    // a message that an earlier run sent failed since
	Stopped string         `json:"stopped,omitempty"` // why a group ended early
}

// lateOutcome is a failure of a step.
type lateOutcome struct {
	Step    string `json:"step"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message"`
}

// outcome is what the other processes need to know of steps of the sequence.
func (q *sequence) outcome(steps []*engine.Step, stopped string) (string, error) {
	o := stepsOutcome{
		Outputs: map[string]any{}, End: q.end, Failed: q.failed, InDoubt: q.inDoubt, NotSent: q.notSent, Waiting: q.waiting, Done: q.done,
		Before: q.fromEarlierRun, Stopped: stopped,
	}
	if late := q.lateFailure; late != nil {
		o.Late = &lateOutcome{Step: late.Step.Path, Code: late.Code, Message: late.Err.Error()}
	}
	for _, s := range steps {
		if values, ok := q.steps[s.ID]; ok {
			o.Outputs[s.ID] = exact(values)
		}
	}
	text, err := json.Marshal(o)
	if err != nil {
		return "", fmt.Errorf("what came of step %s: %w", steps[0].Path, err)
	}
	return string(text), nil
}

// takeOutcome takes in what came of steps that another process did.
func (w walker) takeOutcome(q *sequence, text string) error {
	var o stepsOutcome
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		return fmt.Errorf("%w: what came of a stage of the run cannot be read: %w", engine.ErrDamaged, err)
	}
	for id, values := range o.Outputs {
		q.steps[id] = inexact(values)
	}
	q.close(o.End)
	q.failed, q.inDoubt, q.notSent, q.waiting = o.Failed, o.InDoubt, o.NotSent, o.Waiting
	q.done, q.fromEarlierRun, q.lateFailure = o.Done, o.Before, nil
	if late := o.Late; late != nil {
		q.lateFailure = &engine.StepError{Step: w.x.req.Job.StepNamed(late.Step), Code: late.Code, Err: errors.New(late.Message)}
	}
	if o.Stopped != "" {
		w.x.tally.stopped(o.Stopped)
	}
	return nil
}

// exact makes a value ready for JSON so that whole numbers and others stay apart: expressions tell them apart.
func exact(v any) any {
	switch v := v.(type) {
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.RawMessage(text)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = exact(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = exact(v[name])
		}
		return object
	case json.Number:
		return json.RawMessage(bytes.TrimSpace([]byte(v)))
	}
	return v
}

// inexact is the way back.
func inexact(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64() // one that is too great is infinite, as it was
		return f
	case []any:
		for i := range v {
			v[i] = inexact(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = inexact(v[name])
		}
	}
	return v
}
