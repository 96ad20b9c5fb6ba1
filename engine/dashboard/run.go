package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

const (
	refreshSeconds = 5
	troubleOnPage  = 10              // also rows that were not sent, and errors, before the rest is folded or on another page
	quietAfter     = 2 * time.Minute // a running run without a request for so long may have lost its process
)

// runPage is one run: the page at /runs/{id}, and the file that WriteReport writes.
type runPage struct {
	Run        engine.Run
	Took       time.Duration
	WiderScope bool   // the scope is more than this run
	By         string // who started it; empty: not known
	ByURL      string // of the CI job that did; empty: none
	OfSteps    bool   // the counts are of steps: the job makes no delivery
	Figures    []keyFigure
	Charged    string  // how its messages were charged; empty: not known
	Funnel     []stage // nil where nothing was to be sent
	Chart      *timeChart
	Stats      runStats
	Trouble    []deliveryLine
	More       int    // in trouble, and not listed
	Uncounted  string // says how many failures Stats.Codes does not count; empty: none
	Unsent     []engine.Unsent
	MoreUnsent int // rows that became no request, and are not listed
	LeftOut    []leftOutLine
	Errors     []errorLine
	Folded     []errorLine // more of them
	Next       []advice
	Order      *engine.Order         // what a person ordered; nil: nothing
	OrderedBy  string                // empty: not known
	Orders     []orderable           // what may be ordered
	Listening  bool                  // a receiver of webhooks is alive
	Webhook    time.Time             // the last one; zero: never
	Quiet      time.Duration         // how long a running run has made no request; zero: not long
	Processes  []engine.ProcessShare // of a run that several share; nil: one does it
	Path       string
	List       string // address of its deliveries
	Rows       string // address of its rows that were not sent
	Standalone bool   // the page is a file: nothing to click
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
	p.Orders = d.orders(p.Run, p.Order)
	if p.Run.Status == engine.RunRunning || p.Stats.Estimated() { // the next look reads on
		f.Refresh = refreshSeconds
	}
	return p, nil
}

// readRun gathers what a run's page shows, with at most so many lines of each trouble, and in so many looks at its pace.
func (d *dashboard) readRun(ctx context.Context, id string, f *frame, lines, looks int) (*runPage, error) {
	run, err := d.find(ctx, id)
	if err != nil {
		return nil, err
	}
	f.Title = run.Job + " · " + run.ID
	p := &runPage{
		Run: run, Took: took(run, d.Now()), WiderScope: run.Scope != run.ID, OfSteps: run.Counts.OfSteps(), Path: runPath(run.ID),
	}
	p.List, p.Rows = p.Path+"/deliveries", p.Path+"/unsent"
	p.By, p.ByURL = actor(run.By)
	if p.Charged, err = charged(ctx, d.Ledger, run.ID); err != nil {
		return nil, err
	}
	if p.Stats, err = d.statsOf(ctx, run, looks); err != nil {
		return nil, err
	}
	if shared, ok := d.Ledger.(engine.PartsReader); ok {
		parts, err := shared.RunParts(ctx, run.ID)
		if err != nil {
			return nil, err
		}
		p.Processes = engine.SharesOf(parts)
	}
	if p.Order, err = d.Ledger.Ordered(ctx, run.ID); err != nil {
		return nil, err
	}
	if p.Order != nil {
		p.OrderedBy, _ = actor(p.Order.By)
	}
	until, err := d.Ledger.Listening(ctx)
	if err != nil {
		return nil, err
	}
	p.Listening = until.After(d.Now())
	if p.Webhook, err = d.Ledger.Receiving(ctx); err != nil {
		return nil, err
	}
	if p.LeftOut, err = d.leftOut(ctx, run); err != nil {
		return nil, err
	}
	p.Next = d.nextSteps(run)
	p.draw(d, lines)
	return p, nil
}

// draw makes of what was read what the template shows.
func (p *runPage) draw(d *dashboard, lines int) {
	c := p.Run.Counts
	p.Figures = keyFigures(c)
	if !p.OfSteps && c.Total+c.UnderWay > 0 {
		p.Funnel = funnel(c, func(states ...delivery.State) string {
			words := make([]string, len(states))
			for i, s := range states {
				words[i] = s.Name()
			}
			return address(p.List, "state", strings.Join(words, ","))
		}, p.Rows)
	}
	p.Chart = newTimeChart(p.Stats.Buckets, p.Stats.Width)
	for _, delivery := range p.Stats.Trouble[:min(lines, len(p.Stats.Trouble))] {
		p.Trouble = append(p.Trouble, d.newDeliveryLine(delivery))
	}
	if !p.OfSteps {
		p.Uncounted = uncountedFailures(c.Refused+c.Undelivered-p.Stats.FailuresRead, p.Stats.FailuresRead)
		p.More = max(0, c.Refused+c.Undelivered+c.InDoubt-len(p.Trouble))
	}
	p.Unsent = p.Stats.Unsent[:min(lines, len(p.Stats.Unsent))]
	p.MoreUnsent = max(c.Invalid+c.Waiting, len(p.Stats.Unsent)) - len(p.Unsent)
	for i, e := range p.Stats.Errors {
		line := errorLine{fault: d.faultOfCode(e.Code, e.Message), Step: e.Step, Item: e.Item, Row: e.Row}
		if i < troubleOnPage {
			p.Errors = append(p.Errors, line)
		} else {
			p.Folded = append(p.Folded, line)
		}
	}
	// Unless all was read, the latest request is not known.
	idle := d.Now().Sub(p.Stats.Last)
	if p.Run.Status == engine.RunRunning && !p.Stats.Last.IsZero() && !p.Stats.Estimated() && idle > quietAfter {
		p.Quiet = idle
	}
}

// uncountedFailures says how many failures are missing where so many were counted by code.
func uncountedFailures(missing, counted int) string {
	switch {
	case missing <= 0:
		return ""
	case counted == mostFailures:
		return "Counted over the first " + wording.Number(counted) + " failures; " + wording.Number(missing) + wording.Agree(missing, " more is", " more are") + " not in this table."
	}
	return wording.Number(missing) + " more failed in deliveries that another run decided, before this one or since."
}

// actor says who did something, and where a CI job shows it.
func actor(a engine.Actor) (name, link string) {
	name = a.User
	if a.Host != "" {
		name = strings.TrimPrefix(name+"@"+a.Host, "@")
	}
	if u, err := url.Parse(a.CI); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return cmp.Or(name, u.Host), u.String()
	}
	return cmp.Or(name, a.CI), ""
}

// nextSteps says what the operator may do about a run.
func (d *dashboard) nextSteps(run engine.Run) []advice {
	var next []advice
	c := run.Counts
	switch run.Status {
	case engine.RunStopped:
		next = append(next, advice{"This run stopped early. Once the reason is gone, it goes on where it was:", d.command("resume", run.ID)})
	case engine.RunInterrupted:
		next = append(next, advice{"This run was interrupted. It goes on where it was:", d.command("resume", run.ID)})
	case engine.RunRunning, engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
	}
	if run.Status == engine.RunRunning || c.OfSteps() {
		return next
	}
	if c.InDoubt > 0 {
		next = append(next, advice{wording.Plural(c.InDoubt, "delivery") + wording.Agree(c.InDoubt, " is", " are") +
			" in doubt: the message may have arrived. A status webhook settles it by itself; by hand:", d.command("resolve", run.ID)})
	}
	if c.Failed > 0 {
		next = append(next, advice{wording.Plural(c.Failed, "message") + " failed. On the command line:", d.command("deliveries", run.ID, "--failed")})
	}
	return next
}
