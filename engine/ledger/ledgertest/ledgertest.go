// Package ledgertest tests implementations of engine.Ledger: one suite for a file and for a server. It knows the contract alone,
// and opens what it is given.
//
// Start reading at Test; each file is one chapter of the contract. History is the model that package delivery is tested with, too.
package ledgertest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// NewStore makes an empty store and returns what opens it. Each call returns a further handle, such as another process would have.
// A handle that the test did not close is closed when it ends.
type NewStore func(t *testing.T) (open func() engine.Ledger)

// Test runs the whole suite on a store from which one process sends at a time.
func Test(t *testing.T, newStore NewStore) {
	t.Helper()
	testAll(t, newStore, []chapter{{"OneSender", testOneSender}})
}

// TestShared runs the whole suite on a store from which many processes may send at once.
func TestShared(t *testing.T, newStore NewStore) {
	t.Helper()
	testAll(t, newStore, []chapter{
		{"Senders", testSenders},
		{"Pace", testPace},
		{"Parts", testParts},
		{"KeptRows", testKeptRows},
		{"OnePlace", testOnePlace},
		{"OneNumber", testOneNumber},
	})
}

// chapter is a part of the contract.
type chapter struct {
	name string
	run  func(*testing.T, NewStore)
}

// testAll tests what all stores have in common, and more.
func testAll(t *testing.T, newStore NewStore, more []chapter) {
	t.Helper()
	for _, c := range append(more, []chapter{
		{"Intend", testIntend},
		{"Further", testFurther},
		{"Settle", testSettle},
		{"Statuses", testStatuses},
		{"Begun", testBegun},
		{"Doubt", testDoubt},
		{"Runs", testRuns},
		{"Counts", testCounts},
		{"Unsent", testUnsent},
		{"Letters", testLetters},
		{"Told", testTold},
		{"Persons", testPersons},
		{"Moved", testMoved},
		{"MovedWords", testMovedWords},
		{"MovedReach", testMovedReach},
		{"MovedRows", testMovedRows},
		{"OptOuts", testOptOuts},
		{"SoughtWords", testSoughtWords},
		{"Forget", testForget},
		{"Prune", testPrune},
		{"Reach", testReach},
		{"Writers", testWriters},
		{"Charges", testCharges},
		{"Waiting", testWaiting},
		{"News", testNews},
		{"Given", testGiven},
		{"Listening", testListening},
		{"Read", testRead},
		{"Inbox", testInbox},
		{"Handles", testHandles},
		{"Wait", testWait},
		{"NoticeTwice", testNoticeTwice},
		{"OddTexts", testOddTexts},
		{"SentTexts", testSentTexts},
		{"Crowd", testCrowd},
		{"Model", testModel},
	}...) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // each has a store of its own
			c.run(t, newStore)
		})
	}
}

// desk is a ledger with a run started and the lock taken.
type desk struct {
	testing.TB
	engine.Ledger
	open    func() engine.Ledger
	release func() error
}

const theRun = "20260325-090000-aaaa"

// theNumber is the business number that messages go by.
const theNumber = "106540352242922"

func newDesk(t *testing.T, newStore NewStore) *desk {
	t.Helper()
	open := newStore(t)
	l := open()
	d := &desk{TB: t, Ledger: l, open: open}
	d.must(l.StartRun(t.Context(), engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: at(0)}))
	d.lock()
	return d
}

func (d *desk) lock() {
	d.Helper()
	release, err := d.Lock(d.Context(), "the test")
	d.must(err)
	d.release = release
}

// crash ends the process as far as a test can, and comes back as another: with the lock, and nothing else.
func (d *desk) crash() {
	d.Helper()
	d.must(d.release())
	d.reopen()
	d.lock()
}

// reopen closes the handle and opens another.
func (d *desk) reopen() {
	d.Helper()
	d.must(d.Close())
	d.Ledger = d.open()
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// at is an instant in the time of the tests.
func at(seconds int) time.Time {
	return time.Date(2026, 3, 25, 9, 0, seconds, 0, time.UTC)
}

func key(item string) delivery.Key {
	return delivery.Key{Job: "job", Scope: "ever", Step: "patients/remind", Item: item}
}

func intent(item string) delivery.Intent {
	return delivery.Intent{Key: key(item), Run: theRun, Recipient: "+34612345678", NumberID: theNumber, Digest: 77, Row: 2}
}

// wamid makes a message id of the usual form and length.
func wamid(n int) string {
	return fmt.Sprintf("wamid.HBgLMzQ2MTIzNDU2NzgVAgARGBI%027dAA==", n)
}

func (d *desk) intend(i delivery.Intent) delivery.Ticket {
	d.Helper()
	t, err := d.Intend(d.Context(), i)
	d.must(err)
	return t
}

// held wants a refusal, and returns the delivery that it shows.
func (d *desk) held(i delivery.Intent) delivery.Delivery {
	d.Helper()
	_, err := d.Intend(d.Context(), i)
	var h *delivery.DecidedError
	if !errors.As(err, &h) {
		d.Fatalf("Intend of %s returned %v, want a DecidedError", i.Key.Item, err)
	}
	return h.Delivery
}

func (d *desk) settle(t delivery.Ticket, a delivery.Attempt) delivery.Delivery {
	d.Helper()
	a.Delivery, a.Number, a.Run = t.Delivery, t.Attempt, theRun
	if a.Ended.IsZero() {
		a.Ended = t.At.Add(120 * time.Millisecond)
	}
	got, err := d.Settle(d.Context(), a)
	d.must(err)
	return got
}

func accepted(message string) delivery.Attempt {
	return delivery.Attempt{Result: delivery.ResultAccepted, MessageID: message, Answer: delivery.Answer{Status: 200}}
}

func (d *desk) record(statuses ...delivery.Status) {
	d.Helper()
	d.must(d.Record(d.Context(), engine.Report{ReceivedAt: at(30), Statuses: statuses}))
}

// look reads one delivery back.
func (d *desk) look(item string) delivery.Delivery {
	d.Helper()
	k := key(item)
	found, err := d.Lookup(d.Context(), []delivery.Key{k})
	d.must(err)
	got, ok := found[k.Hash()]
	if !ok {
		d.Fatalf("%v is not in the ledger", k)
	}
	return got
}

func (d *desk) wantState(item string, want delivery.State) delivery.Delivery {
	d.Helper()
	got := d.look(item)
	if got.State != want {
		d.Errorf("%s is %s, want %s", item, got.State, want)
	}
	return got
}
