package serve

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/schedule"
)

// start executes one occurrence of a job. While another process sends, that is an *engine.LockedError, and the loop
// tries again.
func (s *Server) start(ctx context.Context, job *engine.Job, o schedule.Occurrence) error {
	inputs, err := s.jobs.inputsOf(job)
	if err != nil {
		return err
	}
	file, err := fileOf(job)
	if err != nil {
		return err
	}
	req := s.request(job, file, inputs)
	req.Mode, req.Scope, req.Resume = engine.ModeServe, o.Scope, o.Resume
	summary, err := s.executeOrHelp(ctx, req, o)
	if o.Resume != nil && isJobChanged(err) {
		// The occurrence goes on with the file as it is now: whom the ledger knows was messaged already.
		s.log.LogAttrs(ctx, slog.LevelInfo, "job changed since it was interrupted; its occurrence begins anew",
			slog.String("job", job.Name), slog.String("scope", o.Scope))
		req.Resume = nil
		summary, err = s.executeOrHelp(ctx, req, o)
	}
	s.setWaits(job.Name, err)
	s.ended(ctx, job, inputs, summary, err)
	return err
}

func isJobChanged(err error) bool {
	found, ok := errors.AsType[*diag.ListError](err)
	return ok && slices.ContainsFunc(found.List, func(d diag.Diagnostic) bool { return d.Code == "job-changed" })
}

// setWaits notes for whom a job's occurrence waits, if it does.
func (s *Server) setWaits(job string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waits, job)
	if locked, is := errors.AsType[*engine.LockedError](err); is {
		s.waits[job] = locked.Holder
	}
}

func (s *Server) waitsFor(job string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waits[job]
}

// setRunning notes the scope of a job's occurrence under way; empty: there is none.
func (s *Server) setRunning(job, scope string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scope == "" {
		delete(s.running, job)
		return
	}
	s.running[job] = scope
	delete(s.waits, job)
}

func (s *Server) isRunning(job string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[job] != ""
}
