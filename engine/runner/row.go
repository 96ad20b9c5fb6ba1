package runner

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/wording"
)

// stepError is the failure of a step for an item, with the cell that is at fault and what its row holds.
func (x *execution) stepError(q *sequence, s *engine.Step, err error) engine.StepError {
	return engine.StepError{
		Step: s, Item: q.item, Row: q.row, Cell: cellOf(s, err), Err: redactedError{x.redact(err.Error() + wayOut(q, s, err)), err}, Values: x.cells(q),
	}
}

// emptyError is an operation's error about a parameter without which a step can be left out.
type emptyError interface {
	error
	Empty() string
}

// wayOut says how rows are left out that have nothing for the key or the step, or the step alone where the row has others; empty: the error
// is another one, or the value is no name by itself.
func wayOut(q *sequence, s *engine.Step, err error) string {
	if errors.Is(err, errEmptyKey) {
		return rowOut(s.ForEach, isThere(s.ForEach.Key))
	}
	empty, ok := errors.AsType[emptyError](err)
	if !ok {
		return ""
	}
	value := s.Params.Field(empty.Empty()).Template()
	there := isThere(value)
	switch {
	case there == "":
		return ""
	case q.loop != nil && len(q.loop.messages) == 1 && value.Uses(q.loop.step.ForEach.As):
		return rowOut(q.loop.step.ForEach, there)
	}
	return "; where there may be no recipient, leave the step out: if: ${{ " + there + " }}"
}

// isThere is the condition that a value is not empty; empty: it is no name by itself.
func isThere(value *eval.Template) string {
	name := value.Name()
	switch {
	case name == "":
		return ""
	case value.Type().IsAny(): // it may be null, which is not ""
		return "(" + name + ` ?? "") != ""`
	}
	return name + ` != ""`
}

// rowOut says how a forEach leaves out the rows for which a condition does not hold.
func rowOut(f *engine.ForEach, condition string) string {
	const whose = "; if it is no person's row, such as a subtotal or a line of units, leave it out: "
	switch {
	case condition == "":
		return ""
	case f.Where != nil:
		return whose + "add && " + condition + " to where of the forEach"
	}
	return whose + "on the forEach, where: ${{ " + condition + " }}"
}

// cellOf names the column that is wrong in a row; empty where the parameter at fault, which the error names, is no column by itself.
func cellOf(s *engine.Step, err error) string {
	if bad, ok := errors.AsType[*itemError](err); ok {
		return bad.Cell
	}
	path := ""
	if bad, ok := errors.AsType[parameterError](err); ok {
		path = bad.Parameter()
	} else if bad, ok := errors.AsType[*eval.RenderError](err); ok {
		path = bad.Path
	}
	if path == "" || s.Params == nil {
		return ""
	}
	cell := ""
	s.Params.Walk(func(at string, t *eval.Tree) bool {
		rest, found := strings.CutPrefix(path, at)
		if !found || at != "" && rest != "" && rest[0] != '.' && rest[0] != '[' {
			return false
		}
		cell = cmp.Or(engine.Column(t.Template()), cell)
		return true
	})
	return cell
}

// parameterError is an operation's error about one of its parameters, whose path it knows.
type parameterError interface {
	error
	Parameter() string
}

// mostCells bounds how many values of a row are kept with its failure.
const mostCells = 1000

// cells are the texts that an item's row holds, those of the items around it among them.
func (x *execution) cells(q *sequence) []string {
	var texts []string
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case nil, bool:
		case []any:
			for _, element := range v {
				collect(element)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				collect(v[name])
			}
		default:
			if text, err := eval.Text(v); err == nil && strings.TrimSpace(text) != "" && len(texts) < mostCells {
				texts = append(texts, text)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.names)) {
		if !x.isPublic(name) {
			collect(q.names[name])
		}
	}
	return texts
}

// isPublic tells whether a name is the same for every item: its value is no person's.
func (x *execution) isPublic(name string) bool {
	_, ok := x.names[name]
	return ok || name == "steps" || name == "index" || name == "env" || name == eval.Country
}

// read returns how a message reads: as it is, and without what its row holds.
func (x *execution) read(ctx context.Context, c *candidate) (text, masked string) {
	op, ok := c.op.(engine.Describer)
	if !ok {
		return "", ""
	}
	outline, _ := c.step.Params.Outline(ctx, c.q.names, x.isPublic, wording.Mask).(map[string]any)
	dir := x.req.Job.Dir
	return x.redact(op.Describe(dir, c.call.Args)), wording.MaskNumbers(x.redact(op.Describe(dir, outline)))
}

// spacing is the time that one message takes at its number's throughput.
func (x *execution) spacing(c *candidate) time.Duration {
	throughput := x.req.Job.Defaults.Throughput
	if list := x.connections[c.step]; len(list) > 0 {
		throughput = list[0].Throughput
	}
	if c.call != nil {
		throughput = c.call.Connection.Throughput
	}
	if throughput <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / throughput)
}
