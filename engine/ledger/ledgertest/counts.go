package ledgertest

import (
	"reflect"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testCounts has runs counted by the ledger, at every moment and from any process.
func testCounts(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("of every outcome", func(t *testing.T) { testOutcomes(t, newStore) })
	t.Run("of a run that was killed", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		d.intend(intent("eva"))
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1, delivery.OutcomeUnderWay: 1})
		d.crash()
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1, delivery.OutcomeInDoubt: 1})
	})
	t.Run("of two runs", func(t *testing.T) { testTwoRuns(t, newStore) })
	t.Run("of steps", func(t *testing.T) {
		d := newDesk(t, newStore)
		run := engine.Run{ID: theRun, Status: engine.RunSucceeded, FinishedAt: at(9), Counts: engine.Counts{Total: 3, Succeeded: 2, Skipped: 1}}
		d.must(d.FinishRun(t.Context(), run, nil))
		if got, err := d.Run(t.Context(), theRun); err != nil || got.Counts != run.Counts {
			t.Errorf("%+v, %v, want %+v", got.Counts, err, run.Counts)
		}
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1})
	})
	t.Run("met", func(t *testing.T) { testMet(t, newStore) })
	t.Run("seen by", func(t *testing.T) { testSeenBy(t, newStore) })
}

// wantCounts wants a run to be counted so, listed and found, through both handles.
func (d *desk) wantCounts(run string, outcomes map[delivery.Outcome]int) {
	d.Helper()
	want := engine.CountsOf(outcomes)
	further := d.open()
	for name, l := range map[string]engine.Ledger{"same": d.Ledger, "other": further} {
		got, err := l.Run(d.Context(), run)
		d.must(err)
		if got.Counts != want {
			d.Errorf("%s handle: run %s counts\n %+v\nwant %+v", name, run, got.Counts, want)
		}
		left, err := l.LeftOut(d.Context(), run)
		d.must(err)
		if sum := sumOf(left); sum != want.Skipped {
			d.Errorf("%s handle: run %s left out %v, want %d for any reason", name, run, left, want.Skipped)
		}
		for r, err := range l.Runs(d.Context(), engine.RunFilter{}) {
			d.must(err)
			if r.ID == run && !reflect.DeepEqual(r, got) {
				d.Errorf("%s handle: listed as %+v, found as %+v", name, r, got)
			}
		}
	}
	d.must(further.Close())
}

func sumOf(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

func testOutcomes(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	held := accepted(wamid(2))
	held.HeldBack = "held_for_quality_assessment"
	for item, end := range map[string]delivery.Attempt{
		"accepted": accepted(wamid(1)), "held": held, "delivered": accepted(wamid(3)), "read": accepted(wamid(4)),
		"failed":    accepted(wamid(5)),
		"refused":   {Result: delivery.ResultRefused, Cause: delivery.CausePerson},
		"an error":  {Result: delivery.ResultNotSent, Last: true, Cause: delivery.CauseService, Answer: delivery.Answer{Status: 503}},
		"throttled": {Result: delivery.ResultNotSent, Last: true, Cause: delivery.CauseLimit, Answer: delivery.Answer{Status: 429, Code: 130429}},
		"offline":   {Result: delivery.ResultNotSent, Last: true, Cause: delivery.CauseConnection},
		"later":     {Result: delivery.ResultNotSent, Answer: delivery.Answer{Status: 503}},
		"in doubt":  {Result: delivery.ResultInDoubt, Cause: delivery.CauseConnection},
	} {
		got := d.settle(d.intend(intent(item)), end)
		if item == "throttled" && got.State != delivery.Planned || item == "an error" && (got.State != delivery.Rejected || !got.Retryable) {
			t.Errorf("%s left it %s, retryable %t", item, got.State, got.Retryable)
		}
		if read := d.look(item); got.Cause != end.Cause || read.Cause != end.Cause {
			t.Errorf("%s: the cause is %d, and read back %d, want %d", item, got.Cause, read.Cause, end.Cause)
		}
	}
	d.intend(intent("under way"))
	for n, state := range map[int]delivery.State{3: delivery.Delivered, 4: delivery.Read, 5: delivery.Failed} {
		s := status(state, 4)
		s.MessageID, s.Cause = wamid(n), map[bool]delivery.Cause{true: delivery.CausePacing}[state == delivery.Failed]
		d.record(s)
		read, err := d.Statuses(t.Context(), s.MessageID)
		if d.must(err); len(read) != 1 || read[0].Cause != s.Cause {
			t.Errorf("statuses %+v, want the cause %d", read, s.Cause)
		}
	}
	if got := d.look("failed"); got.Cause != delivery.CausePacing {
		t.Errorf("it failed later, and the cause is %d", got.Cause)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{
		delivery.OutcomeAccepted: 1, delivery.OutcomeHeld: 1, delivery.OutcomeDelivered: 1, delivery.OutcomeRead: 1,
		delivery.OutcomeUndelivered: 1, delivery.OutcomeRefused: 2, delivery.OutcomeNotSent: 3, delivery.OutcomeInDoubt: 1,
		delivery.OutcomeUnderWay: 1,
	})
	doubt := d.look("in doubt")
	_, err := d.Resolve(t.Context(), doubt.ID, true, engine.Actor{User: "ana"})
	d.must(err)
	got, err := d.Run(t.Context(), theRun)
	if d.must(err); got.Counts.InDoubt != 0 || got.Counts.Succeeded != 5 {
		t.Errorf("resolved as sent: %+v", got.Counts)
	}
}

// testTwoRuns has a second run try again what a first one left. What it does changes nothing of the first.
func testTwoRuns(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
	first := d.intend(intent("ana"))
	d.settle(first, delivery.Attempt{Result: delivery.ResultInDoubt})
	d.settle(d.intend(intent("eva")), delivery.Attempt{Result: delivery.ResultRefused})
	doubt, refused := delivery.OutcomeInDoubt, delivery.OutcomeRefused
	d.wantCounts(theRun, map[delivery.Outcome]int{doubt: 1, refused: 1})
	for n, item := range []string{"ana", "eva"} {
		again := intent(item)
		again.Run, again.Allowed = anotherRun, delivery.Allowed{Resend: true, Refused: true}
		ticket := d.intend(again)
		d.wantCounts(theRun, map[delivery.Outcome]int{doubt: 1, refused: 1})
		d.settle(ticket, accepted(wamid(20+n)))
	}
	s := status(delivery.Read, 5)
	s.MessageID = wamid(20)
	d.record(s)
	d.wantCounts(theRun, map[delivery.Outcome]int{doubt: 1, refused: 1})
	d.wantCounts(anotherRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1, delivery.OutcomeRead: 1})
	late := status(delivery.Delivered, 5) // of the first run's own message
	late.Callback = first.Callback
	d.record(late)
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeDelivered: 1, refused: 1})
	d.wantCounts(anotherRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1, delivery.OutcomeRead: 1})
	for filter, want := range map[string]int{theRun: 2, anotherRun: 2, "nobody's": 0} {
		tally, err := d.Tally(t.Context(), engine.DeliveryFilter{SeenBy: filter})
		if d.must(err); tally[delivery.Read]+tally[delivery.Accepted] != want {
			t.Errorf("run %s made attempts for %v, want %d", filter, tally, want)
		}
	}
	tally, err := d.Tally(t.Context(), engine.DeliveryFilter{ID: first.Delivery})
	if d.must(err); tally[delivery.Read] != 1 || len(tally) != 1 {
		t.Errorf("one alone: %v", tally)
	}
}

// applies are runs that meet what was sent before.
type applies struct {
	*desk
	met  *delivery.IDs
	runs []string
}

// newApplies sends two messages, leaves a third in doubt, and has two applies meet all of them. The first of these sent one more.
func newApplies(t *testing.T, newStore NewStore) *applies {
	t.Helper()
	d := &applies{newDesk(t, newStore), new(delivery.IDs), []string{anotherRun, "20260325-110000-dddd", "20260325-120000-eeee"}}
	for n, item := range []string{"ana", "eva", "zoe"} {
		ticket := d.intend(intent(item))
		if item == "zoe" {
			d.settle(ticket, delivery.Attempt{Result: delivery.ResultInDoubt})
		} else {
			d.settle(ticket, accepted(wamid(n+1)))
		}
		d.met.Add(ticket.Delivery)
	}
	d.start(0)
	i := intent("own")
	i.Run = d.runs[0]
	own := d.intend(i)
	d.settle(own, accepted(wamid(9)))
	d.met.Add(own.Delivery)
	d.finish(0)
	d.start(1)
	d.finish(1)
	return d
}

func (d *applies) start(n int) {
	d.Helper()
	d.must(d.StartRun(d.Context(), engine.Run{ID: d.runs[n], Job: "job", StartedAt: at(60 + n)}))
}

func (d *applies) finish(n int) {
	d.Helper()
	d.must(d.FinishRun(d.Context(), engine.Run{ID: d.runs[n], Status: engine.RunSucceeded, FinishedAt: at(90)}, d.met))
}

// testMet has applies count what they met and left, as others tell of it since.
func testMet(t *testing.T, newStore NewStore) {
	t.Helper()
	const accepted, doubt, undelivered = delivery.OutcomeAccepted, delivery.OutcomeInDoubt, delivery.OutcomeUndelivered
	d := newApplies(t, newStore)
	further := d.open()
	d.wantCounts(d.runs[0], map[delivery.Outcome]int{accepted: 3, doubt: 1})
	d.wantCounts(d.runs[1], map[delivery.Outcome]int{accepted: 3, doubt: 1})
	failed := status(delivery.Failed, 5) // of ana, told to another process
	failed.Retryable = true
	d.must(further.Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{failed}}))
	d.wantCounts(d.runs[0], map[delivery.Outcome]int{accepted: 2, doubt: 1, undelivered: 1})
	d.start(2)
	again := intent("ana")
	again.Run = d.runs[2]
	d.settle(d.intend(again), delivery.Attempt{Result: delivery.ResultRefused})
	d.finish(2)
	d.wantCounts(d.runs[0], map[delivery.Outcome]int{accepted: 2, doubt: 1, undelivered: 1})
	d.wantCounts(d.runs[2], map[delivery.Outcome]int{accepted: 2, doubt: 1, delivery.OutcomeRefused: 1})
	_, err := further.Resolve(t.Context(), d.look("zoe").ID, true, engine.Actor{})
	d.must(err)
	d.wantCounts(d.runs[0], map[delivery.Outcome]int{accepted: 3, undelivered: 1})
	d.wantCounts(d.runs[1], map[delivery.Outcome]int{accepted: 3, undelivered: 1})
	d.wantCounts(d.runs[2], map[delivery.Outcome]int{accepted: 3, delivery.OutcomeRefused: 1})
	d.start(1) // it is taken up again, and meets them again
	d.wantCounts(d.runs[1], nil)
}
