package runner_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

// peopleJob is a job with rows that are all alike but for what a test says.
func peopleJob(recipients, step string, rows ...string) string {
	items := ""
	for n, row := range rows {
		items += fmt.Sprintf("\n        - { id: %d, %s }", n+1, row)
	}
	return fmt.Sprintf(`
version: 1
name: people
recipients: { %s }
connection: { throughput: 1000 }
steps:
  - id: each
    forEach:
      items:%s
      key: ${{ item.id }}
    %s
`, recipients, items, step)
}

const text = `sendText: { to: "${{ item.to }}", body: Hello }`

// optOut has people leave.
func (h *house) optOut(words ...engine.OptOut) {
	h.t.Helper()
	for i := range words {
		if words[i].At.IsZero() {
			words[i].At = time.Now()
		}
	}
	if err := h.ledger.OptOut(context.Background(), words); err != nil {
		h.t.Fatal(err)
	}
}

// wantLike plans and applies, and wants both to do the same.
func (h *house) wantLike(job string, want map[string]int) *engine.Summary {
	h.t.Helper()
	got := planned(h.plan(job))
	if !maps.Equal(got, want) {
		h.t.Errorf("planned %v, want %v", got, want)
	}
	h.events = nil
	s := h.do(job, engine.ModeApply)
	if done := h.done(); !maps.Equal(done, want) {
		h.t.Errorf("done %v, want %v", done, want)
	}
	return s
}

// TestWhoIsLeftOut: lists of people who get nothing, conditions of rows, and people who left.
func TestWhoIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("list.csv", "name,phone\nAna,+34 600 000 001\nEva,0034600000002\n")
		h.optOut(
			engine.OptOut{Person: "+34600000003", Scope: engine.ScopeAll, Source: engine.SourceWord, NumberID: sandbox.DefaultPhoneNumberID},
			engine.OptOut{Person: "+34600000004", Scope: engine.ScopeMarketing, Source: engine.SourcePreference, NumberID: sandbox.DefaultPhoneNumberID},
			engine.OptOut{Person: "+34600000005", Scope: engine.ScopeAll, Source: engine.SourceWord, NumberID: "another"},
			engine.OptOut{Person: "ES.77", Scope: engine.ScopeAll, Source: engine.SourceWord},
		)
		if err := h.ledger.Learn(context.Background(), []engine.Identity{{WaID: "+34600000006", UserID: "ES.77", NumberID: "1", At: time.Now()}}); err != nil {
			t.Fatal(err)
		}
		h.optOut(engine.OptOut{Person: "+1", Scope: engine.ScopeAll, Source: engine.SourceHand}) // and what was learnt is written
		job := peopleJob(`exclude: [{ csv: list.csv, column: phone }]`, text,
			`to: "+34600000001"`, `to: "+34600000002"`, `to: "+34600000003"`, `to: "+34600000004"`, `to: "+34600000005"`, `to: "+34600000006"`)
		s := h.wantLike(job, map[string]int{"excluded": 2, "opted-out": 2, "new": 2})
		wantCounts(t, s, engine.Counts{Total: 6, Skipped: 4, Succeeded: 2}, engine.RunSucceeded)
		if h.accepted("+34600000004") != 1 || h.accepted("+34600000005") != 1 {
			t.Error("who left marketing alone, or another number, gets a text")
		}
		s = h.do(strings.Replace(job, "exclude: [", "optOut: ignore, exclude: [", 1), engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 6, Skipped: 2, Succeeded: 4}, engine.RunSucceeded)

		job = strings.Replace(peopleJob(``, text, `to: "+34600000011", ok: true`, `to: "+34600000012", ok: false`), "      key:", "      where: ${{ item.ok }}\n      key:", 1)
		h.wantLike(strings.Replace(job, "name: people", "name: where", 1), map[string]int{"where": 1, "new": 1})
	})
}

// TestCategoriesOfOptOuts: who left marketing gets other templates, and who left everything gets those of authentication.
func TestCategoriesOfOptOuts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		for name, category := range map[string]string{"news": "MARKETING", "visit": "UTILITY"} {
			h.template(name, category, "Hello")
		}
		h.optOut(
			engine.OptOut{Person: "+34600000001", Scope: engine.ScopeMarketing, Source: engine.SourcePreference},
			engine.OptOut{Person: "+34600000002", Scope: engine.ScopeAll, Source: engine.SourceHand},
		)
		template := func(name string) string {
			return fmt.Sprintf(`sendTemplate: { to: "${{ item.to }}", templateName: %s, languageCode: es }`, name)
		}
		rows := []string{`to: "+34600000001"`, `to: "+34600000002"`, `to: "+34600000003"`}
		for name, want := range map[string]map[string]int{
			"news":  {"opted-out-of-marketing": 1, "opted-out": 1, "new": 1},
			"visit": {"opted-out": 1, "new": 2},
		} {
			h.wantLike(strings.Replace(peopleJob(``, template(name), rows...), "name: people", "name: "+name, 1), want)
		}
		if p := h.plan(strings.Replace(peopleJob(``, template("unknown"), rows...), "name: people", "name: unknown", 1)); p.Skipped["opted-out-of-marketing"] != 1 || len(p.Warnings) == 0 {
			t.Errorf("a template that nobody knows counts as marketing, with a warning: %v %v", p.Skipped, p.Warnings)
		}
	})
}

// TestBadExclusions: an entry that names nobody is found with its row, and nothing is sent.
func TestBadExclusions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("list.csv", "phone\n+34600000001\nnobody\n612 345 678\n")
		job := peopleJob(`exclude: [{ csv: list.csv }]`, text, `to: "+34600000001"`, `to: "+34600000009"`)
		_, err := h.engine().Execute(context.Background(), h.request(h.load(job), engine.ModeApply))
		var found *diag.ListError
		if !errors.As(err, &found) || len(found.List) != 2 || found.List[0].Code != "bad-exclusion" {
			t.Fatalf("got %v, want two findings", err)
		}
		if d := found.List[1]; d.Range.Source.Name != "list.csv" || d.Range.Start.Line != 4 || !strings.HasPrefix(d.Summary, "phone: ") {
			t.Errorf("found %+v", d)
		}
		if n := len(h.posts()); n != 0 {
			t.Errorf("%d messages were sent", n)
		}
		s := h.do(strings.Replace(job, "csv: list.csv", "csv: list.csv, skipInvalid: true", 1), engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 2, Skipped: 1, Succeeded: 1}, engine.RunSucceeded)
		if len(s.Warnings) != 1 {
			t.Errorf("warnings %v, want one of the entries that were passed over", s.Warnings)
		}
	})
}

// TestOnePersonOnce: whatever the keys say, the first row of a person is sent, also by a later apply.
func TestOnePersonOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		rows := []string{`to: "+34600000001"`, `to: "+34600000001"`, `to: "+34600000002"`, `to: "0034600000001"`}
		s := h.wantLike(peopleJob(`once: true`, text, rows...), map[string]int{"new": 2, "same-person": 2})
		wantCounts(t, s, engine.Counts{Total: 4, Skipped: 2, Succeeded: 2}, engine.RunSucceeded)
		s = h.wantLike(peopleJob(`once: true`, text, append(rows, `to: "+34600000002"`)...), map[string]int{"already-sent": 2, "same-person": 3})
		wantCounts(t, s, engine.Counts{Total: 5, Skipped: 3, Succeeded: 2}, engine.RunSucceeded)
		if h.accepted("+34600000001") != 1 || h.accepted("+34600000002") != 1 {
			t.Error("a person got two")
		}
		p := h.plan(strings.Replace(peopleJob(``, text, rows...), "name: people", "name: several", 1))
		if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Summary, "1 person gets") || !strings.Contains(p.Warnings[0].Summary, "rows 1, 2, 4") {
			t.Errorf("warnings %v, want one of the person with three rows", p.Warnings)
		}
	})
}

// TestLimitCountsWhoIsMessaged: who is refused their place counts for limits.recipients no more than who is left out.
func TestLimitCountsWhoIsMessaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		job := strings.Replace(peopleJob(`once: true`, text, `to: "+34600000001"`, `to: "+34600000001"`, `to: "+34600000001"`, `to: "+34600000002"`),
			"connection:", "limits: { recipients: 2 }\nconnection:", 1)
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 4, Skipped: 2, Succeeded: 2}, engine.RunSucceeded)
	})
}

// TestFirstRowOfAPersonGoes: however many items are under way, of the rows of one person the first in the file is sent; and when that is
// refused, the next.
func TestFirstRowOfAPersonGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Match: sandbox.Match{To: "34600000003"}, Times: 1})
		var rows []string
		for n := range 40 {
			rows = append(rows, fmt.Sprintf(`to: "+3460000000%d"`, n%4))
		}
		s := h.do(peopleJob(`once: true`, text, rows...), engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 40, Skipped: 35, Succeeded: 4, Failed: 1}, engine.RunFailed)
		for d, err := range h.ledger.Deliveries(context.Background(), engine.DeliveryFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if first := d.Row <= 4; !first && (d.Row != 8 || d.Recipient != "+34600000003") {
				t.Errorf("row %d of %s went, and is not their first", d.Row, d.Recipient)
			}
		}
	})
}

// TestAtMost: one person gets so many messages by all jobs; the next waits until the first is long enough ago, or is left out.
func TestAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.do(strings.Replace(peopleJob(``, text, `to: "+34600000001"`), "name: people", "name: another", 1), engine.ModeApply)
		rows := []string{`to: "+34600000001"`, `to: "+34600000001"`, `to: "+34600000002"`}
		h.wantLike(strings.Replace(peopleJob(`atMost: { messages: 2, per: 7d, then: skip }`, text, rows...), "name: people", "name: skip", 1),
			map[string]int{"new": 2, "at-most": 1})
		job := peopleJob(`atMost: { messages: 2, per: 7d }`, text, rows...)
		p := h.plan(job)
		if p.New != 1 || p.Waiting != 2 || p.Waits["at-most"] != 2 {
			t.Errorf("planned %d new, %d waiting %v", p.New, p.Waiting, p.Waits)
		}
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 2, Succeeded: 1}, engine.RunStopped)
		time.Sleep(time.Until(s.Run.WaitsUntil))
		s = h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 0, Succeeded: 3}, engine.RunSucceeded)
		if h.accepted("+34600000001") != 4 {
			t.Errorf("%d messages to one person", h.accepted("+34600000001"))
		}
	})
}

// TestWhoWaitsBooksNoPlace: rows whose people had their messages before take no place in the number's line: at one a second they are as fast as
// a plan.
func TestWhoWaitsBooksNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		var rows []string
		for n := range 60 {
			rows = append(rows, fmt.Sprintf(`to: "+346000000%02d"`, n))
		}
		h.do(strings.Replace(peopleJob(``, text, rows...), "name: people", "name: another", 1), engine.ModeApply)
		began := time.Now()
		slow := strings.NewReplacer("throughput: 1000", "throughput: 1").Replace(peopleJob(`atMost: { messages: 1, per: 7d }`, text, rows...))
		s := h.do(slow, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 60, Waiting: 60}, engine.RunStopped)
		if took := time.Since(began); took > time.Second {
			t.Errorf("that 60 wait took %v, at one message a second", took)
		}
	})
}

// TestQuietHours: what meets quiet hours keeps no worker. A short wait is sat out, a long one ends the run.
func TestQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight in UTC, 01:00 in Madrid, and 21:00 of the day before in São Paulo
		h := build(t, sandbox.Options{})
		rows := []string{`to: "+34600000001"`, `to: "+5511988888888"`, `to: "+34600000002"`}
		job := peopleJob(`quietHours: { from: "00:30", to: "01:05" }`, text, rows...)
		p := h.plan(job)
		if p.New != 1 || p.Waiting != 2 || p.Waits["quiet-hours"] != 2 || !p.WaitsUntil.Equal(time.Now().Add(5*time.Minute)) {
			t.Errorf("planned %d new, %d waiting %v until %v", p.New, p.Waiting, p.Waits, p.WaitsUntil)
		}
		began := time.Now()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Succeeded: 3}, engine.RunSucceeded)
		if took := time.Since(began); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("it took %v", took)
		}
		if told := h.waiting("quiet-hours"); len(told) != 1 || !strings.Contains(told[0], "2 messages") {
			t.Errorf("told %q", told)
		}
		if v := s.Steps["each"]; v["total"] != 3 || v["succeeded"] != 3 || v["waiting"] != 0 {
			t.Errorf("the group's outputs are %v", v)
		}
		again := strings.NewReplacer("name: people", "name: yields", `"00:30"`, `"01:05"`, `"01:05"`, `"01:15"`).Replace(job)
		r := h.request(h.load(again), engine.ModeApply)
		var asked time.Time
		r.Yields = func(until time.Time) bool { asked = until; return true }
		began = time.Now()
		s = h.execute(context.Background(), r)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 2, Succeeded: 1}, engine.RunStopped)
		if time.Since(began) > time.Minute || !s.Run.WaitsUntil.Equal(asked) {
			t.Errorf("another job needs the ledger, and the run ended after %s, to go on at %v, asked of %v", time.Since(began), s.Run.WaitsUntil, asked)
		}
		night := strings.Replace(peopleJob(`quietHours: { from: "21:00", to: "09:00" }`, text, rows...), "name: people", "name: night", 1)
		s = h.do(night, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 3}, engine.RunStopped)
		if want := time.Date(2000, 1, 1, 8, 0, 0, 0, time.UTC); !s.Run.WaitsUntil.Equal(want) || !strings.Contains(s.Run.Reason, "quiet hours") {
			t.Errorf("it waits until %v: %s", s.Run.WaitsUntil, s.Run.Reason)
		}
		time.Sleep(time.Until(s.Run.WaitsUntil))
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r = h.request(h.load(night), engine.ModeApply)
		r.Resume = &run
		s = h.execute(context.Background(), r)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 1, Succeeded: 2}, engine.RunStopped) // São Paulo sleeps still
		skip := strings.NewReplacer("name: night", "name: skip", `"09:00"`, `"11:00", then: skip`).Replace(night)
		h.wantLike(skip, map[string]int{"quiet-hours": 3})
		madrid := strings.NewReplacer("name: night", "name: madrid", `"09:00"`, `"09:00", timezone: Europe/Madrid`).Replace(night)
		h.wantLike(madrid, map[string]int{"new": 3})
	})
}

// TestSecondMessageWaits: an item whose first message went and whose second waits is gone on with, and nothing goes twice.
func TestSecondMessageWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.fault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 2 * time.Minute, Times: 1})
		job := `
version: 1
name: two
connection: { readTimeout: 10m }
recipients: { quietHours: { from: "01:01", to: "01:05" } }
steps:
  - id: each
    forEach: { items: [{ id: 1, to: "+34600000001" }, { id: 2, to: "+34600000002" }], key: "${{ item.id }}" }
    steps:
      - sendText: { to: "${{ item.to }}", body: first }
      - sendText: { to: "${{ item.to }}", body: second }
  - sendText: { to: "+34600000003", body: last }
`
		s := h.do(job, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 5, Succeeded: 5}, engine.RunSucceeded)
		if h.accepted("+34600000001") != 2 || h.accepted("+34600000002") != 2 {
			t.Errorf("accepted %v", h.sandbox.Recipients())
		}
	})
}

// TestOptOutHoldsAtOnce: who leaves while a run is under way gets nothing any more.
func TestOptOutHoldsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		var rows []string
		for n := range 20 {
			rows = append(rows, fmt.Sprintf(`to: "+346000000%02d"`, n))
		}
		job := strings.NewReplacer("throughput: 1000", "throughput: 1", "      key:", "      concurrency: 1\n      key:").Replace(peopleJob(``, text, rows...))
		go func() {
			time.Sleep(5 * time.Second)
			h.optOut(engine.OptOut{Person: "+34600000019", Scope: engine.ScopeAll, Source: engine.SourceWord})
		}()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 20, Skipped: 1, Succeeded: 19}, engine.RunSucceeded)
	})
}
