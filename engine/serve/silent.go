package serve

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"waybill/engine"
	"waybill/engine/notify"
)

// silence watches for runs whose messages were accepted and of which no webhook tells, and tells those whom the job wants told, once a
// run. The usual reason is a webhook that is not subscribed, or points elsewhere.
func (s *Server) silence(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	told := map[string]bool{} // runs
	for {
		select {
		case <-tick.C:
			s.tellSilent(ctx, told)
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Server) tellSilent(ctx context.Context, told map[string]bool) {
	for _, job := range s.jobs.List() {
		if len(job.Notify) == 0 {
			continue
		}
		run, silent, err := s.silentRun(ctx, job.Name)
		if err != nil {
			if ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "cannot read the ledger", slog.String("error", err.Error()))
			}
			return
		}
		if !silent || told[run.ID] {
			continue
		}
		told[run.ID] = true
		inputs, err := s.jobs.inputsOf(job)
		if err != nil {
			continue // said where the file is read
		}
		e := notify.Ended(run, nil)
		e.Status = string(notify.Silent)
		e.Reason = fmt.Sprintf("messages were accepted, and no webhook came for %d minutes: is it subscribed, and does it come here?",
			int(notify.SilentAfter.Minutes()))
		s.telling.Go(func() { s.tell(context.WithoutCancel(ctx), job, inputs, e) })
	}
}

// silentRun is the newest run of a job, and whether messages of it were accepted of which nothing was heard for too long.
func (s *Server) silentRun(ctx context.Context, job string) (engine.Run, bool, error) {
	for run, err := range s.ledger.Runs(ctx, engine.RunFilter{Job: job, Limit: 1}) {
		if err != nil {
			return run, false, err
		}
		last, err := s.ledger.Receiving(ctx)
		if err != nil {
			return run, false, err
		}
		since := run.StartedAt
		if last.After(since) {
			since = last
		}
		c, quiet := run.Counts, s.options.Now().Sub(since)
		const old = 24 * time.Hour // of a run of yesterday it was told, or nobody served
		return run, c.Accepted > c.Delivered+c.Undelivered && quiet >= notify.SilentAfter && quiet < old, nil
	}
	return engine.Run{}, false, nil
}
