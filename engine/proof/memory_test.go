package proof_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/proof"
)

// long is a ledger of as many deliveries as it is long.
type long struct {
	engine.Reader
	n int
}

func (l long) Deliveries(context.Context, engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	return func(yield func(delivery.Delivery, error) bool) {
		for i := range l.n {
			d := delivery.Delivery{
				ID: delivery.ID(i + 1), Key: delivery.Key{Job: job, Step: "s", Item: fmt.Sprint(i)}, Run: first, Recipient: "+34612345678",
				State: delivery.Read, Attempts: 1, MessageID: fmt.Sprint("wamid.", i), IntendedAt: at(i), StatusAt: at(i + 1),
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

func (l long) Attempts(_ context.Context, id delivery.ID) ([]delivery.Attempt, error) {
	return []delivery.Attempt{{
		Delivery: id, Run: first, Number: 1, At: at(int(id)), Result: delivery.ResultAccepted, MessageID: fmt.Sprint("wamid.", id-1),
	}}, nil
}

func (l long) Unsent(context.Context, engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	return func(yield func(engine.Unsent, error) bool) {
		for i := range l.n {
			if !yield(engine.Unsent{Run: first, Row: i, Outcome: delivery.OutcomeInvalid}, nil) {
				return
			}
		}
	}
}

func (l long) Digest(content []byte) delivery.Digest { return delivery.Digest(len(content)) }

// scale measures the memory in use, every now and then.
type scale struct{ writes, least, most uint64 }

func (s *scale) Write(text []byte) (int, error) {
	if s.writes++; s.writes%200 == 1 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if s.least == 0 {
			s.least = m.HeapAlloc
		}
		s.most = max(s.most, m.HeapAlloc)
	}
	return len(text), nil
}

// A long run takes no more memory than a short one.
func TestMemoryIsFlat(t *testing.T) {
	const most = 4 << 20
	s := &scale{}
	end, _, err := proof.Write(t.Context(), s, long{n: 100_000}, engine.Run{ID: first}, proof.Options{})
	if err != nil || end.Deliveries != 100_000 || end.Listed.Read != 100_000 {
		t.Fatalf("%+v, %v", end, err)
	}
	if s.most > s.least+most {
		t.Errorf("from %d to %d bytes", s.least, s.most)
	}
}
