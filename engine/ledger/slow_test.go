package ledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
	"waybill/engine/ledger/ledgertest"
)

// TestFastEqualsSlow has two ledgers live through the same histories: one by the fast ways (a new intent without a look, an
// outcome without a read, one statement that takes over), the other by those that load a record, call a transition of package
// delivery, and save it. The same rows are in both files.
func TestFastEqualsSlow(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // each reopens both ledgers several times
		t.Cleanup(func() { _ = f.Value.Set(f.DefValue) })
		_ = f.Value.Set(map[bool]string{false: "50", true: "8"}[raced])
	}
	p := newPair(t)
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		checks++
		ledgertest.History(rt, p, fmt.Sprint(checks))
		p.wantCounts(rt)
	})
}

// pair is two ledgers. What is asked of it, it asks of both, and wants one answer.
type pair struct {
	*testing.T
	ctx        context.Context //nolint:containedctx // of the test
	now        atomic.Int64    // Unix seconds, the clock of both
	paths      [2]string
	fast, slow *ledger.Ledger
	callbacks  map[string]string // of the fast one, and the same of the slow one
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{T: t, ctx: t.Context(), callbacks: map[string]string{}}
	p.now.Store(1774429200)
	for i := range p.paths {
		p.paths[i] = filepath.Join(t.TempDir(), "ledger.db")
	}
	p.open()
	t.Cleanup(p.close)
	return p
}

func (p *pair) clock() time.Time { return time.Unix(p.now.Load(), 0).UTC() }

func (p *pair) open() {
	both := [2]*ledger.Ledger{}
	for i, path := range p.paths {
		l, err := ledger.Open(path, ledger.Options{Now: p.clock, MinFree: 1})
		if err != nil {
			p.Fatal(err)
		}
		both[i] = l
	}
	p.fast, p.slow = both[0], both[1]
	if err := p.slow.SlowTakeOver(p.ctx); err != nil {
		p.Fatal(err)
	}
	ready(p.T, p.fast)
	ready(p.T, p.slow)
	for _, l := range []*ledger.Ledger{p.fast, p.slow} {
		if err := l.StartRun(p.ctx, engine.Run{ID: ledgertest.SecondRun, StartedAt: p.clock()}); err != nil {
			p.Fatal(err)
		}
	}
}

// wantCounts wants the counts that are kept to be those of all records. After each history the second run ends, and has met all.
func (p *pair) wantCounts(rt *rapid.T) {
	for _, l := range []*ledger.Ledger{p.fast, p.slow} {
		if err := l.WrongCounts(p.ctx); err != nil {
			rt.Fatal(err)
		}
		p.wantStates(rt, l)
		met := new(delivery.IDs)
		for d, err := range l.Deliveries(p.ctx, engine.DeliveryFilter{}) {
			if err != nil {
				rt.Fatal(err)
			}
			if d.ID%3 != 0 {
				met.Add(d.ID)
			}
		}
		if err := l.FinishRun(p.ctx, engine.Run{ID: ledgertest.SecondRun}, met); err != nil {
			rt.Fatal(err)
		}
		if err := l.WrongCounts(p.ctx); err != nil {
			rt.Fatal(err)
		}
	}
}

// wantStates wants the deliveries of each run in each state to be those that all deliveries tell.
func (p *pair) wantStates(rt *rapid.T, l *ledger.Ledger) {
	type place struct {
		run   string
		state delivery.State
	}
	want := map[place]int{}
	for d, err := range l.Deliveries(p.ctx, engine.DeliveryFilter{}) {
		if err != nil {
			rt.Fatal(err)
		}
		want[place{d.Run, d.State}]++
	}
	for _, run := range []string{benchRun, ledgertest.SecondRun} {
		for s := delivery.Planned; s <= delivery.Failed; s++ {
			got, err := l.Tally(p.ctx, engine.DeliveryFilter{Run: run, States: []delivery.State{s}})
			if err != nil || got[s] != want[place{run, s}] {
				rt.Fatalf("run %s has %d deliveries that are %v (%v), want %d", run, got[s], s, err, want[place{run, s}])
			}
		}
	}
}

func (p *pair) close() {
	closed(p.T, p.fast)
	closed(p.T, p.slow)
}

// same wants one answer of both, and the same rows in their files.
func (p *pair) same(fast, slow any, err, errSlow error) error {
	if !reflect.DeepEqual(fast, slow) || fmt.Sprint(err) != fmt.Sprint(errSlow) {
		return fmt.Errorf("the fast way: %+v, %s\nthe slow way: %+v, %s", fast, fmt.Sprint(err), slow, fmt.Sprint(errSlow))
	}
	rows, dumpErr := p.fast.Dump(p.ctx)
	rowsSlow, dumpErrSlow := p.slow.Dump(p.ctx)
	if err := errors.Join(dumpErr, dumpErrSlow); err != nil {
		return err
	}
	for i, row := range rows {
		if i >= len(rowsSlow) || row != rowsSlow[i] {
			return fmt.Errorf("the fast way: %s\nthe slow way: %s", row, rowsSlow[min(i, len(rowsSlow)-1)])
		}
	}
	return err
}

func (p *pair) Intend(i delivery.Intent) (delivery.Ticket, error) {
	p.now.Add(1)
	t, err := p.fast.Intend(p.ctx, i)
	u, errSlow := p.slow.SlowIntend(p.ctx, i)
	p.callbacks[t.Callback], u.Callback = u.Callback, t.Callback
	return t, p.same(t, u, err, errSlow)
}

func (p *pair) Settle(a delivery.Attempt) error {
	d, err := p.fast.Settle(p.ctx, a)
	e, errSlow := p.slow.SlowSettle(p.ctx, a)
	return p.same(d, e, err, errSlow)
}

func (p *pair) Resolve(id delivery.ID, sent bool) error {
	d, err := p.fast.Resolve(p.ctx, id, sent, engine.Actor{})
	e, errSlow := p.slow.Resolve(p.ctx, id, sent, engine.Actor{})
	return p.same(d, e, err, errSlow)
}

func (p *pair) Tell(s delivery.Status) error {
	r := engine.Report{ReceivedAt: p.clock(), Statuses: []delivery.Status{s}}
	err := p.fast.Record(p.ctx, r)
	s.Callback = p.callbacks[s.Callback]
	r.Statuses = []delivery.Status{s}
	return p.same(nil, nil, err, p.slow.Record(p.ctx, r))
}

func (p *pair) Look(k delivery.Key, id delivery.ID) (delivery.Delivery, error) {
	found, err := ledgertest.Find(p.ctx, p.fast, k, id)
	same, errSlow := ledgertest.Find(p.ctx, p.slow, k, id)
	return found, p.same(found, same, err, errSlow)
}

// Crash leaves both without a word, as far as one process can: what was under way is taken over.
func (p *pair) Crash() error {
	p.close()
	p.open()
	return p.same(nil, nil, nil, nil)
}

// TestTogetherEqualsOneByOne has two ledgers get the same intents, some of them of items that were intended before or in the same group: one
// in groups, the other one by one.
func TestTogetherEqualsOneByOne(t *testing.T) {
	p := newPair(t)
	groups := 0
	rapid.Check(t, func(rt *rapid.T) {
		groups++
		intents := make([]delivery.Intent, rapid.IntRange(1, 40).Draw(rt, "intents"))
		for n := range intents {
			intents[n] = benchIntent(rapid.Uint64Range(uint64(groups)*20, uint64(groups)*20+60).Draw(rt, "item"))
			intents[n].Template = rapid.Bool().Draw(rt, "template")
		}
		tickets, errs, err := p.fast.IntendTogether(p.ctx, intents)
		if err != nil {
			rt.Fatal(err)
		}
		for n, i := range intents {
			ticket, err := p.slow.Intend(p.ctx, i)
			ticket.Callback = ""
			if ticket != tickets[n] || fmt.Sprint(err) != fmt.Sprint(errs[n]) {
				rt.Fatalf("intent %d of %d: together %+v, %v, alone %+v, %v", n, len(intents), tickets[n], errs[n], ticket, err)
			}
		}
		if err := p.same(nil, nil, nil, nil); err != nil {
			rt.Fatal(err)
		}
	})
}
