package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// shared is what a store offers that many processes send from.
func shared(tb testing.TB, l engine.Ledger) engine.Sharing {
	tb.Helper()
	s, ok := l.(engine.Sharing)
	if !ok {
		tb.Fatalf("%T offers no engine.Sharing", l)
	}
	return s
}

// testPace has several processes book places of one number at once.
func testPace(t *testing.T, newStore NewStore) {
	t.Helper()
	const number, rate = "106540352242922", 200.0
	t.Run("every second is within the rate", func(t *testing.T) {
		open := newStore(t)
		var mu sync.Mutex
		var places []time.Time
		var wg sync.WaitGroup
		const processes, bookings, each = 4, 10, 25
		for range processes {
			l := shared(t, open())
			wg.Go(func() {
				for range bookings {
					got, err := l.Book(t.Context(), engine.Booking{Number: number, PerSecond: rate, Places: each})
					at := time.Now() //nolint:forbidigo // places are compared by the clock of this machine
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for n := range each {
						places = append(places, at.Add(got.Wait+time.Duration(n)*got.Every))
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.SortFunc(places, time.Time.Compare)
		if len(places) != processes*bookings*each {
			t.Fatalf("%d places", len(places))
		}
		for n := range places {
			in := 0
			for in < len(places)-n && places[n+in].Sub(places[n]) < time.Second {
				in++
			}
			if in > rate*1.05 { // a process that is held up between the answer and its clock sees its places late
				t.Fatalf("%d places in the second from %v, want at most %v", in, places[n].Sub(places[0]), rate)
			}
		}
		if span := places[len(places)-1].Sub(places[0]); span < 4500*time.Millisecond || span > 7*time.Second {
			t.Errorf("%d places in %v", len(places), span)
		}
	})
	t.Run("adapts for all", func(t *testing.T) {
		open := newStore(t)
		one, other := shared(t, open()), shared(t, open())
		book := func(b engine.Booking) engine.Places {
			t.Helper()
			b.Number, b.PerSecond, b.Places = number, rate, 1
			got, err := other.Book(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		every := func(b engine.Booking) time.Duration { t.Helper(); return book(b).Every }
		full := every(engine.Booking{})
		lowered := time.Now() //nolint:forbidigo // as above
		for range 3 {         // refusals of one cause
			if err := one.Throttled(t.Context(), number, rate, 0); err != nil {
				t.Fatal(err)
			}
		}
		got := book(engine.Booking{})
		if got.Every < 2*full-time.Microsecond || got.Every > 2*full+time.Microsecond {
			t.Errorf("halved, a place every %v, want %v", got.Every, 2*full)
		}
		// As many as before may have left within the last second: within half of one they are as few as may leave from now on.
		if passed := time.Since(lowered); got.Wait > time.Second/2 || passed+got.Wait < time.Second/2-10*time.Millisecond {
			t.Errorf("%v after the rate was halved the next place is in %v", passed, got.Wait)
		}
		if got := every(engine.Booking{Accepted: 300}); got <= full || got >= 2*full {
			t.Errorf("some were accepted, and a place is every %v", got)
		}
		if got := every(engine.Booking{Accepted: 1e6}); got != full {
			t.Errorf("recovered, a place every %v, want %v", got, full)
		}
		if err := one.Throttled(t.Context(), number, rate, 10*time.Second); err != nil {
			t.Fatal(err)
		}
		closed, err := other.Book(t.Context(), engine.Booking{Number: number, PerSecond: rate, Places: 1})
		if err != nil || closed.Wait < 8*time.Second || closed.Wait > 11*time.Second {
			t.Errorf("closed for 10 s, and the next place is in %v, %v", closed.Wait, err)
		}
		if free, err := other.Book(t.Context(), engine.Booking{Number: "another", PerSecond: rate, Places: 1}); err != nil || free.Wait > time.Second {
			t.Errorf("another number waits %v, %v", free.Wait, err)
		}
	})
}

// couple is two processes that share a run.
type couple struct{ d, other *desk }

func (c couple) begin() {
	c.d.Helper()
	c.d.enter("rows", nil)
	c.other.enter("rows", nil)
}

// endAll has one of them end all parts that it gets.
func (c couple) endAll(l *desk, so engine.RunStatus) {
	c.d.Helper()
	s := shared(c.d, l.Ledger)
	got, err := s.LeaseParts(c.d.Context(), theRun, engine.Leasing{Take: true, Progress: engine.Progress{Ended: 3, Failed: 1}})
	c.d.must(err)
	for _, p := range got.Has {
		_, err := s.EndParts(c.d.Context(), theRun, []engine.EndedPart{{Part: p}}, engine.SoFar{Status: so})
		c.d.must(err)
	}
}

// endRest has one of them end all parts that nobody else has, of the run's last stage.
func (c couple) endRest(l *desk, so engine.RunStatus) {
	c.d.Helper()
	s := shared(c.d, l.Ledger)
	for {
		got, err := s.LeaseParts(c.d.Context(), theRun, engine.Leasing{Take: true})
		if c.d.must(err); len(got.Has) == 0 {
			return
		}
		for _, p := range got.Has {
			_, err := s.EndParts(c.d.Context(), theRun, []engine.EndedPart{{Part: p}}, engine.SoFar{Status: so, Last: true})
			c.d.must(err)
		}
	}
}

// finish has one of them leave the run, and returns how that stands then.
func (c couple) finish(l *desk, s engine.RunStatus, reason string, until time.Time) engine.Run {
	c.d.Helper()
	r, err := c.d.Run(c.d.Context(), theRun)
	c.d.must(err)
	r.Status, r.Reason, r.WaitsUntil, r.FinishedAt, r.TellsFor, r.Errors = s, reason, until, at(9), time.Minute, []engine.RunError{{Message: reason}}
	r.Unchanged = reason
	c.d.must(l.FinishRun(c.d.Context(), r, nil))
	got, err := c.d.Run(c.d.Context(), theRun)
	c.d.must(err)
	return got
}

// testSharesEnd has processes end their parts of runs in all ways.
func testSharesEnd(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	c := couple{d, other}
	c.begin()
	c.endAll(other, engine.RunFailed)
	if got, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{}); err != nil || got.Others.Ended != 3 || got.Others.Failed != 1 {
		t.Errorf("others are at %+v, %v", got.Others, err)
	}
	if got := c.finish(other, engine.RunFailed, "mine", time.Time{}); got.Status != engine.RunRunning {
		t.Errorf("while the other has parts it is %s", got.Status)
	}
	c.endAll(d, engine.RunSucceeded)
	unchanged := func(r engine.Run) string {
		text, err := d.Unchanged(t.Context(), r.Job, r.DeliveryScope())
		d.must(err)
		return text
	}
	if got := c.finish(d, engine.RunSucceeded, "all", time.Time{}); got.Status != engine.RunFailed || len(got.Errors) != 2 || unchanged(got) != "all" {
		t.Errorf("it ended as %s with %v, unchanged with %q", got.Status, got.Errors, unchanged(got))
	}
	testSharesStop(t, c)
}

// testSharesStop has processes be interrupted, stopped, and wait.
func testSharesStop(t *testing.T, c couple) {
	t.Helper()
	d, other := c.d, c.other
	c.begin()
	if got := c.finish(other, engine.RunInterrupted, "Ctrl-C", time.Time{}); got.Status != engine.RunRunning {
		t.Errorf("one was interrupted, and it is %s", got.Status)
	}
	if got := c.finish(d, engine.RunInterrupted, "Ctrl-C", time.Time{}); got.Status != engine.RunInterrupted {
		t.Errorf("all were interrupted, and it is %s", got.Status)
	}
	c.begin()
	_, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{})
	d.must(err)
	c.finish(other, engine.RunStopped, "too many failed", time.Time{})
	got, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || got.Status != engine.RunStopped || got.Reason != "too many failed" || len(got.Has) != 0 {
		t.Errorf("stopped for all, it is %+v, %v", got, err)
	}
	left, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true, Rest: true})
	if err != nil || len(left.Has) != engine.Parts {
		t.Errorf("to count what is left, it has %d parts, %v", len(left.Has), err)
	}
	for _, rest := range []bool{false, true} {
		further, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Stage: 1, Take: true, Rest: rest})
		if err != nil || further.Begun() || further.Status != engine.RunStopped {
			t.Errorf("after it was stopped it came to a stage: %+v, %v", further, err)
		}
	}
	for _, part := range left.Has {
		_, err := shared(t, d.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Part: part}}, engine.SoFar{Status: engine.RunStopped})
		d.must(err)
	}
	for _, late := range []engine.RunStatus{engine.RunInterrupted, engine.RunSucceeded} {
		if got := c.finish(d, late, "", time.Time{}); got.Status != engine.RunStopped || got.Reason != "too many failed" {
			t.Errorf("stopped, it ended as %s, %s", got.Status, got.Reason)
		}
	}
	c.begin()
	counts := engine.Leasing{Stage: engine.RestStage, Alone: true, Take: true, Rest: true}
	if got, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, counts); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("taken up again, what was left of it is %+v, %v", got, err)
	}
	c.endAll(other, engine.RunStopped)
	c.finish(other, engine.RunStopped, "quiet hours", at(3600))
	c.endAll(d, engine.RunSucceeded)
	if got := c.finish(d, engine.RunSucceeded, "", time.Time{}); got.Status != engine.RunStopped || !got.WaitsUntil.Equal(at(3600)) {
		t.Errorf("rows wait, and it ended as %s until %v", got.Status, got.WaitsUntil)
	}
}

// testParts divides a run among processes.
func testParts(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("a share for each", func(t *testing.T) {
		d := newDesk(t, newStore)
		other := d.sender("another")
		lease := func(l *desk, want int) []int {
			t.Helper()
			got, err := shared(t, l.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
			if d.must(err); len(got.Has) != want {
				t.Errorf("it has %d parts, want %d: %v", len(got.Has), want, got.Has)
			}
			return got.Has
		}
		if _, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("leased before it entered: %v", err)
		}
		d.enter("rows 1", nil)
		_, err := shared(t, other.Ledger).Enter(t.Context(), divided, "rows 2", nil)
		if rows, is := errors.AsType[*engine.OtherRowsError](err); !is || rows.Theirs != "rows 1" || rows.Yours != "rows 2" {
			t.Errorf("other rows: %v", err)
		}
		other.enter("rows 1", nil)
		mine, theirs := lease(d, 32), lease(other, 32)
		for _, p := range mine {
			if slices.Contains(theirs, p) {
				t.Errorf("part %d is leased twice", p)
			}
		}
		lease(d, 32)
		if got, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{}); err != nil || !slices.Equal(got.Held, theirs) {
			t.Errorf("others have %v, %v, want %v", got.Held, err, theirs)
		}
		if left, err := shared(t, d.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Part: mine[0]}}, engine.SoFar{Status: engine.RunSucceeded}); err != nil || left != engine.Parts-1 {
			t.Errorf("%d are left, %v", left, err)
		}
		if _, err := shared(t, d.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Part: theirs[0]}}, engine.SoFar{Status: engine.RunSucceeded}); err == nil {
			t.Error("it ended another's part")
		}
		freed := []engine.EndedPart{{Part: theirs[0]}, {Part: theirs[1]}, {Part: mine[1]}}
		d.must(shared(t, other.Ledger).FreeParts(t.Context(), theRun, freed))
		if got, err := shared(t, other.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{}); err != nil || len(got.Has) != 30 || len(got.Held) != 31 || len(got.Open) != engine.Parts-1 {
			t.Errorf("it gave two up, and has %d, others %d, of %d, %v", len(got.Has), len(got.Held), len(got.Open), err)
		}
		parts, err := shared(t, other.Ledger).RunParts(t.Context(), theRun)
		d.must(err)
		for _, p := range parts {
			if kept := !p.Done && p.Holder != ""; kept != (p.FreeIn > 0) || p.FreeIn > time.Minute {
				t.Errorf("part %+v", p)
			}
		}
		d.must(other.release()) // its parts are free
		rest := lease(d, engine.Parts-1)
		for n, p := range rest {
			left, err := shared(t, d.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Part: p}}, engine.SoFar{Status: engine.RunSucceeded})
			if d.must(err); left != len(rest)-1-n {
				t.Errorf("%d are left", left)
			}
		}
		if _, err := shared(t, other.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Part: theirs[0]}}, engine.SoFar{Status: engine.RunSucceeded}); err == nil {
			t.Error("what ended, ended a part")
		}
		parts, err = shared(t, other.Ledger).RunParts(t.Context(), theRun)
		if d.must(err); len(parts) != engine.Parts || !parts[7].Done || parts[7].Number != 7 || parts[7].Holder == "" {
			t.Errorf("parts %+v", parts)
		}
		d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
		if parts, err := shared(t, d.Ledger).RunParts(t.Context(), theRun); err != nil || parts != nil {
			t.Errorf("taken up again, the run has parts %v, %v", parts, err)
		}
	})
	t.Run("who may enter", func(t *testing.T) { testEnter(t, newStore) })
	t.Run("stages", func(t *testing.T) { testStages(t, newStore) })
	t.Run("what becomes no request", func(t *testing.T) { testPartNotes(t, newStore) })
	t.Run("what it met", func(t *testing.T) { testPartMet(t, newStore) })
	t.Run("who tells", func(t *testing.T) { testTelling(t, newStore) })
	t.Run("how it ends", func(t *testing.T) { testSharesEnd(t, newStore) })
	t.Run("what waits beside one that works", func(t *testing.T) { testWaitsBeside(t, newStore) })
	t.Run("who takes up what others end", func(t *testing.T) { testEnding(t, newStore) })
	t.Run("who comes later for parts that are left", func(t *testing.T) { testLeftShares(t, newStore) })
	t.Run("shards", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.enter("rows", nil)
		got, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true, Only: engine.Shard{Index: 2, Of: 3}.Parts()})
		d.must(err)
		if len(got.Has) != 21 || got.Has[0] != 2 || got.Has[20] != 62 || len(got.Open) != engine.Parts {
			t.Errorf("shard 2 of 3 has %+v", got)
		}
	})
	t.Run("keys are spread", func(t *testing.T) {
		var in [engine.Parts]int
		for n := range 6400 {
			in[engine.PartOf(fmt.Sprint("patient-", n))]++
		}
		if low, high := slices.Min(in[:]), slices.Max(in[:]); low < 50 || high > 170 {
			t.Errorf("between %d and %d of 100 in a part", low, high)
		}
	})
}

// testOnePlace has two senders write to the same people at once, who may each have one message.
func testOnePlace(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	const people = 20
	var mu sync.Mutex
	granted := map[string]int{}
	var wg sync.WaitGroup
	for s, l := range []*desk{d, other} {
		for n := range people {
			wg.Go(func() {
				i := intent(fmt.Sprint(s, "/", n))
				i.Recipient, i.Reach = fmt.Sprintf("+346000000%02d", n), delivery.Reach{Once: true}
				_, err := l.Intend(t.Context(), i)
				if _, taken := errors.AsType[*engine.PlaceTakenError](err); taken {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				granted[i.Recipient]++
			})
		}
	}
	wg.Wait()
	for to, n := range granted {
		if n != 1 {
			t.Errorf("%s gets %d messages", to, n)
		}
	}
	if len(granted) != people {
		t.Errorf("%d people get one, want %d", len(granted), people)
	}
}
