//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres"
)

const theRun = "20260325-090000-aaaa"

func intent(item string) delivery.Intent {
	return delivery.Intent{
		Key: delivery.Key{Job: "job", Scope: "ever", Step: "people/greet", Item: item}, Run: theRun, Recipient: "+34612345678", Digest: 7, Row: 2,
	}
}

// sending opens a ledger that may send in the run.
func sending(tb testing.TB, url string) *postgres.Ledger {
	tb.Helper()
	l := open(tb, url)
	if err := l.StartRun(tb.Context(), engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}); err != nil {
		tb.Fatal(err)
	}
	if _, err := l.Lock(tb.Context(), "the test"); err != nil {
		tb.Fatal(err)
	}
	return l
}

func intend(tb testing.TB, l engine.Ledger, item string) delivery.Ticket {
	tb.Helper()
	ticket, err := l.Intend(tb.Context(), intent(item))
	if err != nil {
		tb.Fatalf("%s: %v", item, err)
	}
	return ticket
}

func settle(tb testing.TB, l engine.Ledger, ticket delivery.Ticket) delivery.Delivery {
	tb.Helper()
	got, err := l.Settle(tb.Context(), delivery.Attempt{
		Delivery: ticket.Delivery, Number: ticket.Attempt, Result: delivery.ResultAccepted, Ended: ticket.At.Add(time.Second),
		MessageID: fmt.Sprintf("wamid.HBgLMzQ2MTIzNDU2NzgVAgARGBI%027dAA==", ticket.Delivery),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return got
}

func wantState(tb testing.TB, l engine.Ledger, item string, want delivery.State) {
	tb.Helper()
	k := intent(item).Key
	found, err := l.Lookup(tb.Context(), []delivery.Key{k})
	if err != nil {
		tb.Fatal(err)
	}
	got := found[k.Hash()]
	if got.State != want {
		tb.Errorf("%s is %s, want %s", item, got.State, want)
	}
}

// silence makes all senders silent for so long that their leases are over, as one that was stopped would be.
func silence(tb testing.TB, database string) {
	tb.Helper()
	if err := theServer(tb).Exec(database, `UPDATE waybill.process SET seen = seen - interval '1 minute'`); err != nil {
		tb.Fatal(err)
	}
}

// TestPartsTakenOver has a process of a divided run die: its parts go to the others, who are told from whom, and the run goes on.
func TestPartsTakenOver(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	address := theServer(t).URL(database)
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	enter := func(holder string, want int) *postgres.Ledger {
		t.Helper()
		l := open(t, address)
		if _, err := l.Lock(t.Context(), holder); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Enter(t.Context(), run, "rows", nil); err != nil {
			t.Fatal(err)
		}
		if got, err := l.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); err != nil || len(got.Has) != want {
			t.Fatalf("%d parts, %v", len(got.Has), err)
		}
		return l
	}
	frozen := enter("the frozen one", engine.Parts)
	other := enter("the other one", 0)
	frozen.Freeze()
	if parts, err := other.RunParts(t.Context(), theRun); err != nil || parts[0].FreeIn <= 0 || parts[0].FreeIn > 15*time.Second {
		t.Errorf("part %+v, %v", parts[0], err)
	}
	err := theServer(t).Exec(database, `UPDATE waybill.process SET seen = seen - interval '1 minute' WHERE holder LIKE 'the frozen%'`)
	if err != nil {
		t.Fatal(err)
	}
	if parts, err := other.RunParts(t.Context(), theRun); err != nil || parts[0].FreeIn != 0 || parts[0].Holder == "" {
		t.Errorf("its lease is over, and part %+v, %v", parts[0], err)
	}
	if _, err := open(t, address).Lock(t.Context(), "a third"); err != nil { // it takes over
		t.Fatal(err)
	}
	got, err := other.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || len(got.Has) != engine.Parts || got.Status != engine.RunRunning {
		t.Errorf("it has %d parts of a run that is %s, %v", len(got.Has), got.Status, err)
	}
	parts, err := other.RunParts(t.Context(), theRun)
	if err != nil || len(parts) != engine.Parts || !strings.Contains(parts[0].From, "the frozen one") || !strings.Contains(parts[0].Why, "silent") {
		t.Errorf("parts %+v, %v", parts[:1], err)
	}
}

// TestSilentButLiving has one of two processes of a divided run end while the other is silent for longer than its lease. The run counts as
// interrupted then; when the other is heard again, nobody having taken it over, it goes on with all parts.
func TestSilentButLiving(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	address := theServer(t).URL(database)
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	enter := func(holder string) *postgres.Ledger {
		t.Helper()
		l := open(t, address)
		if _, err := l.Lock(t.Context(), holder); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Enter(t.Context(), run, "rows", nil); err != nil {
			t.Fatal(err)
		}
		return l
	}
	first, second := enter("the first"), enter("the second")
	if _, err := first.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); err != nil {
		t.Fatal(err)
	}
	silence(t, database)
	ended := run
	ended.Status, ended.FinishedAt = engine.RunInterrupted, time.Now()
	if err := first.FinishRun(t.Context(), ended, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := second.Run(t.Context(), theRun); err != nil || got.Status != engine.RunInterrupted {
		t.Fatalf("it is %s, %v", got.Status, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := second.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || len(got.Has) != engine.Parts || got.Status != engine.RunRunning {
		t.Errorf("the second has %d parts of a run that is %s, %v", len(got.Has), got.Status, err)
	}
}

// TestTakenOver has a sender that was silent for too long taken over: what it had under way is in doubt and is not sent, it makes no more
// requests, and what it learns late counts.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	address := theServer(t).URL(database)
	frozen := sending(t, address)
	late, lost := intend(t, frozen, "late"), intend(t, frozen, "lost")
	settle(t, frozen, intend(t, frozen, "done"))
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	if _, err := frozen.Enter(t.Context(), run, "rows", nil); err != nil {
		t.Fatal(err)
	}
	part, err := frozen.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || len(part.Has) != engine.Parts {
		t.Fatalf("%d parts, %v", len(part.Has), err)
	}
	frozen.Freeze()
	silence(t, database)
	other := open(t, address)
	if _, err := other.Lock(t.Context(), "the test"); err != nil { // it takes over
		t.Fatal(err)
	}
	if got, err := other.Enter(t.Context(), run, "rows", nil); err != nil || got.ID != theRun {
		t.Fatal(got.ID, err)
	}
	has, err := other.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || len(has.Has) != engine.Parts {
		t.Errorf("of what the frozen one had it has %d parts, %v", len(has.Has), err)
	}
	if _, err := frozen.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); !errors.Is(err, engine.ErrNotLocked) {
		t.Errorf("the frozen one leased: %v", err)
	}
	if _, err := frozen.EndParts(t.Context(), theRun, []engine.EndedPart{{Part: part.Has[0]}}, engine.SoFar{Status: engine.RunSucceeded}); err == nil {
		t.Error("the frozen one ended a part")
	}
	for item, want := range map[string]delivery.State{"late": delivery.InDoubt, "lost": delivery.InDoubt, "done": delivery.Accepted} {
		wantState(t, other, item, want)
	}
	for _, l := range []*postgres.Ledger{frozen, other} {
		_, err := l.Intend(t.Context(), intent("lost"))
		if l == frozen {
			if !errors.Is(err, engine.ErrNotLocked) || !strings.Contains(err.Error(), "silent for too long") {
				t.Errorf("it was taken for dead, and intends: %v", err)
			}
		} else if _, held := errors.AsType[*delivery.DecidedError](err); !held {
			t.Errorf("what is in doubt was granted: %v", err)
		}
	}
	if got := settle(t, frozen, late); got.State != delivery.Accepted {
		t.Errorf("the late answer made it %s", got.State)
	}
	if who, err := other.Holder(t.Context()); err != nil || strings.Count(who, "pid") != 1 {
		t.Errorf("senders %q, %v", who, err)
	}
	got, err := other.Run(t.Context(), theRun)
	if err != nil || got.Counts.InDoubt != 1 || got.Counts.Succeeded != 2 || got.Counts.UnderWay != 0 {
		t.Errorf("%+v, %v", got.Counts, err)
	}
	_ = lost // its answer never comes
}

// TestTakenOverByTheLiving has a sender at work take over from one that is gone, without anybody starting anew.
func TestTakenOverByTheLiving(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	address := theServer(t).URL(database)
	living, gone := sending(t, address), sending(t, address)
	intend(t, gone, "eva")
	mine := intend(t, living, "ana")
	gone.Freeze()
	if err := theServer(t).Exec(database, `UPDATE waybill.process SET seen = seen - interval '1 minute'
		WHERE id = (SELECT owner FROM waybill.delivery WHERE item = 'eva')`); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); wantStateIs(t, living, "eva") != delivery.InDoubt; {
		if time.Since(start) > 30*time.Second {
			t.Fatal("nobody took over")
		}
		if err := living.Change(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, living, "ana", delivery.Intended)
	settle(t, living, mine)
	if got, err := living.Run(t.Context(), theRun); err != nil || got.Status != engine.RunRunning {
		t.Errorf("the run that the living work at is %s, %v", got.Status, err)
	}
}

func wantStateIs(tb testing.TB, l engine.Ledger, item string) delivery.State {
	tb.Helper()
	k := intent(item).Key
	found, err := l.Lookup(tb.Context(), []delivery.Key{k})
	if err != nil {
		tb.Fatal(err)
	}
	return found[k.Hash()].State
}

// proxy stands between a ledger and its database, and can drop what the database answers.
type proxy struct {
	net.Listener
	to      string
	armed   atomic.Bool // the next answers to a commit are dropped, and the connection with them
	dropped atomic.Int64
	mu      sync.Mutex
	open    []net.Conn
}

func newProxy(tb testing.TB, address string) (*proxy, string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{Listener: l, to: u.Host}
	tb.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.open {
			_ = c.Close()
		}
	})
	go p.serve()
	u.Host = l.Addr().String()
	return p, u.String()
}

// lead has the proxy lead to another server, and cuts what it led to before.
func (p *proxy) lead(tb testing.TB, address string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = u.Host
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

func (p *proxy) serve() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		to := p.to
		p.mu.Unlock()
		server, err := net.Dial("tcp", to)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		var writes atomic.Bool // what the client asked last ends a transaction of the writer
		go func() {
			defer func() { _, _ = client.Close(), server.Close() }()
			buf := make([]byte, 1<<20)
			for {
				n, err := client.Read(buf)
				if n > 0 {
					text := string(buf[:n])
					writes.Store(strings.Contains(text, "waybill.write_group") || strings.Contains(text, "COMMIT"))
					if _, err := server.Write(buf[:n]); err != nil {
						return
					}
				}
				if err != nil {
					return
				}
			}
		}()
		go func() {
			defer func() { _, _ = client.Close(), server.Close() }()
			buf := make([]byte, 1<<20)
			for {
				n, err := server.Read(buf)
				if n > 0 && writes.Load() && p.armed.CompareAndSwap(true, false) {
					p.dropped.Add(1)
					// The rest of the answer comes when the transaction is over: it is committed by then.
					_, _ = io.Copy(io.Discard, &deadline{server})
					return
				}
				if n > 0 {
					if _, err := client.Write(buf[:n]); err != nil {
						return
					}
				}
				if err != nil {
					return
				}
			}
		}()
	}
}

// deadline reads what comes within a short time.
type deadline struct{ net.Conn }

func (d *deadline) Read(b []byte) (int, error) {
	_ = d.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	return d.Conn.Read(b)
}

// TestUnknownCommit drops the database's answer to a commit. What was answered to nobody grants nothing, and an outcome is not lost.
func TestUnknownCommit(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	p, address := newProxy(t, theServer(t).URL(database))
	l := sending(t, address)
	drop := func() { p.armed.Store(true) }
	drop()
	first := intend(t, l, "by the slow way")
	settle(t, l, intend(t, l, "between"))
	drop()
	second := intend(t, l, "by the quick way")
	if first.Attempt != 1 || second.Attempt != 2 {
		t.Errorf("attempts %d and %d: the slow way knows what it did, the quick one takes it back", first.Attempt, second.Attempt)
	}
	attempts, err := l.Attempts(t.Context(), second.Delivery)
	if err != nil || len(attempts) != 2 || attempts[0].Result != delivery.ResultNotSent {
		t.Errorf("%+v, %v", attempts, err)
	}
	for _, ticket := range []delivery.Ticket{first, second} {
		drop()
		if got := settle(t, l, ticket); got.State != delivery.Accepted {
			t.Errorf("settled as %s", got.State)
		}
	}
	drop()
	if id, err := l.PutLetter(t.Context(), engine.Letter{Job: "job", Target: "x", Event: []byte("{}"), At: time.Now()}); err != nil || id == 0 {
		t.Error(err)
	}
	letters, err := l.Letters(t.Context(), "job")
	if err != nil || len(letters) != 1 {
		t.Errorf("%d letters, %v, want the one", len(letters), err)
	}
	if got := p.dropped.Load(); got != 5 {
		t.Errorf("%d answers were dropped, want 5", got)
	}
	got, err := l.Run(t.Context(), theRun)
	if err != nil || got.Counts.Succeeded != 3 || got.Counts.UnderWay != 0 || got.Counts.NotSent != 0 {
		t.Errorf("%+v, %v", got.Counts, err)
	}
}

// TestWokenTogether has all senders of a run silent for longer than a lease, as on a machine that slept: the first that is heard of takes over
// from the others, and the run goes on.
func TestWokenTogether(t *testing.T) {
	database := newDatabase(t)
	address := theServer(t).URL(database)
	first, second := sending(t, address), open(t, address)
	if _, err := second.Lock(t.Context(), "the test"); err != nil {
		t.Fatal(err)
	}
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	for _, l := range []*postgres.Ledger{first, second} {
		if _, err := l.Enter(t.Context(), run, "rows", nil); err != nil {
			t.Fatal(err)
		}
		l.Freeze()
	}
	silence(t, database)
	if err := first.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := first.Run(t.Context(), theRun); err != nil || got.Status != engine.RunRunning {
		t.Errorf("the run that it works at is %s (%s), %v", got.Status, got.Reason, err)
	}
	if has, err := first.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); err != nil || len(has.Has) != engine.Parts {
		t.Errorf("it has %d parts, %v", len(has.Has), err)
	}
	if _, err := second.Intend(t.Context(), intent("ana")); !errors.Is(err, engine.ErrNotLocked) {
		t.Errorf("the other was taken for dead, and intends: %v", err)
	}
}
