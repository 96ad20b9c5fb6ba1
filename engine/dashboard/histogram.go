package dashboard

import (
	"maps"
	"time"
)

// mostUnits is how many different times a histogram tells apart before it takes the next coarser unit: it stays small
// however many requests it counts and however long they took.
const mostUnits = 10_000

// outcome is what came of a request, as far as the chart tells it apart.
type outcome int

const (
	requestAccepted outcome = iota
	requestRefused          // or accepted and then not delivered
	requestOpen             // no answer yet, lost, or to be made again
	outcomes
)

// outcomeCounts counts requests by outcome.
type outcomeCounts [outcomes]int

func (c outcomeCounts) sum() int { return c[requestAccepted] + c[requestRefused] + c[requestOpen] }

// request is the latest request of one delivery.
type request struct {
	at      time.Time
	outcome outcome
}

// histogram counts requests by the time at which they began, to the unit. The zero value is empty.
type histogram struct {
	unit   time.Duration
	counts map[time.Time]outcomeCounts // by times that are multiples of the unit
	total  outcomeCounts
	first  time.Time
	last   time.Time
}

func (h *histogram) add(r request) {
	if h.counts == nil {
		h.counts, h.unit, h.first, h.last = map[time.Time]outcomeCounts{}, time.Second, r.at, r.at
	}
	if r.at.Before(h.first) {
		h.first = r.at
	}
	if r.at.After(h.last) {
		h.last = r.at
	}
	h.total[r.outcome]++
	at := r.at.UTC().Truncate(h.unit)
	c := h.counts[at]
	c[r.outcome]++
	h.counts[at] = c
	for len(h.counts) > mostUnits {
		h.coarsen()
	}
}

func (h *histogram) clone() histogram {
	c := *h
	c.counts = maps.Clone(h.counts)
	return c
}

// coarsen goes from seconds to minutes, from minutes to hours, and so on. So many minutes are drawn in columns of hours:
// every width of a column that niceWidth returns is a multiple of the unit.
func (h *histogram) coarsen() {
	switch h.unit {
	case time.Second:
		h.unit = time.Minute
	case time.Minute:
		h.unit = time.Hour
	default:
		h.unit *= 24
	}
	fine := h.counts
	h.counts = map[time.Time]outcomeCounts{}
	for at, c := range fine {
		at = at.Truncate(h.unit)
		sum := h.counts[at]
		for i := range sum {
			sum[i] += c[i]
		}
		h.counts[at] = sum
	}
}

// bucket counts requests that began in one stretch of time.
type bucket struct {
	outcomeCounts

	From time.Time
}

// buckets returns the counts in at most mostColumns stretches of a round width, in order. Requests that were not
// read yet are spread evenly over the time between the last one that was and until.
func (h *histogram) buckets(unread outcomeCounts, until time.Time) ([]bucket, time.Duration) {
	if len(h.counts) == 0 {
		return nil, 0
	}
	end := h.last
	if unread.sum() > 0 && until.After(end) {
		end = until
	}
	width := niceWidth(end.Sub(h.first))
	from := h.first.UTC().Truncate(width)
	list := make([]bucket, min(mostColumns+1, int(end.Sub(from)/width)+1))
	for i := range list {
		list[i].From = from.Add(time.Duration(i) * width)
	}
	for at, c := range h.counts {
		b := &list[max(0, min(len(list)-1, int(at.Sub(from)/width)))]
		for i := range c {
			b.outcomeCounts[i] += c[i]
		}
	}
	for i, n := range unread {
		spread(list, outcome(i), n, h.last, end)
	}
	return list, width
}

// spread adds n requests to the buckets between two times, to each by its share of that time.
func spread(list []bucket, o outcome, n int, from, end time.Time) {
	added := 0
	for i := range list {
		due := n // of what is added by the end of this bucket
		if i+1 < len(list) {
			passed := list[i+1].From.Sub(from)
			due = int(float64(n) * max(0, float64(passed)) / max(1, float64(end.Sub(from))))
		}
		list[i].outcomeCounts[o] += due - added
		added = due
	}
}

// niceWidth returns the least round width of which mostColumns cover a span.
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
