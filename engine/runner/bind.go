package runner

import (
	"context"
	"errors"
	"strconv"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// bind evaluates what is the same for the whole run: names, vars, connections.
func (x *execution) bind(ctx context.Context) error {
	x.names = jobNames(x.req.Job, x.req.Inputs)
	x.names["run"] = map[string]any{"id": x.run.ID, "scope": x.run.Scope, "startedAt": x.run.StartedAt.UTC().Format(time.RFC3339)}
	x.noteCountry(ctx, x.names) // phone(…) in vars goes by it
	vars := map[string]any{}
	x.names["vars"] = vars
	for _, v := range x.req.Job.Vars {
		value, err := v.Value.Render(ctx, x.names)
		if err != nil {
			return finding(err, v.Range)
		}
		vars[v.Name] = value
	}
	x.noteCountry(ctx, x.names) // where it is made of vars
	if err, bad := x.names[eval.Country].(error); bad {
		return finding(err, x.req.Job.Recipients.Country.Range())
	}
	x.connections = map[*engine.Step][]engine.Connection{}
	return x.connect(ctx, x.req.Job.Steps)
}

// connect renders the connections that depend on no item and no step.
func (x *execution) connect(ctx context.Context, steps []*engine.Step) error {
	for _, s := range steps {
		if s.Operation == nil {
			if err := x.connect(ctx, s.Steps); err != nil {
				return err
			}
			continue
		}
		if x.req.Connection != nil {
			x.connections[s] = inPlaceOf(s, *x.req.Connection)
			continue
		}
		if varies(s.Connection) || varies(x.req.Job.Connection) {
			continue
		}
		c, err := renderConnections(ctx, x.req.Job, s, x.names)
		if err != nil {
			return finding(err, s.Range)
		}
		x.connections[s] = c
	}
	return nil
}

// inPlaceOf are the connections that take the place of a step's: as many as it names numbers. Their ids follow that of the first.
func inPlaceOf(s *engine.Step, first engine.Connection) []engine.Connection {
	list := []engine.Connection{first}
	id, err := strconv.ParseUint(first.PhoneNumberID, 10, 64)
	for i := 1; err == nil && i < s.Numbers; i++ {
		c := first
		c.PhoneNumberID = strconv.FormatUint(id+uint64(i), 10)
		list = append(list, c)
	}
	return list
}

// varies says whether a part of the connection can differ from item to item.
func varies(c engine.ConnectionSpec) bool {
	for _, t := range []*eval.Tree{c.Token, c.PhoneNumberID, c.WABAID, c.MessagingAccountID, c.BaseURL, c.ConnectTimeout, c.ReadTimeout, c.Throughput} {
		if t == nil {
			continue
		}
		if _, constant := t.Constant(); !constant && !t.OnlyUses("inputs", "vars", "run", "job", "env") {
			return true
		}
	}
	return false
}

// finding makes a diagnostic of an error that came of the file's own words.
func finding(err error, where diag.Range) error {
	summary := err.Error()
	if bad, ok := errors.AsType[*eval.RenderError](err); ok {
		where, summary = bad.Range, bad.Err.Error()
		if bad.Path != "" {
			summary = bad.Path + ": " + summary
		}
	}
	return diag.List{{Severity: diag.Error, Code: "expression-failed", Summary: summary, Range: where}}.Err()
}
