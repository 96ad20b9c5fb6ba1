package dashboard

import (
	"context"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	mostRead    = 50_000 // deliveries that one look at a run reads: about 150 ms from a file
	looksOfFile = 20     // looks that a report takes: it is made once, so it has no later look
)

// pace is what is known of a run's requests over time: of each delivery its latest.
//
// The Reader has no count of requests by time, and a large run has more deliveries than can be read for one page. So
// each look reads a bounded number and goes on where the last one ended; what was not read yet is estimated. An id says
// nothing here but where to go on.
type pace struct {
	settled  histogram     // of the deliveries up to the cursor
	cursor   delivery.ID   // the last of them; zero: none was read
	underWay []request     // of deliveries after the cursor: one of them waits for its answer, so they are read again
	whole    bool          // the last look came to the end
	began    outcomeCounts // what the run had made when the reading began
}

// look reads the next deliveries of a run, which has made so many requests.
func (p *pace) look(ctx context.Context, l engine.Reader, run string, made outcomeCounts) error {
	if made.sum() <= mostRead || p.whole && p.stale(made) {
		*p = pace{}
	}
	if p.cursor == 0 {
		p.began = made
	}
	var requests []request
	settled, cursor := 0, p.cursor
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Run: run, After: p.cursor, Limit: mostRead}) {
		if err != nil {
			return err
		}
		requests = append(requests, request{d.IntendedAt, outcomeOf(d.State)})
		if d.State != delivery.Intended && settled == len(requests)-1 {
			settled, cursor = len(requests), d.ID
		}
	}
	for _, r := range requests[:settled] {
		p.settled.add(r)
	}
	p.cursor, p.underWay = cursor, requests[settled:]
	p.whole = len(requests) < mostRead || p.covers(made)
	return nil
}

// covers says whether as many requests were read as were made.
func (p *pace) covers(made outcomeCounts) bool {
	read := p.histogram().total
	for i, n := range made {
		if read[i] < n {
			return false
		}
	}
	return true
}

// stale says whether more than a hundredth has changed since the reading began, such as deliveries that failed later.
func (p *pace) stale(made outcomeCounts) bool {
	changed := 0
	for i, n := range p.began {
		changed += max(n-made[i], made[i]-n)
	}
	return changed > made.sum()/100
}

// histogram counts all requests that were read.
func (p *pace) histogram() histogram {
	h := p.settled.clone()
	for _, r := range p.underWay {
		h.add(r)
	}
	return h
}

// readPace takes up to so many looks at a run and sums up what they saw. A run that is not over goes on until now.
func (s *runStats) readPace(ctx context.Context, d *dashboard, run engine.Run, looks int) error {
	made := requestsOf(run.Counts)
	for range looks {
		if err := s.pace.look(ctx, d.Ledger, run.ID, made); err != nil {
			return err
		}
		if s.pace.whole {
			break
		}
	}
	h := s.pace.histogram()
	var unread outcomeCounts
	if !s.pace.whole {
		for i, n := range made {
			unread[i] = max(0, n-h.total[i])
		}
	}
	until := run.FinishedAt
	if until.IsZero() {
		until = d.Now()
	}
	s.Read, s.Last = h.total.sum(), h.last
	s.Buckets, s.Width = h.buckets(unread, until)
	return nil
}

func outcomeOf(s delivery.State) outcome {
	switch {
	case s == delivery.Rejected || s == delivery.Failed:
		return requestRefused
	case s.Open():
		return requestOpen
	}
	return requestAccepted
}

// requestsOf returns how many messages of a run had a request, by what came of it.
func requestsOf(c engine.Counts) outcomeCounts {
	return outcomeCounts{
		requestAccepted: c.Succeeded, requestRefused: c.Refused + c.Undelivered, requestOpen: c.InDoubt + c.UnderWay,
	}
}
