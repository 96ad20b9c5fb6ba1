package delivery_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/ledgertest"
	"waybill/engine/reliability/tally"
)

// TestModel drives the transitions without a ledger: 10,000 histories in a check.
func TestModel(t *testing.T) {
	t.Parallel()
	batch, checks, seed := 5000, flag.Lookup("rapid.checks"), flag.Lookup("rapid.seed")
	if raced || testing.Short() {
		batch = 1000
	}
	was, wasSeed := checks.Value.String(), seed.Value.String()
	defer func() { _ = checks.Value.Set(was); _ = seed.Value.Set(wasSeed) }()
	tally.Worlds(t, "histories", 2*batch, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		if err := errors.Join(checks.Value.Set(strconv.Itoa(batch)), seed.Value.Set(strconv.FormatUint(r.Uint64()|1, 10))); err != nil {
			t.Fatal(err)
		}
		done := 0
		rapid.Check(t, func(rt *rapid.T) {
			done++
			ledgertest.History(rt, newShelf(), "h")
		})
		return tally.Count{Done: done}
	})
}

// shelf keeps records as a ledger does, in memory: it loads them, calls the transitions, and keeps what they made.
type shelf struct {
	ids     map[delivery.Key]delivery.ID
	records map[delivery.ID]*delivery.Record
	waiting map[string][]delivery.Status       // of a message whose delivery is not known
	claims  map[delivery.Key][]delivery.Status // of a delivery that is not there
	now     time.Time
}

func newShelf() *shelf {
	return &shelf{
		ids: map[delivery.Key]delivery.ID{}, records: map[delivery.ID]*delivery.Record{}, waiting: map[string][]delivery.Status{},
		claims: map[delivery.Key][]delivery.Status{}, now: time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC),
	}
}

func (s *shelf) Intend(i delivery.Intent) (delivery.Ticket, error) {
	s.now = s.now.Add(time.Second)
	if err := s.follows(i); err != nil {
		return delivery.Ticket{}, err
	}
	id, ok := s.ids[i.Key]
	if !ok {
		id = delivery.ID(len(s.ids) + 1)
		s.ids[i.Key] = id
	}
	r, err := s.records[id], error(nil)
	if r == nil {
		r, err = delivery.Begin(i, s.now, s.heard(i.Key)...)
		r.ID, s.records[id] = id, r
	} else {
		err = r.Intend(i, s.now)
	}
	n := len(r.Attempts)
	return delivery.Ticket{Delivery: id, Attempt: n, At: s.now, Callback: fmt.Sprintf("%s#%d#%d", i.Key.Item, i.Key.Again, n)}, err
}

// follows decides about an intent that is not for the newest delivery of its item.
func (s *shelf) follows(i delivery.Intent) error {
	var newest *delivery.Record
	for k, id := range s.ids {
		if r := s.records[id]; k.First() == i.Key.First() && r != nil && (newest == nil || k.Again > newest.Key.Again) {
			newest = r
		}
	}
	switch {
	case newest == nil && i.Key.Again > 0:
		return engine.ErrNotFound
	case newest == nil, newest.Key == i.Key:
		return nil
	case newest.Key.Again > i.Key.Again:
		return &delivery.DecidedError{Delivery: newest.Delivery()}
	}
	return i.Follows(newest.Delivery())
}

// heard is what came for a delivery before it was there.
func (s *shelf) heard(k delivery.Key) []delivery.Observation {
	var out []delivery.Observation
	for _, st := range s.claims[k] {
		out = append(out, delivery.Observation{
			Attempt: 1, MessageID: st.MessageID,
			Standing: s.take(st.MessageID).Merge(st.Standing()), Seen: s.now,
		})
	}
	delete(s.claims, k)
	return out
}

// take merges the statuses that waited for a message.
func (s *shelf) take(message string) delivery.Standing {
	var all delivery.Standing
	for _, st := range s.waiting[message] {
		all = all.Merge(st.Standing())
	}
	delete(s.waiting, message)
	return all
}

func (s *shelf) Settle(a delivery.Attempt) error {
	r := s.records[a.Delivery]
	if a.Result == delivery.ResultAccepted {
		s.attach(r, a.MessageID)
	}
	r.Settle(a)
	return nil
}

// attach tells a record what waited for one of its messages.
func (s *shelf) attach(r *delivery.Record, message string) {
	if r.Heard == nil {
		r.Heard = map[string]delivery.Standing{}
	}
	if waited := s.take(message); waited.State != 0 {
		r.Heard[message] = r.Heard[message].Merge(waited)
	}
}

func (s *shelf) Resolve(id delivery.ID, sent bool) error {
	return s.records[id].Resolve(sent, "", s.now)
}

func (s *shelf) Tell(st delivery.Status) error {
	o := delivery.Observation{MessageID: st.MessageID, Standing: st.Standing(), Seen: s.now}
	if parts := strings.Split(st.Callback, "#"); len(parts) == 3 {
		o.Attempt, _ = strconv.Atoi(parts[2])
		for k, id := range s.ids {
			if k.Item != parts[0] || fmt.Sprint(k.Again) != parts[1] {
				continue
			}
			if r := s.records[id]; r != nil {
				s.attach(r, st.MessageID)
				r.Observe(o)
			} else {
				s.claims[k] = append(s.claims[k], st)
			}
		}
		return nil
	}
	for _, r := range s.records {
		if slices.ContainsFunc(r.Attempts, func(a delivery.Attempt) bool { return a.MessageID == st.MessageID }) ||
			slices.ContainsFunc(r.Further, func(f delivery.Further) bool { return f.MessageID == st.MessageID }) {
			r.Observe(o)
			return nil
		}
	}
	s.waiting[st.MessageID] = append(s.waiting[st.MessageID], st)
	return nil
}

func (s *shelf) Look(k delivery.Key, _ delivery.ID) (delivery.Delivery, error) {
	d := s.records[s.ids[k]].Delivery()
	for other, id := range s.ids {
		if r := s.records[id]; r != nil && other.First() == k.First() && other.Again < k.Again {
			d = d.With(r.Delivery())
		}
	}
	return d, nil
}

func (s *shelf) Outcome(k delivery.Key, run string) (delivery.Outcome, bool) {
	return s.records[s.ids[k]].Outcome(run)
}

func (s *shelf) Crash() error {
	for r := range maps.Values(s.records) {
		r.TakeOver()
	}
	return nil
}

func (s *shelf) Forget(k delivery.Key) {
	delete(s.records, s.ids[k])
}
