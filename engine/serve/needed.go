package serve

import (
	"context"
	"log/slog"
	"time"

	"waybill/engine"
	"waybill/engine/schedule"
)

// isNeeded says whether another job of this serve needs the ledger, from which one run sends at a time, before a moment until which the rows of
// an occurrence wait: it is due and waits for the ledger, comes due by then, or rows of an earlier run of it may go.
func (s *Server) isNeeded(ctx context.Context, o schedule.Occurrence, until time.Time) bool {
	now := s.options.Now()
	for _, job := range s.jobs.scheduled() {
		if job.Name == o.Job {
			continue
		}
		if s.waitsFor(job.Name) != "" {
			return true
		}
		cron, err := schedule.Parse(job.Schedule.Cron, job.Schedule.Zone)
		if err != nil { // the scheduler says so
			continue
		}
		if next := cron.Next(now); !next.IsZero() && next.Before(until) {
			return true
		}
	}
	for run, err := range s.ledger.Runs(ctx, engine.RunFilter{Waiting: true}) {
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "cannot look which runs wait", slog.Any("error", err))
			return false
		}
		if run.Scope != o.Scope && run.WaitsUntil.Before(until) && s.hasJob(run.Job) {
			return true
		}
	}
	return false
}

// hasJob says whether this serve has a job of that name.
func (s *Server) hasJob(name string) bool {
	for _, job := range s.jobs.List() {
		if job.Name == name {
			return true
		}
	}
	return false
}
