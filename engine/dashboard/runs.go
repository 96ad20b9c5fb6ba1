package dashboard

import (
	"net/http"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// runLine is one run in the list.
type runLine struct {
	engine.Run

	Bar        bar
	Took       time.Duration
	WiderScope bool // the scope is more than this run
	OfSteps    bool // the counts are of steps: the job makes no delivery
}

type runsPage struct {
	Job, Status string
	Statuses    []engine.RunStatus
	Runs        []runLine
	Longer      string // address of a longer list; empty: these are all
	Filtered    bool
	InDoubt     int // in the whole ledger, or uncounted
	Upcoming    *Schedule
}

func (d *dashboard) runs(r *http.Request, f *frame) (any, error) {
	f.Title = "Runs"
	size := listSize(r)
	p := &runsPage{Job: r.FormValue("job"), Status: r.FormValue("status"), Statuses: engine.RunStatuses()}
	p.Filtered = p.Job != "" || p.Status != ""
	runs, err := d.list(r.Context(), engine.RunFilter{Job: p.Job, Status: engine.RunStatus(p.Status), Limit: size + 1})
	if err != nil {
		return nil, err
	}
	if len(runs) > size {
		runs, p.Longer = runs[:size], longerList(r, size)
	}
	for _, run := range runs {
		p.Runs = append(p.Runs, runLine{
			Run: run, Bar: progressBar(run), Took: took(run, d.Now()), WiderScope: run.Scope != run.ID, OfSteps: run.Counts.OfSteps(),
		})
	}
	p.InDoubt, err = d.count(r.Context(), engine.DeliveryFilter{States: []delivery.State{delivery.InDoubt}})
	if err != nil {
		return nil, err
	}
	p.Upcoming = d.upcoming()
	return p, nil
}

// took is how long a run took, or has taken until now.
func took(run engine.Run, now time.Time) time.Duration {
	end := run.FinishedAt
	if end.IsZero() {
		end = now
	}
	return end.Sub(run.StartedAt)
}

// upcoming is the schedule whose next occurrence comes first.
func (d *dashboard) upcoming() *Schedule {
	if d.Schedules == nil {
		return nil
	}
	var first *Schedule
	for _, s := range d.Schedules() {
		if !s.Next.IsZero() && (first == nil || s.Next.Before(first.Next)) {
			first = &s
		}
	}
	return first
}
