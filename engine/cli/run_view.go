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
	"waybill/engine/report"
	"waybill/engine/runner"
)

// runView shows a run on standard error while it goes, and gathers what its end will say.
type runView struct {
	session  *session
	req      runner.Request
	began    time.Time
	progress *report.Progress
	failures *report.Failures
	waits    *report.Waits
	waited   bool // for another sender, and said so
}

// newRunView makes the view of one run. total is how many messages there will be at most; zero: not counted.
func (s *session) newRunView(req runner.Request, total int) *runView {
	a := s.app
	return &runView{
		session: s, req: req, began: a.env.Now(),
		progress: report.NewProgress(report.ProgressOptions{
			Writer: a.err, Now: a.env.Now, Paint: a.paint(), Live: a.live(), Columns: a.env.Terminal.Columns,
			Title: req.Job.Name, Total: total, Quiet: a.quiet || a.events != nil && a.live(),
		}),
		failures: &report.Failures{Files: report.FilesOf(req.Job)}, waits: &report.Waits{},
	}
}

// draw keeps the live line, until stop is called; what is written in the background comes above it meanwhile. It goes on
// after ctx has ended.
func (v *runView) draw(ctx context.Context) (stop func()) {
	v.session.stderr.redirect(v.progress)
	drawing, done := context.WithCancel(context.WithoutCancel(ctx))
	var drawn sync.WaitGroup
	drawn.Go(func() { v.progress.Run(drawing) })
	return func() {
		done()
		drawn.Wait()
		v.session.stderr.redirect(v.session.app.err)
	}
}

// observe is told of everything that happens in the run.
func (v *runView) observe(ev engine.Event) {
	a := v.session.app
	if ev.Finding != nil {
		ev.Finding = &a.masked.of(diag.List{*ev.Finding})[0]
	}
	if ev.Kind == engine.RunStarted {
		resume := v.session.hints().resume(ev.Run.ID)
		a.underway.Store(&resume)
		a.settling.Store(false)
	}
	if ev.Kind == engine.Waiting && ev.Reason == "settle" {
		a.settling.Store(true)
	}
	v.progress.Observe(ev)
	v.failures.Observe(ev)
	if a.events != nil {
		a.events.Observe(ev)
	}
	if ev.Kind == engine.Waiting && !a.quiet {
		fmt.Fprintln(v.progress, ev.Message)
	}
	if a.logged() {
		ev = report.MaskEvent(ev)
	}
	if line := v.waits.Line(ev); line != "" && !a.verbose && !a.quiet {
		fmt.Fprintln(v.progress, line)
	}
	if !a.verbose {
		return
	}
	if line := report.Narrate(ev); line != "" {
		fmt.Fprintln(v.progress, line)
	}
}

// wait says once that another process sends.
func (v *runView) wait(locked *engine.LockedError) {
	if !v.waited {
		v.waited = true
		fmt.Fprintf(v.progress, "waiting: %s\n", locked.Error())
	}
}

// addUndelivered adds what was accepted and failed since to the run's failures, as the ledger has it: the run may have ended before it
// was told of the last.
func (v *runView) addUndelivered(ctx context.Context, run engine.Run, doc *report.Run) error {
	if run.Counts.Undelivered == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	messages, err := newMessageList(ctx, v.session.ledger, run)
	if err != nil {
		return err
	}
	type place struct{ step, item string }
	told := map[place]bool{} // of those that an earlier run sent
	for _, e := range doc.Errors {
		told[place{e.Step, e.Item}] = true
	}
	messages.states = []delivery.State{delivery.Failed}
	for d, err := range messages.deliveries(ctx) {
		if err != nil {
			return err
		}
		e := report.Error{Step: d.Step, Item: d.Item, File: d.File, Row: d.Row, Code: d.Code, Message: d.Message}
		v.failures.Add(e)
		if !told[place{d.Step, d.Item}] && len(doc.Errors) < engine.MaxErrors {
			doc.Errors = append(doc.Errors, e)
		}
	}
	return nil
}

// summarise prints the end of the run in text.
func (v *runView) summarise(ctx context.Context, sum *engine.Summary, doc report.Run) error {
	ctx = context.WithoutCancel(ctx)
	s := v.session
	text := report.Summary{
		Run: doc, Order: v.req.Job.Steps, Failures: v.failures, Reason: sum.Run.Reason, Took: s.app.env.Now().Sub(v.began),
		Sandbox: s.emulator != nil, Sent: v.progress.Sent(), Apply: v.req.Mode == engine.ModeApply,
		Shared: isShared(s.state), GoesOn: sum.GoesOn, Left: sum.Left,
	}
	if g, is := v.req.Placement.(*given); is {
		text.Engine, text.Order = g.engine, nil // the steps' outputs are the workers'
	}
	senders, _ := v.req.Job.Senders()
	text.Sends = senders > 0
	// What the ledger cannot say now is left out: how the run ended, and what goes on with it, is known without.
	var byHand, unheard, settled error
	text.ByHand, byHand = countByHand(ctx, s.ledger, sum.Run)
	if inDoubt := v.progress.InDoubt(); inDoubt > 0 {
		var still int
		still, settled = countInDoubt(ctx, s.ledger, sum.Run)
		text.Sent += max(0, inDoubt-still) // webhooks told since that these were sent
	}
	text.Unheard, unheard = s.app.unheard(ctx, s.ledger, s.flags.sandbox)
	text.Unheard = text.Unheard && unheard == nil
	text.Next = s.hints().nextOf(sum.Run)
	if retry := s.retry(v.req, sum.Run); retry != "" {
		text.Next = append(text.Next, retry)
	}
	return errors.Join(byHand, unheard, settled, report.WriteSummary(s.app.out, text, meaning, s.app.paintOut()))
}

// unheard says whether no receiver of webhooks is alive on a ledger. The sandbox is one.
func (a *app) unheard(ctx context.Context, l engine.Reader, sandbox bool) (bool, error) {
	if sandbox {
		return false, nil
	}
	alive, err := l.Listening(ctx)
	return !alive.After(a.env.Now()), err
}
