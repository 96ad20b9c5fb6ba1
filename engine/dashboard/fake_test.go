package dashboard_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// fake is a Reader over slices, for what a real ledger cannot be brought to: errors, delays, odd rows.
type fake struct {
	runs       []engine.Run // newest first
	deliveries []delivery.Delivery
	attempts   map[delivery.ID][]delivery.Attempt
	statuses   map[string][]delivery.Status
	texts      map[delivery.ID][]engine.SentText
	inbound    []engine.Inbound
	notices    []engine.Notice
	webhook    time.Time
	unsent     []engine.Unsent
	charged    []engine.Charged
	leftOut    map[string]int
	outcomes   map[string]map[delivery.Outcome]int // of a run, beside those of its deliveries and rows
	orders     map[string]*engine.Order
	listening  time.Time
	err        error // of everything
	onRun      func(context.Context) error
	counted    atomic.Int64 // runs whose outcomes were counted
	onTally    func(context.Context) error
	tallies    atomic.Int64
	yielded    atomic.Int64 // deliveries handed out
}

func (f *fake) Lookup(_ context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	found := map[delivery.KeyHash]delivery.Delivery{}
	for _, d := range f.deliveries {
		if slices.Contains(keys, d.Key) {
			found[d.Key.Hash()] = d
		}
	}
	return found, f.err
}

func (f *fake) Texts(_ context.Context, id delivery.ID) ([]engine.SentText, error) {
	return f.texts[id], f.err
}

func (f *fake) Outline(context.Context, string) ([]engine.PartDigest, error) { return nil, f.err }

func (f *fake) Unchanged(context.Context, string, string) (string, error) { return "", f.err }

func (f *fake) Run(ctx context.Context, id string) (engine.Run, error) {
	if f.err != nil {
		return engine.Run{}, f.err
	}
	if f.onRun != nil {
		if err := f.onRun(ctx); err != nil {
			return engine.Run{}, err
		}
	}
	for i, r := range f.runs {
		if r.ID == id || id == "last" && i == 0 {
			return f.count(r), nil
		}
	}
	return engine.Run{}, fmt.Errorf("run %q: %w", id, engine.ErrNotFound)
}

func (f *fake) Runs(_ context.Context, filter engine.RunFilter) iter.Seq2[engine.Run, error] {
	runs := listed(f.err, filter.Limit, f.runs, func(r engine.Run) bool {
		return (filter.Job == "" || r.Job == filter.Job) && (filter.Status == "" || r.Status == filter.Status)
	})
	return func(yield func(engine.Run, error) bool) {
		for r, err := range runs {
			if !yield(f.count(r), err) {
				return
			}
		}
	}
}

// count gives a run the counts of its deliveries and rows. Those of a run without any stand as they are: they are of its steps.
func (f *fake) count(r engine.Run) engine.Run {
	f.counted.Add(1)
	n := maps.Clone(f.outcomes[r.ID])
	if n == nil {
		n = map[delivery.Outcome]int{}
	}
	for i := range f.deliveries {
		if d := &f.deliveries[i]; d.Run == r.ID {
			n[outcomeOf(d)]++
		}
	}
	for _, u := range f.unsent {
		if u.Run == r.ID {
			n[u.Outcome] += max(1, u.Count)
		}
	}
	if len(n) > 0 {
		r.Counts = engine.CountsOf(n)
	}
	return r
}

func outcomeOf(d *delivery.Delivery) delivery.Outcome {
	switch d.State {
	case delivery.Intended:
		return delivery.OutcomeUnderWay
	case delivery.InDoubt:
		return delivery.OutcomeInDoubt
	case delivery.Rejected:
		return delivery.OutcomeRefused
	case delivery.Accepted, delivery.Sent:
		if d.HeldBack != "" {
			return delivery.OutcomeHeld
		}
		return delivery.OutcomeAccepted
	case delivery.Delivered:
		return delivery.OutcomeDelivered
	case delivery.Read:
		return delivery.OutcomeRead
	case delivery.Failed:
		return delivery.OutcomeUndelivered
	default:
		return delivery.OutcomeNotSent
	}
}

func (f *fake) Deliveries(_ context.Context, filter engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	from, _ := slices.BinarySearchFunc(
		f.deliveries, filter.After+1, func(d delivery.Delivery, id delivery.ID) int { return int(d.ID - id) },
	)
	seq := listed(f.err, filter.Limit, f.deliveries[from:], func(d delivery.Delivery) bool { return f.matches(d, filter) })
	return func(yield func(delivery.Delivery, error) bool) {
		for d, err := range seq {
			f.yielded.Add(1)
			if !yield(d, err) {
				return
			}
		}
	}
}

func (f *fake) matches(d delivery.Delivery, w engine.DeliveryFilter) bool {
	by := func(a delivery.Attempt) bool { return a.Run == w.SeenBy }
	if w.SeenBy != "" && d.Run != w.SeenBy && !slices.ContainsFunc(f.attempts[d.ID], by) {
		return false
	}
	return (w.ID == 0 || d.ID == w.ID) && (w.Run == "" || d.Run == w.Run) && (w.Job == "" || d.Key.Job == w.Job) && (w.Scope == "" || d.Key.Scope == w.Scope) &&
		(w.Step == "" || d.Key.Step == w.Step) && (len(w.States) == 0 || slices.Contains(w.States, d.State)) &&
		(w.Recipient == "" || d.Recipient == w.Recipient) && (w.Code == 0 || d.Answer.Code == w.Code) && d.ID > w.After &&
		(w.Search == "" || strings.Contains(d.Recipient+" "+d.Key.Item+" "+d.MessageID, w.Search))
}

func (f *fake) Tally(ctx context.Context, filter engine.DeliveryFilter) (map[delivery.State]int, error) {
	f.tallies.Add(1)
	if f.onTally != nil {
		if err := f.onTally(ctx); err != nil {
			return nil, err
		}
	}
	out := map[delivery.State]int{}
	for _, d := range f.deliveries {
		if f.matches(d, filter) {
			out[d.State]++
		}
	}
	return out, f.err
}

func (f *fake) Attempts(_ context.Context, id delivery.ID) ([]delivery.Attempt, error) {
	return f.attempts[id], f.err
}

func (f *fake) Statuses(_ context.Context, id string) ([]delivery.Status, error) {
	return f.statuses[id], f.err
}

func (f *fake) Inbound(_ context.Context, filter engine.InboundFilter) iter.Seq2[engine.Inbound, error] {
	return listed(f.err, filter.Limit, f.inbound, func(m engine.Inbound) bool {
		return filter.Contact == "" || filter.Contact == m.From || filter.Contact == m.UserID
	})
}

func (f *fake) Notices(_ context.Context, limit int) iter.Seq2[engine.Notice, error] {
	return listed(f.err, limit, f.notices, func(engine.Notice) bool { return true })
}

func (f *fake) Digest([]byte) delivery.Digest { return 0 }

func (f *fake) Receiving(context.Context) (time.Time, error) { return f.webhook, f.err }

func listed[T any](err error, limit int, all []T, keep func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		n := 0
		for _, v := range all {
			if !keep(v) {
				continue
			}
			if n++; limit > 0 && n > limit || !yield(v, nil) {
				return
			}
		}
	}
}

// Charges says how messages were charged.
func (f *fake) Charges(context.Context, string) ([]engine.Charged, error) { return f.charged, f.err }

// LeftOut says why messages were left out.
func (f *fake) LeftOut(context.Context, string) (map[string]int, error) { return f.leftOut, f.err }

func (f *fake) Unsent(_ context.Context, filter engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	return listed(f.err, filter.Limit, f.unsent, func(u engine.Unsent) bool {
		return (filter.Run == "" || u.Run == filter.Run) && (filter.Outcome == 0 || u.Outcome == filter.Outcome)
	})
}

func (f *fake) Ordered(_ context.Context, run string) (*engine.Order, error) {
	return f.orders[run], f.err
}

func (f *fake) Listening(context.Context) (time.Time, error) { return f.listening, f.err }

func (*fake) Rollout(context.Context, delivery.Key) (*engine.RolloutState, error) { return nil, nil }
