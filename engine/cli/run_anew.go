package cli

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/engine/wording"
)

// checkAnew asks before a new run messages those once more whom the last one of the job messaged before it was cut off: who runs a job again
// after a crash most often means to go on.
func (s *session) checkAnew(ctx context.Context, requests []runner.Request) (err error) {
	if s.flags.sandbox || len(requests) == 0 || requests[0].Mode != engine.ModeRun || requests[0].TestTo != "" {
		return nil
	}
	done, err := s.openBeforeSending()
	if err != nil || s.ledger.Ledger == nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for _, req := range requests {
		last, err := s.lastRun(ctx, req.Job.Name)
		if err != nil {
			return err
		}
		if last == nil {
			continue
		}
		text := fmt.Sprintf("Run %s of %s did not come to its end, and %s sent. A new run sends all once more; waybill resume %s goes on with that one.",
			last.ID, last.Job, wording.Plural(last.Counts.Accepted, "message")+wording.Agree(last.Counts.Accepted, " of it was", " of it were"), last.ID)
		if s.flags.yes {
			fmt.Fprintln(s.app.err, "warning: "+text)
		} else if err := s.app.askToSend(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// lastRun is the last thing that waybill run began of a job, where it was cut off after it had sent something; nil: nothing is.
func (s *session) lastRun(ctx context.Context, job string) (*engine.Run, error) {
	const most = 100 // of tests since
	for run, err := range s.ledger.Runs(ctx, engine.RunFilter{Job: job, Limit: most}) {
		switch {
		case err != nil:
			return nil, err
		case run.Asked.TestTo != "":
			continue
		}
		cut := run.Status == engine.RunInterrupted || run.Status == engine.RunRunning || run.Status == engine.RunStopped
		if cut && run.Mode == engine.ModeRun && run.Counts.Accepted > 0 {
			return &run, nil
		}
		return nil, nil
	}
	return nil, nil
}
