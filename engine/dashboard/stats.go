package dashboard

import (
	"cmp"
	"context"
	"slices"
	"strconv"
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
	Read, Of int           // requests that the buckets were made from; they are estimated when Read is less

	Codes        []codeLine
	FailuresRead int                 // failures that Codes counts; less than there are when it is mostFailures
	Trouble      []delivery.Delivery // in doubt first, then failed, at most mostTrouble
	Unsent       []engine.Unsent     // rows that cannot be sent or wait, at most mostFailures
	Errors       []engine.RunError   // without a delivery, and not of a row in Unsent
}

// codeLine counts one kind of failure.
type codeLine struct {
	fault

	N   int
	URL string
	Bar bar
}

// Estimated says whether there are requests that no look has read yet.
func (s runStats) Estimated() bool { return s.Of > 0 && !s.pace.whole }

// statsOf reads what a run's page draws, or returns what is kept of it.
func (d *dashboard) statsOf(ctx context.Context, run engine.Run, looks int) (runStats, error) {
	return d.stats.get(ctx, run.ID, func(ctx context.Context, last runStats) (runStats, error) {
		s := runStats{Of: requestsOf(run.Counts).sum(), pace: last.pace}
		if s.Of > 0 {
			if err := s.readPace(ctx, d, run, looks); err != nil {
				return s, err
			}
		}
		if run.Counts.InDoubt > 0 {
			if err := s.readTrouble(ctx, d, run.ID, delivery.InDoubt); err != nil {
				return s, err
			}
		}
		if run.Counts.Refused+run.Counts.Undelivered > 0 {
			if err := s.readTrouble(ctx, d, run.ID, delivery.Rejected, delivery.Failed); err != nil {
				return s, err
			}
		}
		s.finishCodes(run.ID)
		return s, s.readUnsent(ctx, d, run)
	})
}

// readTrouble gathers what went wrong, by code and one by one.
func (s *runStats) readTrouble(ctx context.Context, d *dashboard, run string, states ...delivery.State) error {
	for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{SeenBy: run, States: states, Limit: mostFailures}) {
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
		s.addCode(d.faultOf(one.Answer))
	}
	return nil
}

// addCode counts a failure under its code, or under its words where it has none.
func (s *runStats) addCode(f fault) {
	const mostKinds = 100
	alike := func(c codeLine) bool { return c.Code == f.Code && (f.Code != 0 || c.Ours == f.Ours) }
	at := slices.IndexFunc(s.Codes, alike)
	if at < 0 && len(s.Codes) == mostKinds {
		return
	}
	if at < 0 {
		at = len(s.Codes)
		s.Codes = append(s.Codes, codeLine{fault: f})
	}
	s.Codes[at].N++
}

// finishCodes sorts the kinds, the most frequent first, and draws them.
func (s *runStats) finishCodes(run string) {
	slices.SortStableFunc(s.Codes, func(a, b codeLine) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Code, b.Code))
	})
	for i := range s.Codes {
		c := &s.Codes[i]
		if c.Code != 0 {
			c.URL = address(runPath(run)+"/deliveries", "code", strconv.Itoa(c.Code))
		}
		c.Bar = stackedBar(s.Codes[0].N, part{c.N, "bad", "failures"})
	}
}
