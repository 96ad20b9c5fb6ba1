//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/ledgertest"
	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/postgres/pgtest"
)

// witnessed are options with a witness.
func witnessed(t *testing.T) postgres.Options {
	t.Helper()
	o := options()
	o.Witness = t.TempDir()
	return o
}

func openWith(tb testing.TB, url string, o postgres.Options) *postgres.Ledger {
	tb.Helper()
	l, err := postgres.Open(url, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() }) // some end with the error that is tested
	return l
}

func begin(tb testing.TB, l *postgres.Ledger) {
	tb.Helper()
	if err := l.StartRun(tb.Context(), engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}); err != nil {
		tb.Fatal(err)
	}
	if _, err := l.Lock(tb.Context(), "the test"); err != nil {
		tb.Fatal(err)
	}
}

func refused(tb testing.TB, url string, o postgres.Options, words ...string) {
	tb.Helper()
	l, err := postgres.Open(url, o)
	if err == nil {
		_ = l.Close()
		tb.Fatalf("it was opened, want a refusal with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			tb.Errorf("%v\nwant %q in it", err, w)
		}
	}
}

// copyOf starts a copy of the server as it is now: a snapshot that is booted on a second machine.
func copyOf(tb testing.TB) *pgtest.Server {
	tb.Helper()
	s := theServer(tb)
	c, err := s.Clone(func(dir string) error { return s.Backup(dir, false) })
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// TestSnapshot boots a copy of the cluster, which nothing but the witness tells from the cluster itself, and adopts it: nothing that may
// have been sent in the time that is lost is sent again, and what statuses tell of it is found.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	database, o := newDatabase(t), witnessed(t)
	l := openWith(t, theServer(t).URL(database), o)
	begin(t, l)
	settle(t, l, intend(t, l, "sent before"))
	planned := intend(t, l, "planned before")
	if _, err := l.Settle(t.Context(), delivery.Attempt{Delivery: planned.Delivery, Number: 1, Result: delivery.ResultNotSent}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	snapshot := copyOf(t)
	l = openWith(t, theServer(t).URL(database), o)
	begin(t, l)
	again, lost := intend(t, l, "planned before"), intend(t, l, "new in the lost time")
	settle(t, l, again)
	settle(t, l, lost)
	_ = l.Close()

	refused(t, snapshot.URL(database), o, "epoch 2", "epoch 4", "waybill ledger adopt")
	found, err := postgres.Adopt(t.Context(), snapshot.URL(database), o)
	if err != nil || found.InDoubt != 1 || len(found.Runs) != 1 || found.Epoch != 5 {
		t.Fatalf("adopted as %+v, %v", found, err)
	}
	l = openWith(t, snapshot.URL(database), o)
	begin(t, l)
	for item, want := range map[string]delivery.State{
		"sent before": delivery.Accepted, "planned before": delivery.InDoubt, "new in the lost time": delivery.InDoubt, "never met": delivery.InDoubt,
	} {
		_, err := l.Intend(t.Context(), intent(item))
		if held, is := errors.AsType[*delivery.DecidedError](err); !is || held.Delivery.State != want {
			t.Errorf("%s: %v, want it held as %s", item, err, want)
		}
	}
	for _, ticket := range []delivery.Ticket{again, lost} { // the callbacks of the lost requests
		err := l.Record(t.Context(), engine.Report{ReceivedAt: time.Now(), Statuses: []delivery.Status{{
			MessageID: fmt.Sprint("wamid.lost", ticket.Attempt), Callback: ticket.Callback, State: delivery.Delivered, Word: "delivered", At: time.Now(),
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, l, "planned before", delivery.Delivered)
	resend := intent("never met")
	resend.Allowed.Resend = true
	if _, err := l.Intend(t.Context(), resend); err != nil {
		t.Errorf("the user allows it: %v", err)
	}
	met, err := l.Run(t.Context(), theRun)
	if err != nil {
		t.Fatal(err)
	}
	met.Status, met.FinishedAt = engine.RunInDoubt, time.Now()
	if err := l.FinishRun(t.Context(), met, nil); err != nil {
		t.Fatal(err)
	}
	next, err := postgres.Open(snapshot.URL(database), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	begin(t, next)
	intend(t, next, "met later") // the run met all: what is new now is new
}

// TestSnapshotOfServe puts back the database of a job that serve runs.
func TestSnapshotOfServe(t *testing.T) {
	t.Parallel()
	database, o := newDatabase(t), witnessed(t)
	url := theServer(t).URL(database)
	ledgertest.TestAdopted(t, func() engine.Ledger { return openWith(t, url, o) }, func() {
		if err := theServer(t).Exec(database, `UPDATE waybill.ledger SET epoch = 0`); err != nil {
			t.Fatal(err)
		}
		if found, err := postgres.Adopt(t.Context(), url, o); err != nil || !found.Lost {
			t.Fatalf("adopted as %+v, %v", found, err)
		}
	})
}

// TestSnapshotOfARun boots a copy of the cluster that was made in the middle of a run, which went on and ended: the copy is behind it.
func TestSnapshotOfARun(t *testing.T) {
	t.Parallel()
	database, o := newDatabase(t), witnessed(t)
	l := openWith(t, theServer(t).URL(database), o)
	begin(t, l)
	settle(t, l, intend(t, l, "sent before"))
	snapshot := copyOf(t)
	settle(t, l, intend(t, l, "lost"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, snapshot.URL(database), o, "it is at epoch", "has seen epoch", "waybill ledger adopt")
	if l := openWith(t, theServer(t).URL(database), o); l.Standing(t.Context()) != nil {
		t.Error("nothing stands against the ledger itself")
	}
	if found, err := postgres.Adopt(t.Context(), theServer(t).URL(database), o); err != nil || !found.Nothing {
		t.Errorf("adopted as %+v, %v, want nothing to adopt", found, err)
	}
}

// TestSnapshotUnderTheOther leads a process that lost nothing to a snapshot in which the lease of another is long over, which lost something
// and lives: it takes nothing over from that one before it may say so.
func TestSnapshotUnderTheOther(t *testing.T) {
	t.Parallel()
	o, database := witnessed(t), newDatabase(t)
	o.Lease = 3 * time.Second
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	enter := func(parts int) (*postgres.Ledger, *proxy) {
		t.Helper()
		way, address := newProxy(t, theServer(t).URL(database))
		l := openWith(t, address, o)
		if _, err := l.Lock(t.Context(), "the test"); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Enter(t.Context(), run, "rows", nil); err != nil {
			t.Fatal(err)
		}
		if got, err := l.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true}); err != nil || len(got.Has) != parts {
			t.Fatalf("%d parts, %v", len(got.Has), err)
		}
		return l, way
	}
	first, firstWay := enter(engine.Parts)
	second, secondWay := enter(0)
	snapshot := copyOf(t)
	if err := snapshot.Exec(database, `UPDATE waybill.process SET seen = seen - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	secondWay.lead(t, snapshot.URL(database)) // before it can see what the other writes
	settle(t, first, intend(t, first, "lost"))
	for began := time.Now(); time.Since(began) < o.Lease*2/3; time.Sleep(100 * time.Millisecond) {
		got, err := second.LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
		if errors.Is(err, engine.ErrBehind) {
			t.Skip("the epoch was raised behind the snapshot, on a slow machine, and told it first")
		}
		if err != nil || len(got.Has) > 0 {
			t.Fatalf("it has %d parts of the other's, %v", len(got.Has), err)
		}
	}
	firstWay.lead(t, snapshot.URL(database))
	if _, err := first.Intend(t.Context(), intent("another")); !errors.Is(err, engine.ErrBehind) {
		t.Errorf("who lost something: %v", err)
	}
	if _, err := second.Intend(t.Context(), intent("lost")); !errors.Is(err, engine.ErrBehind) {
		t.Errorf("the other: %v", err)
	}
}

// TestSnapshotOfWhatOthersWrote leads a process that lost nothing to a snapshot that lacks what another wrote, which is gone since and can
// say so no more. The process saw what the other wrote, and sends nothing.
func TestSnapshotOfWhatOthersWrote(t *testing.T) {
	t.Parallel()
	o, database := witnessed(t), newDatabase(t)
	o.Lease = 2 * time.Second
	gone := openWith(t, theServer(t).URL(database), o)
	begin(t, gone)
	way, address := newProxy(t, theServer(t).URL(database))
	l := openWith(t, address, o)
	if _, err := l.Lock(t.Context(), "another"); err != nil {
		t.Fatal(err)
	}
	snapshot := copyOf(t)
	settle(t, gone, intend(t, gone, "lost"))
	time.Sleep(o.Lease / 2) // within which it looks at the others twice
	way.lead(t, snapshot.URL(database))
	for range 2 {
		if _, err := l.Intend(t.Context(), intent("lost")); !errors.Is(err, engine.ErrBehind) || !strings.Contains(err.Error(), "ledger adopt") {
			t.Errorf("%v, want a refusal", err)
		}
	}
	refused(t, snapshot.URL(database), options(), "lacks what it had written", "waybill ledger adopt")
}

// TestPromoted has a standby take over that lacks what the primary had committed, in the middle of a run.
func TestPromoted(t *testing.T) {
	t.Parallel()
	primary, err := pgtest.Start()
	need(t, primary, err)
	defer func() { _ = primary.Close() }()
	if err := primary.Create("wb"); err != nil {
		t.Fatal(err)
	}
	p, address := newProxy(t, primary.URL("wb"))
	l := openWith(t, address, witnessed(t))
	begin(t, l)
	standby, err := primary.Clone(func(dir string) error { return primary.Backup(dir, true) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = standby.Close() }()
	refused(t, standby.URL("wb"), options(), "replica")
	if err := standby.Down(false); err != nil {
		t.Fatal(err)
	}
	settle(t, l, intend(t, l, "lost")) // the standby never gets it
	if err := primary.Down(true); err != nil {
		t.Fatal(err)
	}
	if err := standby.Up(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Exec("postgres", "SELECT pg_promote(true, 30)"); err != nil {
		t.Fatal(err)
	}
	p.lead(t, standby.URL("wb"))
	for _, item := range []string{"lost", "another"} {
		if _, err := l.Intend(t.Context(), intent(item)); !errors.Is(err, engine.ErrBehind) || !strings.Contains(err.Error(), "ledger adopt") {
			t.Errorf("%s: %v, want a refusal", item, err)
		}
	}
	refused(t, standby.URL("wb"), options(), "timeline", "ledger adopt")
}

// TestLostGroups has the database lose the last group of a sender, whatever its identity says.
func TestLostGroups(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	o := witnessed(t)
	o.Lease = 2 * time.Second
	l := openWith(t, theServer(t).URL(database), o)
	begin(t, l)
	other := openWith(t, theServer(t).URL(database), o)
	if _, err := other.Lock(t.Context(), "another"); err != nil {
		t.Fatal(err)
	}
	intend(t, l, "ana")
	if err := theServer(t).Exec(database, `UPDATE waybill.process SET groups = groups - 1 WHERE sending AND holder LIKE 'the test,%'`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := l.Intend(t.Context(), intent("eva")); !errors.Is(err, engine.ErrBehind) {
			t.Errorf("%v, want a refusal", err)
		}
	}
	if _, err := other.Intend(t.Context(), intent("zoe")); !errors.Is(err, engine.ErrBehind) {
		t.Errorf("another sender, which lost nothing: %v, want a refusal", err)
	}
	for _, o := range []postgres.Options{o, options()} { // whoever comes next, also where no witness is
		refused(t, theServer(t).URL(database), o, "lacks what it had written", "waybill ledger adopt")
	}
	if found, err := postgres.Adopt(t.Context(), theServer(t).URL(database), o); !errors.As(err, new(*engine.LockedError)) {
		t.Errorf("adopted as %+v, %v, while its sender is there", found, err)
	}
}

// TestRestoredUnderASender has the tables of a ledger go and come back, as when a backup is restored while it is sent from. What is there then
// lacks what was written last: the identity is the same, and so is the epoch.
func TestRestoredUnderASender(t *testing.T) {
	t.Parallel()
	database, o := newDatabase(t), witnessed(t)
	l := openWith(t, theServer(t).URL(database), o)
	begin(t, l)
	settle(t, l, intend(t, l, "lost"))
	do := func(sql string) {
		t.Helper()
		if err := theServer(t).Exec(database, sql); err != nil {
			t.Fatal(err)
		}
	}
	do(`ALTER SCHEMA waybill RENAME TO before`)
	if _, err := l.Intend(t.Context(), intent("another")); !errors.Is(err, engine.ErrBehind) || !strings.Contains(err.Error(), "not in the database any more") {
		t.Errorf("%v, want that its tables are gone", err)
	}
	if err := l.Close(); err == nil {
		t.Error("it was closed in order")
	}
	do(`ALTER SCHEMA before RENAME TO waybill`)
	refused(t, theServer(t).URL(database), o, "epoch", "waybill ledger adopt")
}

// TestRefused refuses what cannot keep a ledger, with the reason.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := theServer(t)
	database := newDatabase(t)
	if err := s.Exec("postgres", "CREATE DATABASE a_copy TEMPLATE "+database); err != nil {
		t.Fatal(err)
	}
	refused(t, s.URL("a_copy"), options(), "another database", "ledger adopt")
	sandbox := options()
	sandbox.Sandbox = true
	refused(t, s.URL(database), sandbox, "real deliveries")
	if err := s.Exec(database, `UPDATE waybill.ledger SET version = 99, oldest = 98`); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{true, false} {
		o := options()
		o.ReadOnly = readOnly
		if _, err := postgres.Open(s.URL(database), o); !errors.Is(err, engine.ErrNewer) || !strings.Contains(err.Error(), "99") {
			t.Errorf("%v, want ErrNewer", err)
		}
	}
	empty := options()
	empty.ReadOnly = true
	if err := s.Create("an_empty_one"); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(s.URL("an_empty_one"), empty); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want fs.ErrNotExist", err)
	}
	if err := s.Exec("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	refused(t, s.URL("latin"), options(), "LATIN1")
	refused(t, "postgres://ana:secret@db.example/wb", options(), "sslmode=verify-full")
	refused(t, "postgres://ana:secret@db.example/wb?sslmode=require", options(), "sslmode=verify-full")
	unsafe, err := pgtest.Start("fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unsafe.Close() }()
	refused(t, unsafe.URL("postgres"), options(), "fsync is off")
}
