package cli_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waybill/engine/reliability/tally"
	"waybill/whatsapp/sandbox"
)

// What the ledgers of testdata/ledgers hold of eight people, in the order of their rows. Each is the file of one version of the
// ledger, as apply left it when it was killed. A new version gets its own by
//
//	WAYBILL_MAKE_LEDGER=1 go test ./engine/cli -run TestEarlierLedgers
//
// and no file that a released program may have written is made anew.
const (
	toDelivered = 2 // two that were delivered
	toRefused   = 2 // one that WhatsApp refused
	toDoubted   = 3 // one whose answer was lost, and that WhatsApp never took
	toTaken     = 4 // one that WhatsApp took, and whose answer the killed process did not live to see
	toOptedOut  = 5 // one who left before their turn
	toOpen      = 6 // two whose turn had not come
	inLedger    = 8
)

// TestEarlierLedgers opens the ledger of each version there was, and finishes what was begun in it.
func TestEarlierLedgers(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(root(t), "testdata", "ledgers")
	if os.Getenv("WAYBILL_MAKE_LEDGER") != "" {
		makeLedger(t, folder)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	tally.Worlds(t, "ledgers", 1, func(t *testing.T, _ *rand.Rand) tally.Count {
		t.Helper()
		c := tally.Count{}
		for _, file := range files {
			version := finished(t, file)
			versions = append(versions, version)
			c = c.Plus(tally.Count{Done: 1, People: inLedger})
		}
		return c
	})
	p := newProof(t, terms{people: 1})
	p.start(p.apply()).want(0)
	if today := p.ask("PRAGMA user_version"); len(versions) > 0 && !slices.Contains(versions, today) {
		t.Errorf("version %s has no ledger in testdata/ledgers: make it, see proof_earlier_test.go", today)
	}
}

// finished finishes what was begun in a ledger, and returns its version.
func finished(t *testing.T, file string) (version string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := newProof(t, terms{people: inLedger, concurrency: 1})
	if err := os.MkdirAll(filepath.Dir(p.state), 0o700); err != nil {
		t.Fatal(err)
	}
	p.file(p.state, string(text))
	version = p.ask("PRAGMA user_version")
	p.start(p.apply()).want(4)
	want := map[int]string{toRefused: "rejected", toDoubted: "inDoubt", toTaken: "inDoubt"}
	known := p.deliveries("")
	for n := range inLedger {
		sent := 0
		if n >= toOpen {
			sent = 1
		}
		if got := len(p.log.of(phone(n))); got != sent {
			t.Errorf("%s: person %d got %d messages, want %d", filepath.Base(file), n, got, sent)
		}
		if state := known[phone(n)].State; want[n] != "" && state != want[n] {
			t.Errorf("%s: person %d is %q, want %q", filepath.Base(file), n, state, want[n])
		}
	}
	for n := range toDelivered {
		if state := known[phone(n)].State; state != "delivered" {
			t.Errorf("%s: person %d is %q, and was delivered", filepath.Base(file), n, state)
		}
	}
	p.start([]string{"resolve", "last", "--resend", "--yes"}).want(1) // the refused one is a failure yet
	if got := len(p.log.of(phone(toDoubted))) + len(p.log.of(phone(toTaken))); got != 2 {
		t.Errorf("%s: those in doubt got %d messages after resolve --resend", filepath.Base(file), got)
	}
	p.nobodyTwice()
	p.born, p.textless = true, version == "2"
	p.readable()
	return version
}

// makeLedger makes the file of today's version.
func makeLedger(t *testing.T, folder string) {
	t.Helper()
	p := newProof(t, terms{people: inLedger, concurrency: 1, live: true})
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.FaultError, Code: 131026, Match: sandbox.Match{To: phone(toRefused)}},
		{Kind: sandbox.FaultCut, Match: sandbox.Match{To: phone(toDoubted)}},
		{Kind: sandbox.FaultLatency, Delay: patience, Match: sandbox.Match{To: phone(toTaken)}},
		{Kind: sandbox.FaultWebhookDropped, Match: sandbox.Match{To: phone(toTaken)}},
	} {
		if _, err := p.box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	c := p.start(p.apply())
	p.awaitMessages(c, toDelivered+1)
	eventually(t, "those that are delivered", func() bool { return len(p.deliveries("delivered")) == toDelivered })
	c.kill()
	p.look(0, "optouts", "add", "+"+phone(toOptedOut))
	db, err := sql.Open("sqlite", p.state)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	if closed := db.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	text, err := os.ReadFile(p.state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, fmt.Sprintf("%s.db", strings.TrimSpace(p.ask("PRAGMA user_version"))))
	p.file(path, string(text))
	t.Logf("made %s", path)
}
