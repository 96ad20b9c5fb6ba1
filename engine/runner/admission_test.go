package runner_test

import (
	"context"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

func TestRecipientsAreLimitedWhereNobodyCouldCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		var inbound []engine.Inbound
		for _, from := range []string{"34600000001", "34600000002", "34600000003"} {
			inbound = append(inbound, engine.Inbound{ID: from, NumberID: sandbox.DefaultPhoneNumberID, From: from, At: time.Now(), Type: "text"})
		}
		if err := h.ledger.Record(context.Background(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Inbound: inbound}); err != nil {
			t.Fatal(err)
		}
		job := `
version: 1
name: answer
limits: { recipients: 2 }
steps:
  - id: inbox
    getMessages: {}
  - id: each
    forEach: { items: "${{ steps.inbox.messages }}", key: "${{ item.id }}" }
    sendText: { to: "+${{ item.from }}", body: hi }
`
		if audience, err := h.engine().Count(context.Background(), h.request(h.load(job), engine.ModeRun)); !audience.Unknown || err != nil {
			t.Errorf("the number of people is known: %+v, %v", audience, err)
		}
		s := h.do(job, engine.ModeRun)
		if got := len(h.sandbox.Messages("")); got != 2 || s.Run.Status != engine.RunStopped {
			t.Errorf("%d messages, run %s (%s): the limit is 2", got, s.Run.Status, s.Run.Reason)
		}
	})
}

// countingOpener counts how often each file is opened.
type countingOpener struct {
	engine.Opener
	opened map[string]int
}

func (o *countingOpener) Open(path string) (fs.File, error) {
	o.opened[path]++
	return o.Opener.Open(path)
}

// Before the first message the rows are read once at most: for a limit, a saved plan and both, and not at all when they were counted
// already. The run itself reads them once more.
func TestRowsAreReadOnceBeforeTheFirstMessage(t *testing.T) {
	const job = `
version: 1
name: rows
limits: { recipients: 5 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    sendText: { to: "${{ item.phone }}", body: hi }
`
	for name, prepare := range map[string]func(h *house, r *runner.Request){
		"limit":   func(*house, *runner.Request) {},
		"counted": func(_ *house, r *runner.Request) { r.Counted = &runner.Audience{People: 2} },
		"saved plan": func(h *house, r *runner.Request) {
			_, saved, err := h.engine().Save(context.Background(), *r)
			if err != nil {
				h.t.Fatal(err)
			}
			r.Expect = saved
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("people.csv", "id,phone\n1,+34600000001\n2,+34600000002\n")
				r := h.request(h.load(job), engine.ModeApply)
				prepare(h, &r)
				counting := &countingOpener{Opener: r.Open, opened: map[string]int{}}
				r.Open = counting
				want := 2
				if name == "counted" {
					want = 1
				}
				s := h.execute(context.Background(), r)
				if got := counting.opened["people.csv"]; got != want || s.Run.Counts.Succeeded != 2 {
					t.Errorf("the rows were read %d times, want %d; %+v", got, want, s.Run.Counts)
				}
			})
		})
	}
}
