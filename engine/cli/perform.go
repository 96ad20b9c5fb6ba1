package cli

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/runner"
)

// runResults are the documents of the runs that a sending command made, and the exit status that they deserve together.
type runResults struct {
	documents []report.Run
	status    int
}

// perform executes the requests one after the other, shows how they go, and prints how they ended. A run that was
// stopped or interrupted ends the others too. total is how many messages there will be at most; zero: not counted.
func (s *session) perform(ctx context.Context, requests []runner.Request, total int) (err error) {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer func() { err = alsoFailed(err, s.end()) }()
	if s.flags.format == "ndjson" {
		s.app.events = report.NewEvents(s.app.out)
	}
	results, failed := s.performAll(ctx, requests, total)
	if failed != nil && len(results.documents) == 0 {
		return failed
	}
	printed := s.print(results)
	if s.app.out.failure() != nil {
		return s.outputError(results, failed)
	}
	if failed = errors.Join(failed, printed); failed != nil {
		return &ExitError{Code: worse(results.status, ExitFailed), Err: failed}
	}
	return exit(results.status)
}

// outputError says that the results could not be written, and where they are.
func (s *session) outputError(results runResults, failed error) error {
	last := results.documents[len(results.documents)-1]
	err := fmt.Errorf("the run went on to its end, and its output could not be written: %w", s.app.out.failure())
	return &ExitError{
		Code: worse(results.status, ExitFailed), Err: errors.Join(failed, err),
		Hint: "it is in the ledger: waybill show " + last.Run + s.hints().where(),
	}
}

// performAll executes the requests until one is stopped, or fails as a whole: the ledger failed then.
func (s *session) performAll(ctx context.Context, requests []runner.Request, total int) (results runResults, err error) {
	for i, req := range requests {
		if i > 0 {
			total = 0 // it is of all jobs
		}
		document, status, err := s.performOne(ctx, req, total)
		if document != nil {
			results.documents, results.status = append(results.documents, *document), worse(results.status, status)
		}
		if err != nil || status >= ExitStopped {
			s.sayLeft(req, requests[i+1:])
			return results, err
		}
	}
	return results, nil
}

// alsoFailed adds what failed later to what failed before. That the ledger is away is said once, whatever is asked of it.
func alsoFailed(before, later error) error {
	if errors.Is(before, engine.ErrBusy) && errors.Is(later, engine.ErrBusy) {
		return before
	}
	return errors.Join(before, later)
}

// sayLeft names the jobs that were not begun because one before them did not come to its end, and what runs each.
func (s *session) sayLeft(stopped runner.Request, left []runner.Request) {
	for _, req := range left {
		fmt.Fprintf(s.app.err, "job %s was not run, for job %s did not come to its end; run it with: %s\n",
			req.Job.Name, stopped.Job.Name, s.alone(req))
	}
}

// print writes the documents of -o json: one, or a list when the file holds several jobs.
func (s *session) print(results runResults) error {
	if s.flags.format != "json" {
		return nil
	}
	if len(s.jobs) == 1 {
		return report.WriteJSON(s.app.out, results.documents[0])
	}
	return report.WriteJSON(s.app.out, results.documents)
}

// execute executes a request, and waits for another sender where the user allows it.
func (s *session) execute(ctx context.Context, view *runView, req runner.Request) (*engine.Summary, error) {
	deadline, cancel := context.WithTimeout(ctx, s.flags.waitLock)
	defer cancel()
	for {
		summary, err := s.engine(view.observe).Execute(ctx, req)
		locked, isLocked := errors.AsType[*engine.LockedError](err)
		if !isLocked || s.flags.waitLock == 0 {
			return summary, refusedToShare(stoppedByOrder(err))
		}
		view.wait(locked)
		if s.ledger.Change(deadline) != nil && deadline.Err() != nil {
			return summary, err
		}
	}
}

// stoppedByOrder gives the refusal of a job that a person stopped its exit status and the way on.
func stoppedByOrder(err error) error {
	if ordered, ok := errors.AsType[*runner.OrderedError](err); ok {
		return &ExitError{Code: ExitStopped, Err: ordered, Hint: "waybill resume " + ordered.Run + " goes on"}
	}
	return err
}

// performOne executes one request. The document is nil when nothing was begun.
func (s *session) performOne(ctx context.Context, req runner.Request, total int) (*report.Run, int, error) {
	a := s.app
	view := s.newRunView(req, total)
	stop := view.draw(ctx)
	warn := context.AfterFunc(ctx, func() { a.sayInterrupted(view.progress) })
	summary, err := s.execute(ctx, view, req)
	warn()
	a.underway.Store(nil)
	stop()
	if summary == nil {
		return nil, ExitFailed, err
	}
	a.findings(summary.Warnings)
	s.tellEnd(ctx, req, summary)
	document := report.NewRun(summary)
	err = alsoFailed(err, view.addUndelivered(ctx, summary.Run, &document))
	view.failures.Files.In(document.Errors)
	if s.flags.format == "text" {
		printed := view.summarise(ctx, summary, document)
		if a.out.failure() == nil { // else it is said once, at the end
			err = alsoFailed(err, printed)
		}
	} else if !a.quiet {
		for _, next := range s.hints().next(summary.Run) {
			fmt.Fprintf(a.err, "next: %s\n", next)
		}
	}
	return &document, status(summary.Run.Status), err
}
