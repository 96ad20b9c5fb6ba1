package dashboard

import (
	"context"
	"net/http"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

const (
	refreshSeconds = 5
	troubleOnPage  = 10
	scopeBudget    = 500 * time.Millisecond
	quietAfter     = 2 * time.Minute // a running run without a request for so long may have lost its process
)

// runPage is one run: the page at /runs/{id}, and the file that WriteReport writes.
type runPage struct {
	Run        engine.Run
	Took       time.Duration
	WiderScope bool // the scope is more than this run
	Tally      tally
	Figures    []keyFigure
	Funnel     []stage
	Chart      *timeChart
	Stats      runStats
	Kinds      []codeLine
	Trouble    []deliveryLine
	More       int    // in trouble, and not listed
	Uncounted  int    // failures that Kinds does not count
	Scope      string // what stands in the whole scope, in words; empty when that is this run's alone
	Next       []advice
	Quiet      time.Duration // how long a running run has made no request; zero: not long
	Path       string
	List       string // address of its deliveries
	Standalone bool   // the page is a file: nothing to click
}

// keyFigure is one number at the head of the page.
type keyFigure struct {
	Name, Value, Share, Class string
}

// advice is a sentence with the command that it is about.
type advice struct {
	Text, Command string
}

// run shows one run. An unambiguous beginning of its id and "last" lead to it.
func (d *dashboard) run(r *http.Request, f *frame) (any, error) {
	p, err := d.readRun(r.Context(), r.PathValue("id"), f, troubleOnPage, 1)
	if err != nil {
		return nil, err
	}
	if p.Run.Status == engine.RunRunning || p.Stats.Read < p.Stats.Of { // the next look reads on
		f.Refresh = refreshSeconds
	}
	return p, nil
}

// readRun gathers what a run's page shows, with at most so many deliveries in trouble, and in so many looks at its pace.
func (d *dashboard) readRun(ctx context.Context, id string, f *frame, trouble, looks int) (*runPage, error) {
	run, err := d.Ledger.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	f.Title = run.Job + " · " + run.ID
	p := &runPage{Run: run, Took: took(run, d.Now()), WiderScope: run.Scope != run.ID, Path: runPath(run.ID)}
	p.List = p.Path + "/deliveries"
	if p.Tally, err = d.count(ctx, engine.DeliveryFilter{Run: run.ID}); err != nil {
		return nil, err
	}
	scope := p.Tally
	if p.WiderScope {
		scope, err = d.countWithin(ctx, engine.DeliveryFilter{Job: run.Job, Scope: run.Scope}, scopeBudget)
		switch {
		case err != nil:
			return nil, err
		case scope == nil:
			p.Scope = "too many to count for a page"
		case scope.total() != p.Tally.total():
			p.Scope = scopeLine(scope)
		}
	}
	if p.Stats, err = d.statsOf(ctx, run, p.Tally, looks); err != nil {
		return nil, err
	}
	p.Next = nextSteps(run, p.Tally, scope)
	p.draw(d, trouble)
	return p, nil
}

// draw makes of what was read what the template shows.
func (p *runPage) draw(d *dashboard, trouble int) {
	p.Figures = keyFigures(p.Tally, p.Run.Counts)
	p.Funnel = funnel(p.Tally, func(states ...delivery.State) string {
		words := make([]string, len(states))
		for i, s := range states {
			words[i] = stateParam(s)
		}
		return address(p.List, "state", strings.Join(words, ","))
	})
	p.Chart = newTimeChart(p.Stats.Buckets, p.Stats.Width)
	p.Kinds = p.Stats.Codes
	for i, delivery := range p.Stats.Trouble {
		if i == trouble {
			break
		}
		p.Trouble = append(p.Trouble, newDeliveryLine(delivery, d.Meaning))
	}
	p.Uncounted = max(0, p.Tally.failed()-p.Stats.FailuresRead)
	p.More = p.Tally.failed() + p.Tally[delivery.InDoubt] - len(p.Trouble)
	// Unless all was read, the latest request is not known.
	if idle := d.Now().Sub(p.Stats.Last); p.Run.Status == engine.RunRunning && p.Stats.pace.whole && idle > quietAfter {
		p.Quiet = idle
	}
}

// keyFigures are the numbers at the head. Skipped comes from the run's own counts: the ledger has no delivery of it.
func keyFigures(t tally, c engine.Counts) []keyFigure {
	accepted := t.accepted()
	all := []keyFigure{
		{"Deliveries", wording.Number(t.total()), "", "plain"},
		{"Accepted", wording.Number(accepted), percent(accepted, t.total()), "accepted"},
		{"Delivered", wording.Number(t.delivered()), percent(t.delivered(), accepted), "delivered"},
		{"Read", wording.Number(t[delivery.Read]), percent(t[delivery.Read], accepted), "read"},
		{"Failed", wording.Number(t.failed()), percent(t.failed(), t.total()), "bad"},
		{"In doubt", wording.Number(t[delivery.InDoubt]), percent(t[delivery.InDoubt], t.total()), "doubt"},
	}
	for i := range all {
		if all[i].Value == "0" {
			all[i].Class = "none"
		}
	}
	if c.Skipped > 0 {
		all = append(all, keyFigure{"Skipped", wording.Number(c.Skipped), "", "plain"})
	}
	return all
}

// scopeLine counts everything in a scope, which other runs sent, too.
func scopeLine(t tally) string {
	parts := []string{
		wording.Plural(t.total(), "delivery"), wording.Number(t.accepted()) + " accepted",
		wording.Number(t.delivered()) + " delivered", wording.Number(t[delivery.Read]) + " read",
	}
	if n := t.failed(); n > 0 {
		parts = append(parts, wording.Number(n)+" failed")
	}
	if n := t[delivery.InDoubt]; n > 0 {
		parts = append(parts, wording.Number(n)+" in doubt")
	}
	return strings.Join(parts, " · ")
}

// nextSteps says what the operator may do about a run.
func nextSteps(run engine.Run, t, scope tally) []advice {
	var next []advice
	doubt, inScope := t[delivery.InDoubt], ""
	if scope[delivery.InDoubt] > doubt {
		doubt, inScope = scope[delivery.InDoubt], " of this scope"
	}
	switch run.Status {
	case engine.RunStopped:
		next = append(next, advice{"This run stopped early. Once the reason is gone, it goes on where it was:", "waybill resume " + run.ID})
	case engine.RunInterrupted:
		next = append(next, advice{"This run was interrupted. It goes on where it was:", "waybill resume " + run.ID})
	case engine.RunRunning, engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
	}
	if doubt > 0 && run.Status != engine.RunRunning {
		be := " is"
		if doubt > 1 {
			be = " are"
		}
		next = append(next, advice{wording.Plural(doubt, "delivery") + inScope + be +
			" in doubt: the message may have arrived. A status webhook settles it by itself; by hand:", "waybill resolve " + run.ID})
	}
	if t.failed() > 0 && run.Status != engine.RunRunning {
		next = append(next, advice{
			wording.Plural(t.failed(), "delivery") + " failed. On the command line:", "waybill deliveries " + run.ID + " --failed",
		})
	}
	return next
}
