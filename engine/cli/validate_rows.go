package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/runner"
)

// rowCheck looks at every row of job files, as an apply without a ledger would, and needs neither token nor number for it.
type rowCheck struct {
	setup *setup
	spool *engine.Spool
	given map[string]string // inputs
	used  map[string]bool   // of them, those that some job takes
}

func (a *app) newRowCheck(f *jobFlags) (*rowCheck, error) {
	given, err := f.givenInputs()
	if err != nil {
		return nil, err
	}
	flags := *f
	flags.sandbox = true // its connection takes the place of the job's, and nothing is sent to it
	return &rowCheck{setup: a.newSetupWith(&flags, embeddedSpeed, a.log(a.err), a.reviewedLocks(&flags)), spool: a.newSpool(a.env.Stdin), given: given, used: map[string]bool{}}, nil
}

// file returns the findings about the rows of a file that is right otherwise. What keeps them from being looked at is among them.
func (c *rowCheck) file(ctx context.Context, source *diag.Source, name string) (diag.List, error) {
	jobs, list := c.setup.loader.Load(source, name)
	if list.HasErrors() {
		return list, nil
	}
	var found diag.List
	for _, job := range jobs {
		rows, err := c.job(ctx, job)
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
	}
	return found, nil
}

func (c *rowCheck) job(ctx context.Context, job *engine.Job) (diag.List, error) {
	given := job.OwnInputs(c.given)
	for name := range given {
		c.used[name] = true
	}
	inputs, list := job.ParseInputs(given)
	if list.HasErrors() {
		return list, nil
	}
	allow, err := absolute(c.setup.flags.allow)
	if err != nil {
		return nil, err
	}
	plan, err := c.setup.engine(nil).Plan(ctx, runner.Request{
		Job: job, Mode: engine.ModeApply, Scope: engine.ScopeEver, Inputs: inputs, Open: engine.Files(job, allow), AllowPaths: allow,
		Connection: c.setup.connection(), Spool: c.spool,
	})
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		return found.List, nil
	}
	if err != nil {
		return nil, err
	}
	return append(invalidRows(job, plan), plan.Warnings...), nil
}

// unused refuses inputs that no job takes.
func (c *rowCheck) unused() error {
	for _, name := range slices.Sorted(maps.Keys(c.given)) {
		if !c.used[name] {
			return usageError(fmt.Sprintf("--input %s: no job has such an input", name), "")
		}
	}
	return nil
}

// invalidRows are the findings about the rows of a job that cannot be sent, each in its file, as the working directory sees it.
func invalidRows(job *engine.Job, plan *engine.Plan) diag.List {
	files := report.DataFilesOf(job)
	return plan.InvalidRows(func(s *engine.Step) string {
		name := filepath.ToSlash(files[s.Path])
		if name == "" || path.IsAbs(name) || job.Source == nil {
			return name
		}
		return path.Join(path.Dir(job.Source.Name), name)
	})
}
