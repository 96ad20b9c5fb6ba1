package serve

import (
	"context"
	"log/slog"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/schedule"
)

// waiting takes up runs of which messages wait, when their hour comes.
func (s *Server) waiting(ctx context.Context) error {
	w := &schedule.Waiting{JobOf: s.jobOf(), Resume: s.resume, Runs: s.ledger.Runs, Ordered: s.ledger.Ordered, Now: s.options.Now, Log: s.log}
	return w.Run(ctx)
}

// jobOf returns what finds the job, as it is now, that a run is of. A job of that name in another file is another job, which is said once.
func (s *Server) jobOf() func(run engine.Run) *engine.Job {
	said := map[string]bool{}
	_, shared := s.ledger.(engine.Divider)
	return func(run engine.Run) *engine.Job {
		for _, job := range s.jobs.List() {
			if job.Name != run.Job {
				continue
			}
			file, err := fileOf(job)
			if err == nil && !engine.OtherFile(run.File, file, shared) {
				return job
			}
			if !said[run.ID] {
				said[run.ID] = true
				s.log.LogAttrs(context.Background(), slog.LevelWarn, "a run waits whose job was another file's: it is not taken up here",
					slog.String("run", run.ID), slog.String("job", run.Job), slog.String("file", run.File))
			}
		}
		return nil
	}
}

// fileOf is a job's file, absolute.
func fileOf(job *engine.Job) (string, error) {
	return filepath.Abs(filepath.FromSlash(job.Source.Name))
}

// resume goes on with a run, with the job file as it is now: with the inputs that it began with, in its own scope, and with the folders
// that it was allowed. Which hosts rows may be fetched from, serve's own flags say.
func (s *Server) resume(ctx context.Context, job *engine.Job, run engine.Run) error {
	file, err := fileOf(job)
	if err != nil {
		return err
	}
	inputs, err := s.jobs.inputsOfRun(job, run)
	if err != nil {
		return err
	}
	req := s.request(job, file, inputs)
	req.Mode, req.Scope, req.Resume, req.JobChanged, req.Due = run.Mode, run.Scope, &run, true, true
	req.RetryFailed, req.NewRows = run.Asked.RetryFailed, run.Asked.NewRows
	req.AllowPaths = append(append(req.AllowPaths, s.options.AllowPaths...), run.Asked.AllowPaths...)
	req.Open = engine.Files(job, req.AllowPaths)
	summary, err := s.executeOrHelp(ctx, req, schedule.Occurrence{Job: run.Job, At: run.WaitsUntil, Scope: run.Scope, Resume: &run})
	s.ended(ctx, job, inputs, summary, err)
	return err
}
