package ledgertest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testSenders has several processes send from one store.
func testSenders(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("side by side", func(t *testing.T) { testSideBySide(t, newStore) })
	t.Run("one ends", func(t *testing.T) { testOneEnds(t, newStore) })
	t.Run("in opposite orders", func(t *testing.T) { testOppositeOrders(t, newStore) })
	t.Run("an answer against its status", func(t *testing.T) { testAnswerAgainstStatus(t, newStore) })
}

// sender is a further process that sends.
func (d *desk) sender(holder string) *desk {
	d.Helper()
	further := &desk{TB: d.TB, Ledger: d.open(), open: d.open}
	release, err := further.Lock(d.Context(), holder)
	d.must(err)
	further.release = release
	return further
}

func testSideBySide(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	if _, err := d.Lock(t.Context(), "again"); err == nil {
		t.Error("it was locked twice by one process")
	}
	other := d.sender("another")
	who, err := d.Holder(t.Context())
	if d.must(err); !strings.Contains(who, "the test") || !strings.Contains(who, "another") {
		t.Errorf("holders %q, want both", who)
	}
	ticket := d.intend(intent("ana"))
	if got := other.held(intent("ana")); got.State != delivery.Intended || got.ID != ticket.Delivery {
		t.Errorf("what is under way elsewhere is %+v", got)
	}
	if _, err := other.Resolve(t.Context(), ticket.Delivery, false, engine.Actor{}); err == nil {
		t.Error("resolved what is under way elsewhere")
	}
	other.settle(other.intend(intent("eva")), accepted(wamid(2)))
	d.wantState("ana", delivery.Intended) // a sender that comes or sends puts nothing of another in doubt
	d.settle(ticket, accepted(wamid(1)))
	if got := other.held(intent("ana")); got.State != delivery.Accepted {
		t.Errorf("what was sent elsewhere is %s", got.State)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 2})
}

func testOneEnds(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	mine, theirs := d.intend(intent("ana")), other.intend(intent("eva"))
	d.must(other.release())
	d.must(other.release())
	if _, err := other.Intend(t.Context(), intent("zoe")); !errors.Is(err, engine.ErrNotLocked) {
		t.Errorf("%v, want ErrNotLocked", err)
	}
	third := d.sender("a third")
	d.wantState("ana", delivery.Intended)
	d.wantState("eva", delivery.InDoubt)
	for _, l := range []*desk{d, other, third} {
		if who, err := l.Holder(t.Context()); err != nil || strings.Contains(who, "another") || !strings.Contains(who, "a third") {
			t.Errorf("holders %q, %v", who, err)
		}
	}
	third.held(intent("eva"))
	if got := other.settle(theirs, accepted(wamid(2))); got.State != delivery.Accepted {
		t.Errorf("a late acceptance made it %s", got.State)
	}
	d.settle(mine, accepted(wamid(1)))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 2})
}

// testOppositeOrders has two senders take the same rows, one from the first to the last, one backwards: each is granted once, and neither
// waits for the other for ever.
func testOppositeOrders(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	const items, callers = 200, 8
	var mu sync.Mutex
	granted := map[string]int{}
	var wg sync.WaitGroup
	for s, l := range []*desk{d, other} {
		for c := range callers {
			wg.Go(func() {
				for n := c; n < items; n += callers {
					item := fmt.Sprintf("%04d", n)
					if s == 1 {
						item = fmt.Sprintf("%04d", items-1-n)
					}
					ticket, err := l.Intend(t.Context(), intent(item))
					if _, held := errors.AsType[*delivery.DecidedError](err); held {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					granted[item]++
					mu.Unlock()
					a := accepted(wamid(int(ticket.Delivery)))
					a.Delivery, a.Number = ticket.Delivery, ticket.Attempt
					if _, err := l.Settle(t.Context(), a); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for item, n := range granted {
		if n != 1 {
			t.Errorf("item %s was granted %d times", item, n)
		}
	}
	if len(granted) != items {
		t.Errorf("%d items were granted, want %d", len(granted), items)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: items})
}

// testAnswerAgainstStatus has an answer and a status without a callback come at once, through two processes: whichever is first, the
// status reaches its delivery.
func testAnswerAgainstStatus(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	receiver := d.open()
	const items = 100
	tickets := make([]delivery.Ticket, items)
	for n := range items {
		tickets[n] = d.intend(intent(fmt.Sprint(n)))
	}
	var wg sync.WaitGroup
	for n, ticket := range tickets {
		wg.Go(func() {
			a := accepted(wamid(n))
			a.Delivery, a.Number = ticket.Delivery, ticket.Attempt
			if _, err := d.Settle(t.Context(), a); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			s := status(delivery.Delivered, 4)
			s.MessageID = wamid(n)
			if err := receiver.Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{s}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for n := range items {
		d.wantState(fmt.Sprint(n), delivery.Delivered)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeDelivered: items})
	if got, err := d.Alarms(t.Context()); err != nil || got.Unclaimed != 0 {
		t.Errorf("%+v, %v: a status found nothing", got, err)
	}
}
