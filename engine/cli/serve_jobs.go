package cli

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/serve"
)

// readServedJobs reads the job files, and each given input must be of one of their jobs. A file that is wrong keeps none of the others
// from being served, and is served once it is mended; where all are wrong nothing is.
func (a *app) readServedJobs(s *setup, files []string, log *slog.Logger) (*serve.Jobs, error) {
	given, err := s.flags.givenInputs()
	if err != nil {
		return nil, err
	}
	jobs, err := serve.ReadJobs(files, serve.JobOptions{
		Load: func(path string, text []byte) ([]*engine.Job, diag.List) {
			source := &diag.Source{Name: filepath.ToSlash(path), Text: text}
			a.masked.add(source)
			return s.loader.Load(source, path)
		},
		Inputs: given, Shown: a.masked.of, Redact: a.redactor.Redact, Log: log,
	})
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return nil, joinFindings(several.Unwrap())
	}
	if err != nil {
		return nil, err
	}
	if len(jobs.Idle()) > 0 {
		return jobs, nil // an input may be of a job in there
	}
	return jobs, knownInputs(jobs.List(), given)
}

// knownInputs refuses an input that no job has.
func knownInputs(jobs []*engine.Job, given map[string]string) error {
	var known []string
	for _, job := range jobs {
		for _, in := range job.Inputs {
			known = append(known, in.Name)
		}
	}
	for name := range given {
		if !slices.Contains(known, name) {
			hint := "inputs are those of the jobs that are served"
			if near := diag.Suggest(name, known); near != "" {
				hint = fmt.Sprintf("did you mean --input %s=…?", near)
			}
			return usageError(fmt.Sprintf("no job has an input %q", name), hint)
		}
	}
	return nil
}
