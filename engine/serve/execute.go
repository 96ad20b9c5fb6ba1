package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/notify"
	"waybill/engine/runner"
	"waybill/engine/schedule"
)

// request is what is asked of a job, whoever began its run.
func (s *Server) request(job *engine.Job, file string, inputs map[string]any) runner.Request {
	req := runner.Request{
		Job: job, Inputs: inputs, Open: engine.Files(job, s.options.AllowPaths), File: file, By: s.options.By, AllowURLs: s.options.AllowURLs,
		Holder: "waybill serve",
	}
	if s.options.Emulator != nil {
		req.Connection = s.options.Emulator.Connection
	}
	return req
}

// executeOrHelp executes a request or, where other processes of a shared ledger had the occurrence first, helps them with it. Where they
// cannot be helped, or work at another run of the job, the error is an *engine.LockedError: the caller waits, as for any other sender.
func (s *Server) executeOrHelp(ctx context.Context, req runner.Request, o schedule.Occurrence) (*engine.Summary, error) {
	summary, err := s.execute(ctx, req, o)
	var locked *engine.LockedError
	if _, shared := s.ledger.(engine.Divider); shared && errors.As(err, &locked) {
		req.Helps = true
		helped, refused := s.execute(ctx, req, o)
		if !errors.Is(refused, engine.ErrNotFound) && !errors.As(refused, &locked) { // else it is over, or one process alone does it
			summary, err = helped, refused
		}
	}
	return summary, s.asLocked(err)
}

// asLocked makes of an error that another run of the job is under way one that is waited for.
func (s *Server) asLocked(err error) error {
	if other, is := errors.AsType[*engine.OtherRunError](err); is {
		return &engine.LockedError{Ledger: s.options.State, Holder: other.Error()}
	}
	if other, is := errors.AsType[*engine.OtherRowsError](err); is {
		holder := fmt.Sprintf("run %s of the same job is under way, and its rows are others than those here", other.Run)
		return &engine.LockedError{Ledger: s.options.State, Holder: holder}
	}
	return err
}

// execute runs a request, and shows on the dashboard, in the metrics and in the log what happens in it.
func (s *Server) execute(ctx context.Context, req runner.Request, o schedule.Occurrence) (*engine.Summary, error) {
	began := false
	defer func() {
		if began { // else another run of the job may be under way
			s.setRunning(o.Job, "")
		}
	}()
	if _, shared := s.ledger.(engine.Divider); !shared { // else others send beside it
		req.Yields = func(until time.Time) bool { return s.isNeeded(ctx, o, until) }
	}
	return s.engine(func(ev engine.Event) {
		switch ev.Kind {
		case engine.RunStarted:
			began = true
			s.setRunning(o.Job, o.Scope)
			s.metrics.Began(o.Job, ev.At.Sub(o.At))
			s.log.LogAttrs(ctx, slog.LevelInfo, "run started",
				slog.String("run", ev.Run.ID), slog.String("job", o.Job), slog.String("scope", o.Scope))
		case engine.Attempted, engine.Settled: // a delivery's last try comes with Settled
			s.metrics.Attempt(*ev.Attempt)
		case engine.Waiting:
			s.log.LogAttrs(ctx, slog.LevelInfo, "messages wait", slog.String("job", o.Job), slog.String("reason", ev.Reason), slog.String("what", ev.Message))
		case engine.Warned:
			s.jobs.logFindings(diag.List{*ev.Finding})
		default:
		}
	}).Execute(ctx, req)
}

// ended logs and tells how a run ended, or why it did not begin.
func (s *Server) ended(ctx context.Context, job *engine.Job, inputs map[string]any, summary *engine.Summary, err error) {
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		s.jobs.logFindings(found.List)
	}
	if summary != nil {
		s.logEnd(ctx, summary)
	}
	if summary != nil && summary.Tell != nil {
		s.tellEnded(ctx, job, inputs, notify.Ended(*summary.Tell, notify.Codes(summary.Errors)))
	}
}

// logEnd logs how a run came out, and what to do about it.
func (s *Server) logEnd(ctx context.Context, summary *engine.Summary) {
	r := summary.Run
	attrs := []slog.Attr{
		slog.String("run", r.ID), slog.String("job", r.Job), slog.String("status", string(r.Status)),
		slog.Int("total", r.Counts.Total), slog.Int("succeeded", r.Counts.Succeeded), slog.Int("failed", r.Counts.Failed),
		slog.Int("in_doubt", r.Counts.InDoubt),
	}
	level := slog.LevelInfo
	if r.Status != engine.RunSucceeded {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("reason", r.Reason), slog.String("next", strings.Join(s.options.Next(r), "; ")))
	}
	const shown = 5 // of the failures; the dashboard has all
	for _, failure := range summary.Errors[:min(shown, len(summary.Errors))] {
		s.log.LogAttrs(ctx, slog.LevelWarn, "failed in a run", slog.String("run", r.ID), slog.String("step", failure.Step.Path),
			slog.String("item", failure.Item), slog.Int("row", failure.Row), slog.Int("code", failure.Code), slog.Any("error", failure.Err))
	}
	s.log.LogAttrs(ctx, level, "run ended", attrs...)
}
