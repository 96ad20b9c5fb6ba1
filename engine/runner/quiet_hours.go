package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/phone"
)

// quietHours: it is an hour in which the person is not messaged.
func quietHours(_ context.Context, x *execution, c *candidate) decision {
	q := x.req.Job.Recipients.QuietHours
	if q == nil || c.call == nil || x.req.TestTo != "" {
		return decision{}
	}
	until, err := x.people.quiet.until(q, c.call.Message.Recipient, x.engine.Now())
	switch {
	case err != nil:
		return decision{admission: admitInvalid, reason: "quiet-hours", err: err}
	case until.IsZero():
		return decision{}
	case q.Skip:
		return decision{admission: admitSkip, reason: "quiet-hours"}
	}
	return decision{admission: admitWait, reason: "quiet-hours", until: until}
}

// quietMemo remembers until when it is quiet in the zones that were met: most numbers of a list are of a few.
type quietMemo struct {
	mu    sync.Mutex
	zones map[string][]*time.Location
	known map[string]quietAnswer
}

type quietAnswer struct {
	minute time.Time // for which it was asked
	until  time.Time
	err    error
}

// until says when a message may go to a person; the zero time: now.
func (m *quietMemo) until(q *engine.QuietHours, recipient string, now time.Time) (time.Time, error) {
	var names []string
	if q.Zone == nil {
		if names = phone.Zones(recipient); len(names) == 0 {
			return time.Time{}, errors.New("its time zone is not known, and recipients.quietHours are by the recipient's clock: name a time zone there")
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := strings.Join(names, " ")
	minute := now.Truncate(time.Minute)
	if a, ok := m.known[key]; ok && a.minute.Equal(minute) {
		return a.until, a.err
	}
	zones, err := m.locations(key, names, q.Zone)
	if err != nil {
		return time.Time{}, err
	}
	a := quietAnswer{minute: minute}
	a.until, a.err = audience.QuietHours{From: audience.TimeOfDay(q.From), To: audience.TimeOfDay(q.To)}.Until(now, zones)
	if m.known == nil {
		m.known = map[string]quietAnswer{}
	}
	m.known[key] = a
	return a.until, a.err
}

// locations loads the zones of a number, or takes the one that is the same for everybody.
func (m *quietMemo) locations(key string, names []string, fixed *time.Location) ([]*time.Location, error) {
	if fixed != nil {
		return []*time.Location{fixed}, nil
	}
	if zones, ok := m.zones[key]; ok {
		return zones, nil
	}
	var zones []*time.Location
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("its time zone: %w", err)
		}
		if !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	if m.zones == nil {
		m.zones = map[string][]*time.Location{}
	}
	m.zones[key] = zones
	return zones, nil
}
