package cli

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/runner"
)

// openBeforeSending opens the ledger for reading, as openReadOnly does, where messages are to be sent from it next: one of an earlier format is
// brought to this program's first.
func (s *session) openBeforeSending() (done func() error, err error) {
	if done, err = s.openReadOnly(s.state); !errors.Is(err, engine.ErrEarlier) {
		return done, err
	}
	if err := s.app.bringUp(s.state, s.flags.sandbox); err != nil {
		return nil, err
	}
	return s.openReadOnly(s.state)
}

// checkSameJob refuses a file whose job was applied before from another file that is still there: a job's name is its identity, and
// both would share what was sent.
func (s *session) checkSameJob(ctx context.Context, requests []runner.Request) (err error) {
	if s.flags.sameJob || len(requests) == 0 || requests[0].Mode != engine.ModeApply {
		return nil
	}
	done, err := s.openBeforeSending()
	if err != nil || s.ledger.Ledger == nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	_, shared := s.ledger.Ledger.(engine.Divider)
	for _, req := range requests {
		for run, err := range s.ledger.Runs(ctx, engine.RunFilter{Job: req.Job.Name, Limit: 1}) {
			if err != nil {
				return err
			}
			if engine.OtherFile(run.File, req.File, shared) {
				return usageError(fmt.Sprintf("job %s was last run from %s, and this is another file: what that one sent would count as sent here. Nothing was sent",
					req.Job.Name, shownPath(run.File)), "give the job a name of its own, or say --same-job when this file takes its place")
			}
		}
	}
	return nil
}
