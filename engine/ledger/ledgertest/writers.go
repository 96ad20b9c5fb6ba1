package ledgertest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testWriters has the number that wrote to a person first go on, by the step of the intent.
func testWriters(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	by := func(item, recipient, number string, writers ...string) delivery.Intent {
		i := intent(item)
		i.Recipient, i.NumberID, i.Writers = recipient, number, writers
		return i
	}
	other := func(i delivery.Intent) string {
		t.Helper()
		_, err := d.Intend(t.Context(), i)
		first, ok := errors.AsType[*engine.OtherNumberError](err)
		if !ok {
			t.Fatalf("Intend returned %v, want an OtherNumberError", err)
		}
		return first.NumberID
	}
	d.learn(engine.Identity{Number: asWritten, WaID: asKnown, NumberID: "1", At: at(1)})
	d.intend(by("ana", asWritten, "1"))
	if got := other(by("eva", asKnown, "2", "1", "2")); got != "1" {
		t.Errorf("%s wrote first", got)
	}
	d.intend(by("eva", asKnown, "2", "2", "3")) // none of its numbers wrote
	if got := other(by("zoe", asWritten, "3", "2", "3")); got != "2" {
		t.Errorf("%s wrote first", got)
	}
	if got := other(by("zoe", asWritten, "2", "2", "1")); got != "1" {
		t.Errorf("%s wrote first", got)
	}
	d.intend(by("zoe", asWritten, "1", "2", "1"))
	refused := d.intend(by("leo", "+34600000077", "1", "1", "2"))
	d.settle(refused, delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{Code: 131026}})
	d.intend(by("max", "+34600000077", "2", "1", "2")) // what was refused does not count
}

// testOneNumber has two senders write to the same new people at once, each by another of the numbers that both have: one of them does.
func testOneNumber(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	const people = 20
	var mu sync.Mutex
	by := map[string][]string{}
	var wg sync.WaitGroup
	for s, l := range []*desk{d, other} {
		for n := range people {
			wg.Go(func() {
				i := intent(fmt.Sprint(s, "/", n))
				i.Recipient, i.NumberID, i.Writers = fmt.Sprintf("+346000000%02d", n), fmt.Sprint(s), []string{"0", "1"}
				_, err := l.Intend(t.Context(), i)
				if _, taken := errors.AsType[*engine.OtherNumberError](err); taken {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				by[i.Recipient] = append(by[i.Recipient], i.NumberID)
			})
		}
	}
	wg.Wait()
	for to, numbers := range by {
		if len(numbers) != 1 {
			t.Errorf("%s is written to by %v", to, numbers)
		}
	}
	if len(by) != people {
		t.Errorf("%d people are written to, want %d", len(by), people)
	}
}
