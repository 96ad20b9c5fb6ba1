package delivery_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waybill/engine/delivery"
)

// twoAttempts is a delivery whose first request was followed by another; each may have been taken.
func twoAttempts(results [2]delivery.Result) *delivery.Record {
	at := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	i := delivery.Intent{Allowed: delivery.Allowed{Resend: true, Refused: true}}
	r, _ := delivery.Begin(i, at)
	for n, result := range results {
		if n > 0 {
			_ = r.Intend(i, at) // refused when the first needs no other
		}
		a := delivery.Attempt{Number: len(r.Attempts), Result: result, Ended: at}
		if result == delivery.ResultAccepted {
			a.MessageID = fmt.Sprintf("answer-%d", a.Number)
		}
		if result != 0 && r.UnderWay() {
			r.Settle(a)
		}
	}
	return r
}

// TestOrder tells the same statuses twice, in two orders and one with repetitions: the delivery stands where it did.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		results := [2]delivery.Result{
			delivery.Result(rapid.IntRange(0, 4).Draw(rt, "first")),
			delivery.Result(rapid.IntRange(0, 4).Draw(rt, "second")),
		}
		observations := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) delivery.Observation {
			attempt := rapid.IntRange(1, len(twoAttempts(results).Attempts)).Draw(rt, "attempt")
			return delivery.Observation{
				Attempt:   attempt,
				MessageID: fmt.Sprintf("%s-%d", rapid.SampledFrom([]string{"answer", "other"}).Draw(rt, "message"), attempt),
				Standing: delivery.Standing{
					State:     delivery.State(rapid.IntRange(int(delivery.Accepted), int(delivery.Failed)).Draw(rt, "state")),
					At:        time.Unix(int64(rapid.IntRange(1, 3).Draw(rt, "at")), 0),
					Retryable: rapid.Bool().Draw(rt, "retryable"),
					Answer:    delivery.Answer{Code: rapid.IntRange(1, 2).Draw(rt, "code")},
				},
			}
		}), 1, 6).Draw(rt, "statuses")
		tell := func(list ...delivery.Observation) delivery.Delivery {
			r := twoAttempts(results)
			for _, o := range list {
				r.Observe(o)
			}
			d := r.Delivery()
			d.MessageID = "" // of several the first stays
			return d
		}
		want := tell(observations...)
		shuffled := rapid.Permutation(observations).Draw(rt, "shuffled")
		if got := tell(append(shuffled, observations...)...); !reflect.DeepEqual(got, want) {
			rt.Errorf("\n got %+v\nwant %+v", got, want)
		}
	})
}

// TestOutranks has two statuses of equal rank: the earlier one stays, whichever comes first, for a delivery and for a reader.
func TestOutranks(t *testing.T) {
	read := delivery.Status{MessageID: "m", State: delivery.Read, Word: "read", At: time.Unix(10, 0)}
	played := delivery.Status{MessageID: "m", State: delivery.Read, Word: "played", At: time.Unix(20, 0)}
	if !read.Outranks(played) || played.Outranks(read) || read.Outranks(read) {
		t.Error("of two that say the same, the earlier one stays")
	}
	for _, order := range [][]delivery.Status{{read, played}, {played, read}} {
		r, _ := delivery.Begin(delivery.Intent{}, time.Unix(1, 0))
		for _, s := range order {
			r.Observe(delivery.Observation{Attempt: 1, MessageID: s.MessageID, Standing: s.Standing(), Seen: time.Unix(30, 0)})
		}
		if d := r.Delivery(); !d.StatusAt.Equal(read.At) {
			t.Errorf("read at %v, want %v", d.StatusAt, read.At)
		}
	}
}
