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

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

// scenario is a job with its rows, and what happened to them before.
type scenario struct {
	steps       []string // of each item
	rows        []string // of the list
	policy      string
	retryFailed bool
	history     []round
	again       engine.Again // what is to be sent once more at last
	numbers     bool         // it sends from several numbers
	perDay      int          // people who get templates within a day; 0: any number
	sure        bool         // no condition asks what a step answered
	audience    audienceRules
}

// audienceRules are who is left out, and who waits.
type audienceRules struct {
	recipients string // of the job
	where      bool
	optOuts    []engine.OptOut
}

// drawAudience draws them: mostly none of a kind. No wait of theirs is short enough to be sat out.
func drawAudience(t *rapid.T) audienceRules {
	var a audienceRules
	var parts []string
	one := func(label string, of ...string) {
		if part := rapid.SampledFrom(append(of, "", "")).Draw(t, label); part != "" {
			parts = append(parts, part)
		}
	}
	one("once", "once: true")
	one("atMost", "atMost: { messages: 1, per: 7d }", "atMost: { messages: 2, per: 7d, then: skip }", "atMost: { messages: 2, per: 30d, then: wait }")
	one("quietHours", `quietHours: { from: "00:30", to: "08:00" }`, `quietHours: { from: "21:30", to: "23:30", timezone: UTC }`,
		`quietHours: { from: "23:00", to: "06:00", timezone: UTC, then: skip }`)
	one("exclude", `exclude: [{ items: ["+34600000001", "+5511900000002"] }]`)
	one("optOut", "optOut: ignore")
	a.recipients = strings.Join(parts, ", ")
	a.where = rapid.Bool().Draw(t, "where")
	for _, scope := range []engine.OptOutScope{engine.ScopeAll, engine.ScopeMarketing} {
		if rapid.Bool().Draw(t, "left") {
			a.optOuts = append(a.optOuts, engine.OptOut{
				Person: rapid.SampledFrom([]string{"+34600000000", "+34600000003", "+5511900000000"}).Draw(t, "who"), Scope: scope, Source: engine.SourceHand,
			})
		}
	}
	return a
}

// round is one apply that goes wrong in places, and what statuses said afterwards.
type round struct {
	faults []sandbox.Fault
	failed []bool       // of the accepted deliveries in order: WhatsApp failed it later
	again  bool         // and such a failure passes
	once   engine.Again // what it is to send once more
	edit   int          // what the job says differently in it
}

// drawAgain draws what is to be sent once more: mostly nothing.
func drawAgain(t *rapid.T) engine.Again {
	switch rapid.IntRange(0, 5).Draw(t, "once more") {
	case 1:
		return engine.Again{NewRecipient: true}
	case 2:
		return engine.Again{Changed: true}
	case 3:
		return engine.Again{Items: []string{"k1", "k3"}}
	}
	return engine.Again{}
}

func drawScenario(t *rapid.T) scenario {
	s := scenario{
		policy:      rapid.SampledFrom([]string{"hold", "resend", "strict"}).Draw(t, "policy"),
		retryFailed: rapid.Bool().Draw(t, "retryFailed"), sure: true, audience: drawAudience(t),
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "steps") {
		condition := rapid.SampledFrom([]string{
			"", "", "", "if: ${{ item.go }}", "if: ${{ item.go && always() }}", "if: always()", "if: failed()", "if: ${{ steps.s0.success }}",
		}).Draw(t, "if")
		if strings.Contains(condition, "steps.") && i == 0 {
			condition = ""
		}
		s.sure = s.sure && !strings.Contains(condition, "steps.") && !strings.Contains(condition, "failed()")
		step := fmt.Sprintf("      - id: s%d\n", i)
		if condition != "" {
			step += "        " + condition + "\n"
		}
		step += fmt.Sprintf("        continueOnError: %t\n", rapid.Bool().Draw(t, "continueOnError"))
		if rapid.IntRange(0, 2).Draw(t, "template") == 0 {
			step += "        sendTemplate: { to: \"${{ item.phone }}\", templateName: visit, languageCode: es, bodyParameters: [\"EDIT\"] }\n"
		} else {
			step += fmt.Sprintf("        sendText: { to: \"${{ item.phone }}\", body: \"step %d EDIT\" }\n", i)
		}
		s.steps = append(s.steps, step)
	}
	for i := range rapid.IntRange(1, 7).Draw(t, "rows") {
		person := rapid.SampledFrom([]int{i, i, 0, 3}).Draw(t, "person")
		phone := fmt.Sprintf(rapid.SampledFrom([]string{"+3460MOVE%04d", "+55119MOVE%05d"}).Draw(t, "country"), person)
		if rapid.IntRange(0, 5).Draw(t, "invalid") == 0 {
			phone = "nobody"
		}
		s.rows = append(s.rows, fmt.Sprintf("        - { id: k%d, phone: \"%s\", go: %t }\n",
			rapid.IntRange(0, 5).Draw(t, "key"), phone, rapid.Bool().Draw(t, "go")))
	}
	for range rapid.IntRange(0, 2).Draw(t, "rounds") {
		r := round{again: rapid.Bool().Draw(t, "again"), once: drawAgain(t), edit: rapid.IntRange(0, 3).Draw(t, "edit")}
		for range rapid.IntRange(0, 4).Draw(t, "faults") {
			r.faults = append(r.faults, rapid.SampledFrom([]sandbox.Fault{
				{Kind: sandbox.FaultError, Code: 131026},
				{Kind: sandbox.FaultError, Code: 131016},
				{Kind: sandbox.FaultLost},
				{Kind: sandbox.FaultRefuse},
				{Kind: sandbox.FaultHTML},
			}).Draw(t, "fault"))
		}
		r.failed = rapid.SliceOfN(rapid.Bool(), 0, 8).Draw(t, "failed")
		s.history = append(s.history, r)
	}
	s.again = drawAgain(t)
	s.numbers = rapid.Bool().Draw(t, "numbers")
	s.perDay = max(0, rapid.IntRange(-3, 5).Draw(t, "perDay"))
	return s
}

// job is the job's text. edit is in the text of the messages where it is odd, and in the numbers of some rows from 2 on.
func (s scenario) job(edit int) string {
	words := strings.NewReplacer("EDIT", fmt.Sprint(edit%2), "MOVE", fmt.Sprintf("%03d", edit/2))
	recipients, where := "", ""
	if s.audience.recipients != "" {
		recipients = "recipients: { " + s.audience.recipients + " }\n"
	}
	if s.audience.where {
		where = "      where: ${{ item.go }}\n"
	}
	return words.Replace("version: 1\nname: drawn\n" + recipients + "connection: { throughput: 1000" + s.phoneNumberID(edit) + " }\ndefaults: { retry: { attempts: 2, delay: 10ms } }\nonUncertain: " + s.policy + s.limits() +
		"\nsteps:\n  - id: each\n    forEach:\n      concurrency: 1\n      items:\n" + strings.Join(s.rows, "") + "      key: ${{ item.id }}\n" + where + "    steps:\n" + strings.Join(s.steps, ""))
}

// phoneNumberID is what the job says of its numbers: one that changes from round to round, or several.
func (s scenario) phoneNumberID(edit int) string {
	if !s.numbers {
		return ""
	}
	return ", phoneNumberId: " + []string{"[106540352242922, 106540352242923]", "106540352242923", "[106540352242923, 106540352242922]", "[106540352242924, 106540352242922]"}[edit]
}

// limits is what the job says of them. Whose message is intended first has a place, so that one goes after the other here.
func (s scenario) limits() string {
	if s.perDay == 0 {
		return ""
	}
	return fmt.Sprintf("\nlimits: { perDay: %d }", s.perDay)
}

// play lets the history happen.
func (s scenario) play(h *house) {
	h.optOut(s.audience.optOuts...)
	for _, r := range s.history {
		for _, f := range r.faults {
			h.fault(f)
		}
		req := h.request(h.load(s.job(r.edit)), engine.ModeApply)
		req.Again = r.once
		if _, err := h.engine().Execute(context.Background(), req); err != nil && len(r.once.Items) == 0 { // else its items may be none
			h.t.Fatal(err)
		}
		h.sandbox.ClearFaults()
		n := 0
		for d, err := range h.ledger.Deliveries(context.Background(), engine.DeliveryFilter{States: []delivery.State{delivery.Accepted}}) {
			if err != nil {
				h.t.Fatal(err)
			}
			if n < len(r.failed) && r.failed[n] {
				h.record(delivery.Status{MessageID: d.MessageID, State: delivery.Failed, Word: "failed", At: time.Now(), Retryable: r.again})
			}
			n++
		}
	}
}

func (h *house) record(s delivery.Status) {
	h.t.Helper()
	if err := h.ledger.Record(context.Background(), engine.Report{ReceivedAt: time.Now(), Statuses: []delivery.Status{s}}); err != nil {
		h.t.Fatal(err)
	}
}

// done counts what an apply did about each message, in plan's words.
func (h *house) done() map[string]int {
	done := map[string]int{}
	settled := map[string]bool{}
	place := func(e engine.Event) string { return fmt.Sprint(e.Step.Path, " ", e.Item, " ", e.Row) }
	for _, e := range h.events {
		if e.Kind != engine.Settled {
			continue
		}
		settled[place(e)] = true
		if e.Delivery.Attempts == 1 && e.Delivery.Key.Again > 0 {
			done["again"]++
		} else if e.Delivery.Attempts > 1 { // plan tells a correction from a retry, and the ledger does not
			done["toRetry"]++
		} else {
			done["new"]++
		}
	}
	for _, e := range h.events {
		switch {
		case e.Kind != engine.StepFinished || e.Step.Path == "each" && e.Row == 0:
		case e.Reason != "":
			done[e.Reason]++
		case e.Ending == engine.EndedFailed && !settled[place(e)]:
			done["invalid"]++
		}
	}
	return done
}

// byNumber counts the messages that went by each number.
func (h *house) byNumber() map[string]int {
	by := map[string]int{}
	for _, e := range h.events {
		if e.Kind == engine.Settled {
			by[e.Delivery.NumberID]++
		}
	}
	return by
}

func planned(p *engine.Plan) map[string]int {
	counts := map[string]int{
		"new": p.New, "toRetry": p.ToRetry + p.Corrected, "already-sent": p.AlreadySent, "in-doubt": p.InDoubt, "refused-before": p.Refused, "invalid": p.Invalid,
		"again": p.Again, "changed-since-sent": p.Changed,
	}
	for _, reasons := range []map[string]int{p.Skipped, p.Waits} {
		for reason, n := range reasons {
			counts[reason] += n
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	return counts
}

// TestPlanCountsWhatApplyDoes: for any job, rows and ledger, and with every message accepted, what plan counted is what apply does, reason by
// reason. Where a condition asks for an answer, plan says so, and apply sends no more than that.
func TestPlanCountsWhatApplyDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScenario(rt)
		if problem := s.problem(t); problem != "" {
			rt.Fatalf("%s\n%s\nretryFailed %t, history %+v, again %+v", problem, s.job(0), s.retryFailed, s.history, s.again)
		}
	})
}

// TestPlanOfTwinsInDoubt: of two rows of one key, whose message in doubt is asked for once more, the second is a duplicate of what the first
// sends, and no message in doubt.
func TestPlanOfTwinsInDoubt(t *testing.T) {
	s := scenario{
		policy: "strict", sure: true, again: engine.Again{Items: []string{"k1"}},
		steps: []string{
			"      - id: s0\n        if: ${{ item.go }}\n        sendText: { to: \"${{ item.phone }}\", body: hi }\n",
			"      - id: s1\n        sendText: { to: \"${{ item.phone }}\", body: ho }\n",
		},
		rows:    []string{"        - { id: k1, phone: \"+34600000001\", go: true }\n", "        - { id: k1, phone: \"+34600000001\", go: false }\n"},
		history: []round{{faults: []sandbox.Fault{{Kind: sandbox.FaultHTML}}}},
	}
	if problem := s.problem(t); problem != "" {
		t.Error(problem)
	}
}

// TestPlanOfAMessageThatCameBack: a further message that went to another number, and goes to the first again, is one more there.
func TestPlanOfAMessageThatCameBack(t *testing.T) {
	failed := []bool{true, true}
	s := scenario{
		policy: "hold", sure: true, audience: audienceRules{recipients: "atMost: { messages: 2, per: 7d, then: skip }"}, again: engine.Again{Items: []string{"k1"}},
		steps: []string{
			"      - id: s0\n        continueOnError: true\n        sendText: { to: \"${{ item.phone }}\", body: hi }\n",
			"      - id: s1\n        continueOnError: true\n        sendText: { to: \"${{ item.phone }}\", body: ho }\n",
		},
		rows:    []string{"        - { id: k1, phone: \"+3460MOVE0001\", go: true }\n"},
		history: []round{{}, {once: engine.Again{Items: []string{"k1"}}, edit: 2, failed: append(failed, failed...), again: true}},
	}
	if problem := s.problem(t); problem != "" {
		t.Error(problem)
	}
}

// problem says in what a plan and an apply of a scenario differ; empty: in nothing.
func (s scenario) problem(t *testing.T) (problem string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true, Numbers: 3})
		h.template("visit", "UTILITY", "Hello {{1}}")
		s.play(h)
		req := h.request(h.load(s.job(0)), engine.ModeApply)
		req.RetryFailed, req.Again = s.retryFailed, s.again
		plan, err := h.engine().Plan(context.Background(), req)
		if _, unknown := errors.AsType[*diag.ListError](err); unknown && len(s.again.Items) > 0 {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		audience, err := h.engine().Count(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		h.events = nil
		h.execute(context.Background(), req)
		want, got := planned(plan), h.done()
		switch sent := got["new"] + got["toRetry"] + got["again"]; {
		case s.sure && plan.Depends > 0:
			problem = fmt.Sprintf("nothing depends on an answer, and the plan says %d do", plan.Depends)
		case plan.Depends == 0 && s.sure && !maps.Equal(got, want):
			problem = fmt.Sprintf("planned %v, done %v", want, got)
		case s.numbers && plan.Depends == 0 && s.sure && !maps.Equal(h.byNumber(), plan.Numbers):
			problem = fmt.Sprintf("planned by number %v, done %v", plan.Numbers, h.byNumber())
		case sent > plan.Messages():
			problem = fmt.Sprintf("%d messages were sent, and the plan said at most %d", sent, plan.Messages())
		case plan.Invalid == 0 && audience.People != plan.People: // to count, no message is rendered
			problem = fmt.Sprintf("%d people are counted and %d planned", audience.People, plan.People)
		}
	})
	return problem
}
