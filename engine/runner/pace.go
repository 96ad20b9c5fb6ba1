package runner

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"waybill/engine"
)

const (
	// paceFor is for how long messages wait while their number's pace cannot be had, as long as outcomes wait to be written.
	paceFor = 130 * time.Second
	// tellPaceAll is how often that is said again.
	tellPaceAll = 30 * time.Second
)

// paceless are the numbers whose pace cannot be had: the ledger keeps it, for all processes that send from them.
type paceless struct {
	mu    sync.Mutex
	since map[string]time.Time // by their id
	told  time.Time
}

// note notes how a number's pace was asked for; since is zero where it was had, and tell says whether a person is to be told now.
func (p *paceless) note(number string, now time.Time, err error) (since time.Time, tell bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		delete(p.since, number)
		return time.Time{}, false
	}
	if p.since == nil {
		p.since = map[string]time.Time{}
	}
	if p.since[number].IsZero() {
		p.since[number] = now
	}
	if tell = now.Sub(p.told) >= tellPaceAll; tell {
		p.told = now
	}
	return p.since[number], tell
}

// hasPace says whether a message may wait for its place in line. Where nobody can say when that is, it waits for what passes, and no longer
// than paceFor; then the run ends, and so it does at once for what the ledger says will not pass.
func (x *execution) hasPace(c *candidate, place engine.Reservation) bool {
	number, now := c.call.Connection.PhoneNumberID, x.engine.Now()
	since, tell := x.paceless.note(number, now, place.Err)
	if place.Err == nil {
		return true
	}
	until := since.Add(paceFor)
	if !errors.Is(place.Err, engine.ErrBusy) || !now.Before(until) {
		x.fail(fmt.Errorf("the pace of number %s cannot be kept, and nothing may be sent without it: %w", number, place.Err))
		return false
	}
	if tell {
		x.tell(engine.Event{
			Kind: engine.Waiting, Step: c.step, Reason: "no-pace", Wait: until.Sub(now),
			Message: fmt.Sprintf("the pace of number %s cannot be had from the ledger since %s: %s; sending pauses and tries again, until %s", number,
				since.Format(time.TimeOnly), x.redact(place.Err.Error()), until.Format(time.TimeOnly)),
		})
	}
	return true
}
