package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// listSizes are the steps in which a list without pages grows.
func listSizes() []int { return []int{50, 200, 1000} }

// listSize reads ?show=N: the least of the steps that holds N.
func listSize(r *http.Request) int {
	n, err := strconv.Atoi(r.FormValue("show"))
	sizes := listSizes()
	for _, size := range sizes {
		if err != nil || n <= size {
			return size
		}
	}
	return sizes[len(sizes)-1]
}

// longerList is the address of the same list in the next size, or empty.
func longerList(r *http.Request, size int) string {
	for _, next := range listSizes() {
		if next > size {
			q := r.URL.Query()
			q.Set("show", strconv.Itoa(next))
			return r.URL.Path + "?" + q.Encode()
		}
	}
	return ""
}

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

// address is a path with a query, parts without a value left out.
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// runPath is the address of a run's page.
func runPath(id string) string { return "/runs/" + url.PathEscape(cmp.Or(id, "-")) }
