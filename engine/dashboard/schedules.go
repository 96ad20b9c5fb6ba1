package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"waybill/engine"
)

type schedulesPage struct {
	On        bool // a scheduler runs beside this dashboard
	Schedules []scheduleLine
}

type scheduleLine struct {
	Schedule

	Local, UTC string
	Last       *engine.Run // nil: none, or not in the ledger
	LastPath   string
}

func (d *dashboard) schedules(r *http.Request, f *frame) (any, error) {
	f.Title = "Schedules"
	p := &schedulesPage{On: d.Schedules != nil}
	if !p.On {
		return p, nil
	}
	for _, s := range d.Schedules() {
		line := scheduleLine{Schedule: s}
		if !s.Next.IsZero() {
			line.Local = s.Next.Format("Mon 2006-01-02 15:04 MST")
			line.UTC = s.Next.UTC().Format("2006-01-02 15:04 UTC")
		}
		if s.LastRun != "" {
			last, err := d.Ledger.Run(r.Context(), s.LastRun)
			if err != nil && !errors.Is(err, engine.ErrNotFound) {
				return nil, err
			}
			if err == nil {
				line.Last, line.LastPath = &last, runPath(last.ID)
			}
		}
		p.Schedules = append(p.Schedules, line)
	}
	slices.SortStableFunc(p.Schedules, func(a, b scheduleLine) int { return earlier(a.Next, b.Next) })
	return p, nil
}

// earlier orders times; those that never come are last.
func earlier(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
