package serve

import (
	"context"
	"log/slog"
	"time"

	"waybill/engine"
	"waybill/engine/notify"
	"waybill/engine/schedule"
)

// tell tells an event to those whom a job wants told. A failure is logged: it is no failure of the run.
func (s *Server) tell(ctx context.Context, job *engine.Job, inputs map[string]any, e notify.Event) {
	if s.options.Tell == nil || s.options.Emulator != nil {
		return
	}
	if err := s.options.Tell(ctx, s.ledger, job, inputs, e); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a notification was not told", slog.String("job", job.Name), slog.String("error", err.Error()))
	}
}

// tellEnded tells how a run ended, which this process took upon itself.
func (s *Server) tellEnded(ctx context.Context, job *engine.Job, inputs map[string]any, e notify.Event) {
	s.tell(ctx, job, inputs, e)
	if err := s.ledger.Told(context.WithoutCancel(ctx), e.Run); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "cannot write to the ledger", slog.String("run", e.Run), slog.String("error", err.Error()))
	}
}

// tellMissed tells, beside everything else, that occurrences of a job did not run at their time.
func (s *Server) tellMissed(ctx context.Context, skip schedule.Skip) {
	for _, job := range s.jobs.List() {
		if job.Name != skip.Job {
			continue
		}
		inputs, err := s.jobs.inputsOf(job)
		if err != nil {
			return // the job cannot run; that is said where its file is read
		}
		e := notify.Event{
			Job: job.Name, Scope: skip.Last.Scope, Status: string(notify.Missed), Reason: skip.Reason,
			StartedAt: skip.First.At, FinishedAt: skip.Last.At,
		}
		s.telling.Go(func() { s.tell(context.WithoutCancel(ctx), job, inputs, e) })
	}
}

// pendingEvery is how often what could not be told is tried again.
const pendingEvery = 10 * time.Minute

// outbox tries again what could not be told, by this process or another.
func (s *Server) outbox(ctx context.Context) error {
	tick := time.NewTicker(pendingEvery)
	defer tick.Stop()
	for {
		s.tellPending(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// tellPending tells what could not be told before, beside everything else. What still cannot be told was said then.
func (s *Server) tellPending(ctx context.Context) {
	if s.options.TellPending == nil || s.options.Emulator != nil {
		return
	}
	for _, job := range s.jobs.List() {
		inputs, err := s.jobs.inputsOf(job)
		if err != nil {
			continue // said where the file is read
		}
		s.telling.Go(func() {
			if err := s.options.TellPending(context.WithoutCancel(ctx), s.ledger, job, inputs); err != nil {
				s.log.LogAttrs(ctx, slog.LevelDebug, "a notification is still not told",
					slog.String("job", job.Name), slog.String("error", err.Error()))
			}
		})
	}
}
