package dashboard

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	mostFailures = 2000 // of a run that are grouped by code
	mostTrouble  = 200  // that are kept to be listed one by one
)

// runStats is what a run's page draws beside its counts.
type runStats struct {
	pace     pace
	Buckets  []bucket
	Width    time.Duration // of a bucket
	Last     time.Time     // the latest request that was read; zero: none
	Read, Of int           // deliveries that the buckets were made from; they are estimated when Read is less

	Codes        []codeLine
	FailuresRead int                 // failures that Codes counts; less than there are when it is mostFailures
	Trouble      []delivery.Delivery // in doubt first, then failed, at most mostTrouble
}

// codeLine counts one kind of failure.
type codeLine struct {
	Code          int    // 0: without one
	Title, Action string // what it means and what to do
	Message       string // as it came, of the first; empty when Title says the same
	N             int
	URL           string
	Bar           bar
}

// statsOf reads what a run's page draws, or returns what is kept of it.
func (d *dashboard) statsOf(ctx context.Context, run engine.Run, t tally, looks int) (runStats, error) {
	return d.stats.get(ctx, run.ID, func(ctx context.Context, last runStats) (runStats, error) {
		s := runStats{Of: t.total(), pace: last.pace}
		if s.Of == 0 {
			return s, nil
		}
		if err := s.readPace(ctx, d, run, t, looks); err != nil {
			return s, err
		}
		for _, states := range [][]delivery.State{{delivery.InDoubt}, {delivery.Rejected, delivery.Failed}} {
			if t.of(states...) == 0 {
				continue
			}
			if err := s.readTrouble(ctx, d, run.ID, states); err != nil {
				return s, err
			}
		}
		d.finishCodes(&s, run.ID)
		return s, nil
	})
}

// readTrouble gathers what went wrong, by code and one by one.
func (s *runStats) readTrouble(ctx context.Context, d *dashboard, run string, states []delivery.State) error {
	for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{Run: run, States: states, Limit: mostFailures}) {
		if err != nil {
			return err
		}
		if len(s.Trouble) < mostTrouble {
			s.Trouble = append(s.Trouble, one)
		}
		if one.State == delivery.InDoubt {
			continue
		}
		s.FailuresRead++
		s.addCode(one.Answer)
	}
	return nil
}

// addCode counts a failure under its code, or under its words where it has none.
func (s *runStats) addCode(a delivery.Answer) {
	const mostKinds = 100
	alike := func(c codeLine) bool { return c.Code == a.Code && (a.Code != 0 || c.Message == a.Message) }
	at := slices.IndexFunc(s.Codes, alike)
	if at < 0 && len(s.Codes) == mostKinds {
		return
	}
	if at < 0 {
		at = len(s.Codes)
		s.Codes = append(s.Codes, codeLine{Code: a.Code, Message: a.Message})
	}
	s.Codes[at].N++
}

// finishCodes adds what the codes mean, the most frequent first.
func (d *dashboard) finishCodes(s *runStats, run string) {
	slices.SortStableFunc(s.Codes, func(a, b codeLine) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	for i := range s.Codes {
		c := &s.Codes[i]
		if c.Code != 0 {
			c.Title, c.Action = d.Meaning(c.Code)
			c.URL = address(runPath(run)+"/deliveries", "code", strconv.Itoa(c.Code))
		}
		if c.Title != "" && strings.Contains(c.Message, c.Title) && len(c.Message) < 2*len(c.Title) {
			c.Message = "" // it says the same again
		}
		if c.Title == "" {
			c.Title, c.Message = cmp.Or(c.Message, "no reason was given"), ""
		}
		c.Bar = stackedBar(s.Codes[0].N, part{c.N, "bad", "failures"})
	}
}
