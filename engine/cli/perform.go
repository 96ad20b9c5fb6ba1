package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/ledger"
	"waybill/engine/report"
	"waybill/engine/runner"
)

// settleTime is how long a run in the sandbox waits for the last statuses: people there are quick.
const settleTime = time.Second

// performance is what a sending command found out.
type performance struct {
	documents []report.Run
	status    int
}

// perform executes the requests one after the other, shows how they go, and prints how they ended. A run that was
// stopped or interrupted ends the others too.
func (s *session) perform(ctx context.Context, requests []runner.Request, total int) (err error) {
	l, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	var events *report.Events
	if s.flags.format == "ndjson" {
		events = report.NewEvents(s.app.out)
		s.app.events = events
	}
	p, failed := s.all(ctx, l, requests, events, total)
	if failed != nil && len(p.documents) == 0 {
		return failed
	}
	printed := s.print(p)
	if s.app.out.failure() != nil {
		return s.untold(p, failed)
	}
	if failed = errors.Join(failed, printed); failed != nil {
		return &ExitError{Code: worse(p.status, ExitFailed), Err: failed}
	}
	return exit(p.status)
}

// untold says that what was to be told of the runs was not, and where it is.
func (s *session) untold(p performance, failed error) error {
	last := p.documents[len(p.documents)-1]
	err := fmt.Errorf("the run went on to its end, and its output could not be written: %w", s.app.out.failure())
	return &ExitError{
		Code: worse(p.status, ExitFailed), Err: errors.Join(failed, err),
		Hint: "it is in the ledger: waybill show " + last.Run + s.where(),
	}
}

// all executes the requests until one is stopped, or fails as a whole: the ledger failed then.
func (s *session) all(ctx context.Context, l *ledger.Ledger, requests []runner.Request, events *report.Events, total int) (p performance, err error) {
	for i, req := range requests {
		if i > 0 {
			total = 0 // it is of all jobs
		}
		document, status, err := s.one(ctx, l, req, events, total)
		if document != nil {
			p.documents, p.status = append(p.documents, *document), worse(p.status, status)
		}
		if err != nil || status >= ExitStopped {
			s.sayLeft(req, requests[i+1:])
			return p, err
		}
	}
	return p, nil
}

// sayLeft names the jobs that were not begun because one before them did not come to its end, and what runs each.
func (s *session) sayLeft(stopped runner.Request, left []runner.Request) {
	for _, req := range left {
		fmt.Fprintf(s.app.err, "job %s was not run, for job %s did not come to its end; run it with: %s\n",
			req.Job.Name, stopped.Job.Name, s.alone(req))
	}
}

// print writes the documents of -o json: one, or a list when the file holds several jobs.
func (s *session) print(p performance) error {
	if s.flags.format != "json" {
		return nil
	}
	if len(s.jobs) == 1 {
		return report.WriteJSON(s.app.out, p.documents[0])
	}
	return report.WriteJSON(s.app.out, p.documents)
}

// one executes one request. The document is nil when nothing was begun.
func (s *session) one(ctx context.Context, l *ledger.Ledger, req runner.Request, events *report.Events, total int) (*report.Run, int, error) {
	a := s.app
	progress := report.NewProgress(report.ProgressOptions{
		Writer: a.err, Now: a.env.Now, Paint: a.paint(), Live: a.live(), Columns: a.env.Terminal.Columns,
		Title: req.Job.Name, Total: total, Quiet: a.quiet || events != nil && a.live(),
	})
	files := report.FilesOf(req.Job)
	failures, waits := &report.Failures{Files: files}, &report.Waits{}
	s.screen.show(progress)
	drawing, done := context.WithCancel(context.WithoutCancel(ctx))
	var screen sync.WaitGroup
	screen.Go(func() { progress.Run(drawing) })

	began := a.env.Now()
	warn := context.AfterFunc(ctx, func() { a.sayInterrupted(progress) })
	summary, err := s.engine(l, func(ev engine.Event) {
		if ev.Finding != nil {
			ev.Finding = &a.hide(diag.List{*ev.Finding})[0]
		}
		if ev.Kind == engine.RunStarted {
			resume := s.resume(ev.Run.ID)
			a.underway.Store(&resume)
		}
		progress.Observe(ev)
		failures.Observe(ev)
		if events != nil {
			events.Observe(ev)
		}
		if line := waits.Line(ev); line != "" && !a.verbose && !a.quiet {
			fmt.Fprintln(progress, line)
		}
		if a.verbose {
			a.narrate(progress, ev)
		}
	}).Execute(ctx, req)
	warn()
	a.underway.Store(nil)
	s.linger(ctx, l, summary)
	done()
	screen.Wait()
	s.screen.show(a.err)
	if summary == nil {
		return nil, ExitFailed, err
	}
	a.findings(summary.Warnings)
	document := report.NewRun(summary)
	files.In(document.Errors)
	if s.flags.format == "text" {
		told := s.summarise(ctx, l, req, summary, document, failures, progress.Sent(), a.env.Now().Sub(began))
		if a.out.failure() == nil { // else it is said once, at the end
			err = errors.Join(err, told)
		}
	} else if !a.quiet {
		for _, next := range s.next(summary.Run) {
			fmt.Fprintf(a.err, "next: %s\n", next)
		}
	}
	return &document, status(summary.Run.Status), err
}

// linger gives the sandbox's people a moment to get their messages, so that the summary can say so.
func (s *session) linger(ctx context.Context, l *ledger.Ledger, summary *engine.Summary) {
	if s.emulator == nil || summary == nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		waiting, err := l.Tally(ctx, engine.DeliveryFilter{Run: summary.Run.ID, States: []delivery.State{delivery.Accepted, delivery.Sent}})
		if err != nil || waiting[delivery.Accepted]+waiting[delivery.Sent] == 0 || l.Change(ctx) != nil {
			return
		}
	}
}

// summarise prints the end of a run in text.
func (s *session) summarise(ctx context.Context, l *ledger.Ledger, req runner.Request, sum *engine.Summary, doc report.Run, failures *report.Failures, sent int, took time.Duration) error {
	ctx = context.WithoutCancel(ctx)
	text := report.Summary{
		Run: doc, Order: req.Job.Steps, Failures: failures, Reason: sum.Run.Reason, Took: took, Sandbox: s.emulator != nil,
		Sent: sent, Apply: req.Mode == engine.ModeApply,
	}
	senders, _ := req.Job.Senders()
	switch {
	case senders == 0:
	case doc.Counts.Total == 0 && !cutShort(sum.Run.Status):
		text.Tally = map[delivery.State]int{}
	default:
		tally, err := l.Tally(ctx, engine.DeliveryFilter{Job: sum.Run.Job, Scope: sum.Run.Scope})
		if err != nil {
			return err
		}
		text.Tally = tally
		if text.ByHand, err = countByHand(ctx, l, sum.Run, tally); err != nil {
			return err
		}
	}
	text.Next = s.nextOf(sum.Run, text.Tally)
	return report.WriteSummary(s.app.out, text, meaning, s.app.paintOut())
}

// cutShort says that a run ended before its work did: deliveries may have been tried that are not counted yet.
func cutShort(s engine.RunStatus) bool { return s == engine.RunInterrupted || s == engine.RunStopped }

// narrate tells one event under -v.
func (a *app) narrate(progress *report.Progress, ev engine.Event) {
	if line := report.Narrate(ev); line != "" {
		fmt.Fprintln(progress, line)
	}
}
