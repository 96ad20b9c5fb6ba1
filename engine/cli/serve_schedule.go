package cli

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/runner"
	"waybill/engine/schedule"
)

// schedule starts jobs when they are due.
func (s *station) schedule(ctx context.Context) error {
	loop := &schedule.Loop{
		Jobs: s.files.Jobs, Changed: s.files.Changed(), Start: s.start, Runs: s.ledger.Runs, Now: s.app.env.Now, Log: s.log,
		Skipped: func(skip schedule.Skip) {
			for range skip.Count {
				s.metrics.Missed(skip.Job)
			}
		},
	}
	return loop.Run(ctx)
}

// start executes one occurrence of a job. While another process sends, that is an *engine.LockedError, and the loop
// tries again.
func (s *station) start(ctx context.Context, job *engine.Job, o schedule.Occurrence) error {
	inputs, err := s.inputsOf(job)
	if err != nil {
		return err
	}
	file, err := filepath.Abs(filepath.FromSlash(job.Source.Name))
	if err != nil {
		return err
	}
	req := runner.Request{
		Job: job, Mode: engine.ModeServe, Scope: o.Scope, Resume: o.Resume, Inputs: inputs,
		Open: engine.Files(job, s.options.allow), File: file,
	}
	if s.emulator != nil {
		req.Connection = s.emulator.connection()
	}
	summary, err := s.execute(ctx, req, o)
	if o.Resume != nil && isJobChanged(err) {
		// The occurrence goes on with the file as it is now: whom the ledger knows was messaged already.
		s.log.LogAttrs(ctx, slog.LevelInfo, "job changed since it was interrupted; its occurrence begins anew",
			slog.String("job", job.Name), slog.String("scope", o.Scope))
		req.Resume = nil
		summary, err = s.execute(ctx, req, o)
	}
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		s.tell(found.List)
	}
	if summary != nil {
		s.ended(ctx, summary)
	}
	return err
}

func isJobChanged(err error) bool {
	found, ok := errors.AsType[*diag.ListError](err)
	return ok && slices.ContainsFunc(found.List, func(d diag.Diagnostic) bool { return d.Code == "job-changed" })
}

func (s *station) execute(ctx context.Context, req runner.Request, o schedule.Occurrence) (*engine.Summary, error) {
	defer s.setRunning(o.Job, "")
	var began time.Time
	e := &runner.Engine{Ledger: s.ledger, Now: s.app.env.Now, Redact: s.app.redactor.Redact, Hide: s.app.redactor.Add, Observe: func(ev engine.Event) {
		switch ev.Kind {
		case engine.RunStarted:
			began = ev.At.Truncate(time.Millisecond) // as the ledger keeps times
			s.setRunning(o.Job, o.Scope)
			s.metrics.Began(o.Job, ev.At.Sub(o.At))
			s.log.LogAttrs(ctx, slog.LevelInfo, "run started", slog.String("run", ev.Run.ID), slog.String("job", o.Job), slog.String("scope", o.Scope))
		case engine.Attempted:
			s.metrics.Attempt(*ev.Attempt)
		case engine.Settled:
			if !ev.Delivery.IntendedAt.Before(began) { // else it was decided before, and nothing was asked
				s.metrics.Attempt(lastAttempt(*ev.Delivery))
			}
		case engine.Warned:
			s.tell(diag.List{*ev.Finding})
		default:
		}
	}}
	return e.Execute(ctx, req)
}

// lastAttempt is what a delivery tells of its last request.
func lastAttempt(d delivery.Delivery) delivery.Attempt {
	a := delivery.Attempt{At: d.IntendedAt, Ended: d.SettledAt, Result: delivery.ResultAccepted, Answer: d.Answer}
	switch d.State {
	case delivery.InDoubt, delivery.Intended:
		a.Result = delivery.ResultInDoubt
	case delivery.Rejected:
		a.Result = delivery.ResultRefused
	case delivery.Planned:
		a.Result = delivery.ResultNotSent
	default:
	}
	return a
}

// ended logs how a run came out, and what to do about it.
func (s *station) ended(ctx context.Context, summary *engine.Summary) {
	r := summary.Run
	attrs := []slog.Attr{
		slog.String("run", r.ID), slog.String("job", r.Job), slog.String("status", string(r.Status)),
		slog.Int("total", r.Counts.Total), slog.Int("succeeded", r.Counts.Succeeded), slog.Int("failed", r.Counts.Failed),
		slog.Int("in_doubt", r.Counts.InDoubt),
	}
	level := slog.LevelInfo
	if r.Status != engine.RunSucceeded {
		level = slog.LevelWarn
		view := &session{app: s.app, flags: &s.options.jobFlags, state: s.state}
		attrs = append(attrs, slog.String("reason", r.Reason), slog.String("next", strings.Join(view.next(r), "; ")))
	}
	const shown = 5 // of the failures; the dashboard has all
	for _, failure := range summary.Errors[:min(shown, len(summary.Errors))] {
		s.log.LogAttrs(ctx, slog.LevelWarn, "failed in a run", slog.String("run", r.ID), slog.String("step", failure.Step.Path),
			slog.String("item", failure.Item), slog.Int("row", failure.Row), slog.Int("code", failure.Code), slog.Any("error", failure.Err))
	}
	s.log.LogAttrs(ctx, level, "run ended", attrs...)
}

func (s *station) setRunning(job, scope string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if scope == "" {
		delete(s.running, job)
		return
	}
	s.running[job] = scope
}

// schedules is what the dashboard shows of the scheduler.
func (s *station) schedules() []dashboard.Schedule {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	now := s.app.env.Now()
	var list []dashboard.Schedule
	for _, job := range s.files.Jobs() {
		if job.Schedule == nil {
			continue
		}
		d := dashboard.Schedule{
			Job: job.Name, File: job.Source.Name, Cron: job.Schedule.Cron, Zone: job.Schedule.Zone.String(), Missed: job.Schedule.Missed,
			LastRun: s.lastServed(ctx, job.Name),
		}
		cron, err := schedule.Parse(job.Schedule.Cron, job.Schedule.Zone)
		if err == nil {
			d.Next = cron.Next(now)
		}
		s.mu.Lock()
		d.Problem = s.problems[job.Source.Name]
		d.Running = s.running[job.Name] != ""
		s.mu.Unlock()
		if err != nil {
			d.Problem = err.Error()
		}
		list = append(list, d)
	}
	return list
}

// lastServed is the id of a job's newest scheduled run, among its newest runs; empty: there is none.
func (s *station) lastServed(ctx context.Context, job string) string {
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
