package serve

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/schedule"
)

// JobOptions says how job files are read. All fields are required.
type JobOptions struct {
	// Load makes jobs of a file's bytes. It is called at the start and whenever the file changed.
	Load   func(path string, text []byte) ([]*engine.Job, diag.List)
	Inputs map[string]string         // by name; each job gets those that it has
	Shown  func(diag.List) diag.List // the findings as they may be shown: without what is secret in their sources
	Redact func(string) string       // takes secrets out of a text
	Log    *slog.Logger
}

// Jobs are the jobs of the files that are served: read again when a file changes, the last good version in force.
type Jobs struct {
	options JobOptions
	files   *schedule.Files

	mu       sync.Mutex
	problems map[string]string // of files whose newest version cannot be used, by path
}

// ReadJobs reads job files. What is wrong with one keeps no other from being served: it is logged, and shown on the dashboard. Where
// none is right the error joins what is wrong with each.
func ReadJobs(paths []string, o JobOptions) (*Jobs, error) {
	j := &Jobs{options: o, problems: map[string]string{}}
	var err error
	j.files, err = schedule.Open(paths, j.load, j.changed)
	return j, err
}

// List returns the jobs in force, in the order of the files.
func (j *Jobs) List() []*engine.Job { return j.files.Jobs() }

// load reads one file. The inputs of scheduled jobs must be right, too.
func (j *Jobs) load(path string, text []byte) ([]*engine.Job, error) {
	jobs, findings := j.options.Load(path, text)
	if err := findings.Err(); err != nil {
		return nil, err
	}
	for _, job := range jobs {
		if job.Schedule == nil {
			continue
		}
		if _, err := j.inputsOf(job); err != nil {
			return nil, err
		}
	}
	j.logFindings(findings)
	return jobs, nil
}

// inputsOf returns those of the given inputs that a job has, typed.
func (j *Jobs) inputsOf(job *engine.Job) (map[string]any, error) {
	inputs, findings := job.ParseInputs(job.OwnInputs(j.options.Inputs))
	return inputs, findings.Err()
}

// inputsOfRun returns the inputs that a run began with, typed. Those that no ledger holds, for they are secret, are the given ones.
func (j *Jobs) inputsOfRun(job *engine.Job, run engine.Run) (map[string]any, error) {
	own := job.OwnInputs(j.options.Inputs)
	if len(run.Inputs) > 0 {
		if err := engine.InputTexts(run.Inputs, own); err != nil {
			return nil, err
		}
	}
	inputs, findings := job.ParseInputs(own)
	return inputs, findings.Err()
}

// watch reads files again that change, until ctx ends.
func (j *Jobs) watch(ctx context.Context) error { return j.files.Run(ctx, j.changed) }

// changed logs what became of a job file, and keeps what is wrong with it for the dashboard.
func (j *Jobs) changed(c schedule.Change) {
	ctx, path := context.Background(), slog.String("path", c.Path)
	problem := ""
	switch c.Kind {
	case schedule.Reloaded:
		var names []string
		for _, job := range c.Jobs {
			names = append(names, job.Name)
		}
		j.options.Log.LogAttrs(ctx, slog.LevelInfo, "job file read again", path, slog.Any("jobs", names))
	case schedule.Broken:
		wrong := slog.String("error", c.Err.Error())
		if len(c.Jobs) > 0 {
			problem = "an older version of the file is in force"
			j.options.Log.LogAttrs(ctx, slog.LevelError, "job file is wrong now; the version before stays in force", path, wrong)
		} else {
			problem = "none of its jobs runs until the file is mended"
			j.options.Log.LogAttrs(ctx, slog.LevelError, "job file is wrong; none of its jobs runs until it is mended", path, wrong)
		}
		problem += ": " + j.options.Redact(c.Err.Error())
		if found, ok := errors.AsType[*diag.ListError](c.Err); ok {
			j.logFindings(found.List)
		}
	case schedule.Gone:
		j.options.Log.LogAttrs(ctx, slog.LevelWarn, "job file is gone, and its jobs with it; put it back to have them run again", path)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.problems, filepath.ToSlash(c.Path))
	if problem != "" {
		j.problems[filepath.ToSlash(c.Path)] = problem
	}
}

// problem returns why the newest version of a file is not in force; empty when it is.
func (j *Jobs) problem(file string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.problems[file]
}

// broken is how many files have a newest version that is not in force.
func (j *Jobs) broken() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.problems)
}

// Idle returns the files of which no job is in force for what is wrong with them, sorted.
func (j *Jobs) Idle() []string {
	served := map[string]bool{}
	for _, job := range j.List() {
		served[job.Source.Name] = true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var idle []string
	for _, file := range slices.Sorted(maps.Keys(j.problems)) {
		if !served[file] {
			idle = append(idle, file)
		}
	}
	return idle
}

// logFindings logs findings about job files, one record each.
func (j *Jobs) logFindings(list diag.List) {
	for _, f := range report.Findings(j.options.Shown(list)) {
		level := slog.LevelWarn
		if f.Severity == diag.Error.String() {
			level = slog.LevelError
		}
		j.options.Log.LogAttrs(context.Background(), level, "job file",
			slog.String("file", f.File), slog.Int("line", f.Line), slog.Int("column", f.Column), slog.String("code", f.Code),
			slog.String("summary", report.Clean(f.Summary)), slog.String("hint", report.Clean(f.Hint)))
	}
}

// zone is the time zone that all schedules share; UTC when they do not, or there are none.
func (j *Jobs) zone() *time.Location {
	shared := time.UTC
	for i, job := range j.scheduled() {
		switch {
		case i == 0:
			shared = job.Schedule.Zone
		case shared.String() != job.Schedule.Zone.String():
			return time.UTC
		}
	}
	return shared
}

// scheduled are the jobs in force that have a schedule.
func (j *Jobs) scheduled() []*engine.Job {
	var list []*engine.Job
	for _, job := range j.List() {
		if job.Schedule != nil {
			list = append(list, job)
		}
	}
	return list
}
