package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/report"
)

func began() time.Time { return time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC) }

func someRun(status engine.RunStatus) engine.Run {
	return engine.Run{
		ID: "20260325-090000-abc123", Job: "reminders", Mode: engine.ModeApply, Scope: "ever", Status: status,
		StartedAt: began(), FinishedAt: began().Add(3 * time.Second),
		Counts: engine.Counts{Total: 1203, Succeeded: 1200, Failed: 2, InDoubt: 1},
	}
}

func TestRunDocumentShape(t *testing.T) {
	step := &engine.Step{ID: "remind", Path: "patients/remind"}
	doc := report.NewRun(&engine.Summary{
		Run: someRun(engine.RunFailed),
		Errors: []engine.StepError{
			{Step: step, Item: "p1", Row: 3, Code: 131026, Err: errors.New("undeliverable")},
		},
	})
	var out bytes.Buffer
	if err := report.WriteJSON(&out, doc); err != nil {
		t.Fatal(err)
	}
	want := `{
  "run": "20260325-090000-abc123",
  "job": "reminders",
  "scope": "ever",
  "status": "failed",
  "startedAt": "2026-03-25T09:00:00.000Z",
  "finishedAt": "2026-03-25T09:00:03.000Z",
  "counts": {
    "total": 1203,
    "succeeded": 1200,
    "failed": 2,
    "skipped": 0,
    "waiting": 0,
    "inDoubt": 1,
    "notSent": 0,
    "refused": 0,
    "invalid": 0,
    "undelivered": 0,
    "accepted": 0,
    "delivered": 0,
    "read": 0,
    "held": 0,
    "underWay": 0
  },
  "steps": {},
  "outputs": {},
  "errors": [
    {
      "step": "patients/remind",
      "item": "p1",
      "row": 3,
      "code": 131026,
      "message": "undeliverable"
    }
  ],
  "skipped": {}
}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteSummary(t *testing.T) {
	failures := &report.Failures{}
	for i, item := range []string{"p1", "p2", "p3", "p4"} {
		failures.Add(report.Error{Step: "patients/remind", Item: item, Row: i + 2, Code: 131026, Message: "Message undeliverable"})
	}
	failures.Add(report.Error{Step: "patients/remind", Item: "p9", Row: 9, Message: "the phone is empty"})
	run := someRun(engine.RunInDoubt)
	run.Counts = engine.CountsOf(map[delivery.Outcome]int{
		delivery.OutcomeAccepted: 200, delivery.OutcomeDelivered: 1000, delivery.OutcomeRefused: 2, delivery.OutcomeInDoubt: 1,
	})
	var out bytes.Buffer
	err := report.WriteSummary(&out, report.Summary{
		Run: report.NewRun(&engine.Summary{Run: run}), Failures: failures, Took: 3 * time.Second, Sends: true,
		Next: []string{"waybill resolve 20260325-090000-abc123"},
	}, func(code int) (string, string) {
		return "Message undeliverable", "Check the number."
	}, report.Paint{})
	if err != nil {
		t.Fatal(err)
	}
	want := `reminders: in doubt — 1,203 deliveries, 1,200 succeeded, 2 failed, 1 in doubt
  run 20260325-090000-abc123 · scope ever · 3.0s
    1,000 delivered
      200 accepted by WhatsApp, not yet delivered
        2 not accepted by WhatsApp
        1 in doubt: the request may have reached WhatsApp and its answer is lost; held, not sent again
  4 × 131026 Message undeliverable
      Check the number.
      step patients/remind, item p1, row 2
      step patients/remind, item p2, row 3
      step patients/remind, item p3, row 4
      … and 1 more
  1 × the phone is empty
      step patients/remind, item p9, row 9
next: waybill resolve 20260325-090000-abc123
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEventsAreOneLineEachAndBeginWithTheFormat(t *testing.T) {
	var out bytes.Buffer
	events := report.NewEvents(&out)
	run := someRun(engine.RunSucceeded)
	step := &engine.Step{ID: "hello", Path: "hello"}
	events.Observe(engine.Event{Kind: engine.RunStarted, Run: &run, At: began()})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			events.Observe(engine.Event{Kind: engine.Settled, Step: step, Item: "a\nb", At: began(), Delivery: &delivery.Delivery{
				State: delivery.Accepted, Recipient: "+34612345678", MessageID: "wamid.x",
			}})
		})
	}
	all.Wait()
	events.Observe(engine.Event{
		Kind: engine.Warned, Finding: &diag.Diagnostic{Severity: diag.Warning, Code: "no-item-key", Summary: "no key"},
	})
	events.Observe(engine.Event{Kind: engine.RunFinished, Run: &run, At: began()})
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 12 {
		t.Fatalf("got %d lines, want 12:\n%s", len(lines), out.String())
	}
	if lines[0] != `{"event":"format","version":1}` {
		t.Errorf("the first line is %s", lines[0])
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if want := `"counts":{"total":1203`; !strings.Contains(lines[11], want) {
		t.Errorf("the last line lacks %s: %s", want, lines[11])
	}
}

func deliveries(list ...delivery.Delivery) iter.Seq2[report.Delivery, error] {
	return func(yield func(report.Delivery, error) bool) {
		for _, d := range list {
			if !yield(report.NewDelivery(d), nil) {
				return
			}
		}
	}
}

func TestDeliveriesInThreeForms(t *testing.T) {
	d := delivery.Delivery{
		Key: delivery.Key{Job: "j", Scope: "ever", Step: "s", Item: `=cmd|' /C calc'!A0`}, Run: "r", Recipient: "+34612345678", Row: 2,
		State: delivery.Rejected, Attempts: 1, Answer: delivery.Answer{
			Status: 400, Code: 131008, Message: "parameter \x1b[2J missing",
		}, IntendedAt: began(),
	}
	var list, empty, sheet, table bytes.Buffer
	if err := report.WriteDeliveriesJSON(&list, deliveries(d, d)); err != nil {
		t.Fatal(err)
	}
	var read []report.Delivery
	if err := json.Unmarshal(list.Bytes(), &read); err != nil || len(read) != 2 || read[1].Code != 131008 {
		t.Errorf("got %v, %v", read, err)
	}
	if err := report.WriteDeliveriesJSON(&empty, deliveries()); err != nil || empty.String() != "[]\n" {
		t.Errorf("an empty list is %q, %v", empty.String(), err)
	}
	if err := report.WriteDeliveriesCSV(&sheet, deliveries(d), nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(sheet.String(), ",'=cmd|") || !strings.Contains(sheet.String(), `,"=""+34612345678""",`) {
		t.Errorf("got %s", sheet.String())
	}
	if n, err := report.WriteDeliveries(&table, deliveries(d), false, report.Paint{}); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if strings.Contains(table.String(), "\x1b") {
		t.Errorf("control characters of an answer in %q", table.String())
	}
	broken := errors.New("the disk is gone")
	failing := func(yield func(report.Delivery, error) bool) { yield(report.Delivery{}, broken) }
	if err := report.WriteDeliveriesCSV(io.Discard, failing, nil); !errors.Is(err, broken) {
		t.Errorf("got %v, want the ledger's error", err)
	}
}

func TestPlanMarkdownStaysInItsFences(t *testing.T) {
	p := report.NewPlan(&engine.Plan{
		Job: "a", Scope: "ever", New: 2, AlreadySent: 1, Changed: 1,
		Samples: []engine.Sample{{
			Step: &engine.Step{Path: "s"}, Operation: "sendText", Recipient: "+34612345678", Item: "<img src=x>",
			Text: "```\n# hi", Action: delivery.ActionSend,
		}},
		Warnings: diag.List{{Severity: diag.Warning, Code: "x", Summary: "a `tick`"}},
	}, nil)
	var out bytes.Buffer
	if err := report.WritePlanMarkdown(&out, p); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"| to send | 2 |", "changed | 1 | sent before", "````\n```\n# hi\n````", "&lt;img", "a 'tick'"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name string
		live bool
		want []string
	}{
		{"elsewhere: a line every few seconds", false, []string{"reminders: 50 of 200 sent, 1 failed, 0 in doubt, 10.0/s, 15s left\n"}},
		{"on a terminal: one line", true, []string{"\r\x1b[Kreminders  50 of 200 sent", "\r\x1b[Klook: something\n", "\r\x1b[K"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out lockedBuffer
				p := report.NewProgress(report.ProgressOptions{Writer: &out, Now: time.Now, Live: c.live, Title: "reminders", Total: 200})
				ctx, cancel := context.WithCancel(t.Context())
				var drawing sync.WaitGroup
				drawing.Go(func() { p.Run(ctx) })
				for range 50 {
					p.Observe(engine.Event{Kind: engine.Settled, Delivery: &delivery.Delivery{State: delivery.Accepted}})
				}
				p.Observe(engine.Event{Kind: engine.StepFinished, Ending: engine.EndedFailed})
				time.Sleep(5*time.Second + time.Millisecond)
				if _, err := io.WriteString(p, "look: something\n"); err != nil {
					t.Fatal(err)
				}
				cancel()
				drawing.Wait()
				for _, want := range c.want {
					if !strings.Contains(out.String(), strings.Replace(want, "\r\x1b[Klook", "look", 1)) {
						t.Errorf("%q is not in %q", want, out.String())
					}
				}
				if c.live && !strings.HasSuffix(out.String(), "look: something\n") {
					t.Errorf("the live line stayed: %q", out.String())
				}
				if !c.live && strings.ContainsAny(out.String(), "\r\x1b") {
					t.Errorf("escape codes outside a terminal: %q", out.String())
				}
			})
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
