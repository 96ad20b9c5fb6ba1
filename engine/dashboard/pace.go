package dashboard

import (
	"context"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	mostRead = 4000 // deliveries: up to here a run's pace is counted, beyond it is estimated
	probes   = 400  // deliveries that the estimate looks at
)

// bucket counts requests that began in one stretch of time, by what came of them.
type bucket struct {
	From                     time.Time
	accepted, refused, doubt int
}

func (b bucket) total() int { return b.accepted + b.refused + b.doubt }

// request is the latest request of one delivery, or of as many as weight says.
type request struct {
	at     time.Time
	state  delivery.State
	weight float64
}

// readPace counts the run's requests over time: of each delivery its latest.
//
// The ledger has no count of requests by time, and a million deliveries are too many to read for a page. Ids are given
// in the order of first intents, so deliveries at even distances of id tell when each share of the run was reached.
func (s *runStats) readPace(ctx context.Context, l engine.Reader, run string) error {
	var found []request
	var err error
	if s.Of <= mostRead {
		found, err = readAll(ctx, l, run)
	} else {
		found, err = probe(ctx, l, run, s.Of)
	}
	if err != nil {
		return err
	}
	s.Read = len(found)
	for _, r := range found {
		if r.at.After(s.Last) {
			s.Last = r.at
		}
	}
	s.Buckets, s.Width = fill(found, s.Read < s.Of)
	return nil
}

func readAll(ctx context.Context, l engine.Reader, run string) ([]request, error) {
	var found []request
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Run: run, Limit: mostRead}) {
		if err != nil {
			return nil, err
		}
		found = append(found, request{d.IntendedAt, d.State, 1})
	}
	return found, nil
}

// probe looks at deliveries at even distances of id.
func probe(ctx context.Context, l engine.Reader, run string, of int) ([]request, error) {
	first, some, err := next(ctx, l, run, 0)
	if err != nil || !some {
		return nil, err
	}
	last, err := lastID(ctx, l, run, first.ID)
	if err != nil {
		return nil, err
	}
	var found []request
	after := first.ID - 1
	for i := range probes {
		target := first.ID - 1 + delivery.ID(int64(i)*int64(last-first.ID)/(probes-1))
		d, some, err := next(ctx, l, run, max(after, target))
		if err != nil {
			return nil, err
		}
		if !some {
			break
		}
		found = append(found, request{at: d.IntendedAt, state: d.State})
		after = d.ID
	}
	for i := range found {
		found[i].weight = float64(of) / float64(len(found))
	}
	return found, nil
}

// next gives the run's first delivery after an id.
func next(ctx context.Context, l engine.Reader, run string, after delivery.ID) (delivery.Delivery, bool, error) {
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Run: run, After: after, Limit: 1}) {
		return d, err == nil, err
	}
	return delivery.Delivery{}, false, nil
}

// lastID finds the run's last delivery with a few dozen looks: by doubling, then by halving.
func lastID(ctx context.Context, l engine.Reader, run string, first delivery.ID) (delivery.ID, error) {
	low, step := first, delivery.ID(1)
	high := delivery.ID(0) // no delivery comes after it; 0: not known
	for high == 0 || high-low > 1 {
		at := low + step
		if high != 0 {
			at = low + (high-low)/2
		}
		d, some, err := next(ctx, l, run, at-1)
		switch {
		case err != nil:
			return 0, err
		case some:
			low = max(d.ID, at)
			step = min(2*step, 1<<40)
		default:
			high = at
		}
	}
	return low, nil
}

// fill puts requests into at most mostColumns buckets of a round width. Between is for estimates: what a probe stands
// for lies between it and the next.
func fill(found []request, between bool) ([]bucket, time.Duration) {
	if len(found) == 0 {
		return nil, 0
	}
	slices.SortFunc(found, func(a, b request) int { return a.at.Compare(b.at) })
	from, until := found[0].at, found[len(found)-1].at
	width := niceWidth(until.Sub(from))
	from = from.Truncate(width)
	sums := make([][3]float64, min(mostColumns+1, int(until.Sub(from)/width)+1))
	for i, r := range found {
		end := r.at
		if between && i+1 < len(found) {
			end = found[i+1].at
		}
		spread(sums, r, from, end, width)
	}
	buckets := make([]bucket, len(sums))
	for i, sum := range sums {
		buckets[i] = bucket{From: from.Add(time.Duration(i) * width), accepted: round(sum[0]), refused: round(sum[1]), doubt: round(sum[2])}
	}
	return buckets, width
}

// spread adds what a request stands for to the buckets between it and an end, evenly.
func spread(sums [][3]float64, r request, from, end time.Time, width time.Duration) {
	kind := 0
	switch {
	case r.state == delivery.Rejected || r.state == delivery.Failed:
		kind = 1
	case r.state.Open():
		kind = 2
	}
	index := func(t time.Time) int { return max(0, min(len(sums)-1, int(t.Sub(from)/width))) }
	first, last := index(r.at), index(end)
	if first == last {
		sums[first][kind] += r.weight
		return
	}
	whole := float64(end.Sub(r.at))
	for i := first; i <= last; i++ {
		begins, ends := from.Add(time.Duration(i)*width), from.Add(time.Duration(i+1)*width)
		if begins.Before(r.at) {
			begins = r.at
		}
		if ends.After(end) {
			ends = end
		}
		sums[i][kind] += r.weight * max(0, float64(ends.Sub(begins))) / whole
	}
}

func round(x float64) int { return int(x + 0.5) }

// niceWidth is the least round width of which mostColumns cover a span.
func niceWidth(of time.Duration) time.Duration {
	const day = 24 * time.Hour
	for _, w := range []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 28 * day, 91 * day,
	} {
		if of < w*(mostColumns-1) {
			return w
		}
	}
	return (of/(mostColumns-1)/day + 1) * day
}
