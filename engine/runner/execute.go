package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// Execute performs a job. When ctx ends no new work is begun; what is in flight ends and is recorded, and the
// Summary says how to go on. An error means that nothing was begun, or that the ledger failed; a *diag.ListError
// is about the user's file or words, and nothing was sent.
func (e *Engine) Execute(ctx context.Context, req Request) (summary *engine.Summary, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	x, err := e.begin(ctx, req, stop)
	if err != nil {
		return nil, err
	}
	if x.sends {
		release, err := e.Ledger.Lock(ctx, "waybill "+string(req.Mode))
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	if err := x.guard(ctx); err != nil {
		return nil, err
	}
	if err := e.Ledger.StartRun(ctx, x.run); err != nil {
		return nil, err
	}
	x.tell(engine.Event{Kind: engine.RunStarted, Run: &x.run})
	top := newSequence(maps.Clone(x.names), "", 0, nil)
	if top.known, err = x.knownOutside(ctx); err != nil {
		x.fail(err)
	}
	x.walk(ctx, top, x.job.Steps)
	return x.finish(ctx, top)
}

// guard refuses a run that is more than was allowed or other than was reviewed. It holds the lock by then.
func (x *execution) guard(ctx context.Context) error {
	if err := x.fresh(ctx); err != nil {
		return err
	}
	most := x.job.Limits.Recipients
	if most == 0 || !x.sends {
		return nil
	}
	people, _, err := x.People(ctx, x.Request, most)
	if err != nil || people <= most {
		return err
	}
	d := tooMany(x.job.Limits, fmt.Sprintf("more than %d people", most))
	d.Detail += " Nothing was sent."
	return diag.List{d}.Err()
}

// tooMany is the finding about a batch that is larger than the job allows.
func tooMany(l engine.Limits, people string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "too-many-recipients", Range: l.Range,
		Summary: fmt.Sprintf("%s would be messaged, and the job allows %d", people, l.Recipients),
		Detail:  "limits.recipients is there to stop a batch that is larger than anybody meant.",
		Hint:    "look at the data, or raise limits.recipients",
	}
}

// execution is one run under way.
type execution struct {
	*Engine
	Request
	job    *engine.Job
	run    engine.Run
	began  time.Time
	sends  bool       // some step that was asked for reaches a person
	names  eval.Names // what every expression sees
	stop   context.CancelCauseFunc
	book   book         // counts, errors, warnings
	people atomic.Int64 // messaged by this process

	connections map[*engine.Step]engine.Connection // of the steps whose connection is the same for every item
}

// stopError is why a run begins nothing new: the account failed, or too many items did.
type stopError struct{ reason string }

func (e *stopError) Error() string { return e.reason }

// begin makes everything that must be right before anything is written or sent.
func (e *Engine) begin(ctx context.Context, req Request, stop context.CancelCauseFunc) (*execution, error) {
	x := &execution{Engine: e, Request: req, job: req.Job, began: e.Now(), stop: stop}
	if err := x.identify(); err != nil {
		return nil, err
	}
	x.sends = slices.ContainsFunc(x.job.Steps, x.reaches)
	if err := x.bind(ctx); err != nil {
		return nil, err
	}
	return x, nil
}

// bind evaluates what is the same for the whole run: names, vars, connections.
func (x *execution) bind(ctx context.Context) error {
	x.names = eval.Names{
		"inputs": x.Inputs,
		"run":    map[string]any{"id": x.run.ID, "scope": x.run.Scope, "startedAt": x.run.StartedAt.UTC().Format(time.RFC3339)},
		"job":    map[string]any{"name": x.job.Name},
	}
	vars := map[string]any{}
	x.names["vars"] = vars
	for _, v := range x.job.Vars {
		value, err := v.Value.Render(ctx, x.names)
		if err != nil {
			return finding(err, v.Range)
		}
		vars[v.Name] = value
	}
	x.connections = map[*engine.Step]engine.Connection{}
	return x.connect(ctx, x.job.Steps)
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
		if x.Connection != nil {
			x.connections[s] = *x.Connection
			continue
		}
		if varies(s.Connection) || varies(x.job.Connection) {
			continue
		}
		c, err := renderConnection(ctx, x.job, s, x.names)
		if err != nil {
			return finding(err, s.Range)
		}
		x.connections[s] = c
	}
	return nil
}

// varies says whether a part of the connection can differ from item to item.
func varies(c engine.ConnectionSpec) bool {
	for _, t := range []*eval.Tree{c.Token, c.PhoneNumberID, c.WABAID, c.BaseURL, c.ConnectTimeout, c.ReadTimeout, c.Throughput} {
		if t == nil {
			continue
		}
		if _, constant := t.Constant(); !constant && !onlyUses(t, "inputs", "vars", "run", "job") {
			return true
		}
	}
	return false
}

// onlyUses says whether a tree's expressions see none but the names that are the same for the whole run.
func onlyUses(t *eval.Tree, names ...string) bool {
	for _, root := range t.Roots() {
		fixed := root == "env"
		for _, name := range names {
			fixed = fixed || root == name
		}
		if !fixed {
			return false
		}
	}
	return true
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

// reaches says whether a step, or one inside it, reaches a person, of those that were asked for.
func (x *execution) reaches(s *engine.Step) bool {
	if !x.selected(s) {
		return false
	}
	_, ok := s.Sender()
	return ok || slices.ContainsFunc(s.Steps, x.reaches)
}

// tell lets whoever watches know.
func (x *execution) tell(ev engine.Event) {
	if x.Observe == nil {
		return
	}
	ev.At = x.Now()
	x.Observe(ev)
}

// warn tells a finding that stops nothing, and keeps it for the summary.
func (x *execution) warn(d diag.Diagnostic) {
	d.Severity = diag.Warning
	if x.book.warn(d) {
		x.tell(engine.Event{Kind: engine.Warned, Finding: &d})
	}
}

// fail ends the run for an error of the ledger: without it nothing may be sent.
func (x *execution) fail(err error) {
	x.book.fail(err)
	x.stop(fmt.Errorf("the ledger failed: %w", err))
}
