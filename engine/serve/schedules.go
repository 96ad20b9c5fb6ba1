package serve

import (
	"context"
	"log/slog"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/schedule"
)

// schedules is what the dashboard shows of the scheduler.
func (s *Server) schedules() []dashboard.Schedule {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var list []dashboard.Schedule
	for _, job := range s.jobs.scheduled() {
		d := dashboard.Schedule{
			Job: job.Name, File: job.Source.Name, Cron: job.Schedule.Cron, Zone: job.Schedule.Zone.String(), Missed: job.Schedule.Missed,
			LastRun: s.lastScheduledRun(ctx, job.Name), Problem: s.jobs.problem(job.Source.Name), Running: s.isRunning(job.Name), Waits: s.waitsFor(job.Name),
		}
		cron, err := schedule.Parse(job.Schedule.Cron, job.Schedule.Zone)
		if err != nil {
			d.Problem = err.Error()
		} else {
			d.Next = cron.Next(s.options.Now())
		}
		list = append(list, d)
	}
	for _, file := range s.jobs.Idle() {
		list = append(list, dashboard.Schedule{File: file, Problem: s.jobs.problem(file)})
	}
	return list
}

// lastScheduledRun returns the id of a job's newest scheduled run, among its newest runs; empty: there is none.
func (s *Server) lastScheduledRun(ctx context.Context, job string) string {
	const looked = 100
	for run, err := range s.ledger.Runs(ctx, engine.RunFilter{Job: job, Limit: looked}) {
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "cannot read the ledger", slog.Any("error", err))
			return ""
		}
		if run.Mode == engine.ModeServe {
			return run.ID
		}
	}
	return ""
}
