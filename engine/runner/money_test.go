package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

// template makes one in the sandbox.
func (h *house) template(name, category, body string) {
	h.t.Helper()
	component := map[string]any{"type": "BODY", "text": body}
	if strings.Contains(body, "{{1}}") {
		component["example"] = map[string]any{"body_text": [][]string{{"x"}}}
	}
	_, err := h.sandbox.AddTemplate(sandbox.Template{Name: name, Language: "es", Category: category, Components: []map[string]any{component}})
	if err != nil {
		h.t.Fatal(err)
	}
}

const visit = `sendTemplate: { to: "${{ item.to }}", templateName: visit, languageCode: es }`

// with is a job with a further line at its top.
func with(job, line string) string {
	return strings.Replace(job, "version: 1\n", "version: 1\n"+line+"\n", 1)
}

// TestPerDay: so many people get a template within a day; who does not fit waits for a place, over applies and jobs.
func TestPerDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.template("visit", "UTILITY", "Hello")
		rows := []string{
			`to: "+34600000001"`, `to: "+34600000002"`, `to: "+34 600 000 001"`, `to: "+34600000003"`, `to: "+34600000004"`,
		}
		h.do(strings.Replace(peopleJob(``, visit, `to: "+34600000009"`), "name: people", "name: another", 1), engine.ModeApply)
		h.do(strings.Replace(peopleJob(``, text, `to: "+34600000008"`), "name: people", "name: texts", 1), engine.ModeApply)
		job := with(peopleJob(``, visit, rows...), "limits: { perDay: 3 }")
		job = strings.Replace(job, "      key:", "      concurrency: 1\n      key:", 1) // whoever is intended first has the place
		p := h.plan(job)
		if p.New != 3 || p.Waits["per-day"] != 2 || *p.Day != (engine.PlanDay{Before: 1, After: 3, Limit: 3}) {
			t.Errorf("planned %d new, waits %v, day %+v", p.New, p.Waits, p.Day)
		}
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 5, Waiting: 2, Succeeded: 3}, engine.RunStopped)
		if h.accepted("+34600000001") != 2 {
			t.Error("who got one today may get another")
		}
		s = h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 5, Waiting: 2, Succeeded: 3}, engine.RunStopped)
		if until := time.Until(s.Run.WaitsUntil); until > 24*time.Hour || until < 23*time.Hour {
			t.Errorf("they wait for %v", until)
		}
		texts := with(strings.Replace(peopleJob(``, text, `to: "+34600000005"`), "name: people", "name: more", 1), "limits: { perDay: 1 }")
		wantCounts(t, h.do(texts, engine.ModeApply), engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		time.Sleep(time.Until(s.Run.WaitsUntil))
		s = h.do(job, engine.ModeApply)
		if s.Run.Counts.Waiting != 0 || s.Run.Status != engine.RunSucceeded { // the last two within ten minutes
			t.Errorf("the next day: %+v, %s", s.Run.Counts, s.Run.Status)
		}
	})
}

const rates = "Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service\n" +
	"Spain,€,0.0600,0.0200,0.0200,n/a,n/a\nFrance,€,0.1000,n/a,0.0300,n/a,n/a\nOther,€,0.0500,0.0100,0.0100,n/a,n/a\n"

// TestPlanPrices: by category and country, a template that nobody knows as marketing.
func TestPlanPrices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.template("visit", "UTILITY", "Hello")
		h.file("rates.csv", rates)
		rows := []string{`to: "+34600000001"`, `to: "+34600000002"`, `to: "+33612345678"`, `to: nobody`}
		p := h.plan(with(peopleJob(``, visit, rows...), "rates: rates.csv"))
		if got := fmt.Sprint(p.Cost.Most, " ", p.Cost.Currency, " ", len(p.Cost.Rows), p.Cost.Unpriced); got != "0.22 EUR 2 0" {
			t.Errorf("it costs %s", got)
		}
		if r := p.Cost.Rows[0]; !r.Assumed || r.Category != "marketing" || r.Country != "ES" || r.Messages != 2 || r.Most.String() != "0.12" {
			t.Errorf("row %+v", r)
		}
		h.optOut(engine.OptOut{Person: "+34600000001", Scope: engine.ScopeMarketing, Source: engine.SourceHand})
		p = h.plan(with(peopleJob(``, visit, rows...), "rates: rates.csv")) // asks for the category, for the sake of who left
		if r := p.Cost.Rows[0]; r.Assumed || r.Category != "utility" || r.Most.String() != "0.04" || p.Cost.Unpriced != 1 {
			t.Errorf("row %+v, %d without a price", r, p.Cost.Unpriced)
		}
		p = h.plan(with(peopleJob(``, text, rows...), "rates: rates.csv"))
		if r := p.Cost.Rows[0]; r.Category != "service" || r.Most.String() != "0.04" {
			t.Errorf("a text costs what a utility template costs: %+v", r)
		}
		if p = h.plan(peopleJob(``, visit, rows...)); p.Cost.Rates != "" || len(p.Cost.Rows) != 2 || p.Cost.Rows[0].Priced {
			t.Errorf("without a card there are no prices: %+v", p.Cost)
		}
		answer := strings.Replace(peopleJob(``, `steps: [{ id: a, sendText: { to: "${{ item.to }}", body: x } },
        { id: b, if: "${{ !steps.a.success }}", sendText: { to: "${{ item.to }}", body: "${{ steps.a.errorMessage }}" } }]`, rows[:2]...), "name: people", "name: answer", 1)
		if p = h.plan(with(answer, "rates: rates.csv")); p.Cost.Rows[0].Messages != 4 || p.Cost.Rows[0].Country != "ES" {
			t.Errorf("what may be sent counts: %+v", p.Cost.Rows)
		}
	})
}

// TestCostGuard: what may cost more than the job allows, or has no price, is not sent, and plan says so.
func TestCostGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.template("visit", "UTILITY", "Hello")
		h.file("rates.csv", rates)
		h.file("wrong.csv", "Country\nSpain\n")
		rows := []string{`to: "+34600000001"`, `to: "+34600000002"`}
		for name, c := range map[string]struct{ top, op, row, code string }{
			"too much":       {"rates: rates.csv\nlimits: { cost: 0.1199 EUR }", visit, rows[1], "too-expensive"},
			"no card":        {"limits: { cost: 10 EUR }", visit, rows[1], "no-price"},
			"other currency": {"rates: rates.csv\nlimits: { cost: 10 USD }", visit, rows[1], "no-price"},
			"no price":       {"rates: rates.csv\nlimits: { cost: 10 EUR }", text, `to: "+33612345678"`, "no-price"},
			"no rate card":   {"rates: wrong.csv", visit, rows[1], "bad-rates"},
		} {
			job := with(peopleJob(``, c.op, rows[0], c.row), c.top)
			_, err := h.engine().Execute(context.Background(), h.request(h.load(job), engine.ModeApply))
			if found, ok := errors.AsType[*diag.ListError](err); !ok || found.List[0].Code != c.code || !strings.Contains(fmt.Sprint(found.List), "") {
				t.Errorf("%s: apply says %v", name, err)
			}
			p, err := h.engine().Plan(context.Background(), h.request(h.load(job), engine.ModeApply))
			switch {
			case c.code == "bad-rates":
				if err == nil {
					t.Errorf("%s: it can be planned", name)
				}
			case err != nil || len(p.Warnings) != 1 || p.Warnings[0].Code != c.code:
				t.Errorf("%s: plan says %v, %v", name, p.Warnings, err)
			}
		}
		if n := len(h.posts()); n != 0 {
			t.Fatalf("%d messages were sent", n)
		}
		job := with(peopleJob(``, visit, rows...), "rates: rates.csv\nlimits: { cost: 0.12 EUR }")
		wantCounts(t, h.do(job, engine.ModeApply), engine.Counts{Total: 2, Succeeded: 2}, engine.RunSucceeded)
		wantCounts(t, h.do(job, engine.ModeApply), engine.Counts{Total: 2, Succeeded: 2}, engine.RunSucceeded)
	})
}

// TestCostOfFoundItems: where a step finds the items nobody can count them before, and the limit ends the run.
func TestCostOfFoundItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("rates.csv", rates)
		h.send(`version: 1
name: found
rates: rates.csv
limits: { cost: 0.05 EUR }
steps:
  - id: first
    sendText: { to: "+34600000001", body: x }
  - id: each
    forEach:
      items: ${{ [steps.first.recipient, "+34600000002", "+34600000003"] }}
      key: ${{ item }}
      concurrency: 1
    sendText: { to: "${{ item }}", body: y }
`, func(s *engine.Summary) {
			if s.Run.Status != engine.RunStopped || !strings.Contains(s.Run.Reason, "limits.cost") || len(h.posts()) != 2 {
				t.Errorf("%s: %s, after %d messages", s.Run.Status, s.Run.Reason, len(h.posts()))
			}
		})
	})
}

func (h *house) send(job string, then func(*engine.Summary)) {
	h.t.Helper()
	s, err := h.engine().Execute(context.Background(), h.request(h.load(job), engine.ModeApply))
	if err != nil {
		h.t.Fatal(err)
	}
	then(s)
}

// TestCountPrices: the question before many messages can name the price.
func TestCountPrices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		req := h.request(h.load(peopleJob(``, text, `to: "+34600000001"`)), engine.ModeApply)
		req.Rates = &diag.Source{Name: "card.csv", Text: []byte(rates)}
		audience, err := h.engine().Count(context.Background(), req)
		if err != nil || audience.Cost == nil || audience.Cost.Most.String() != "0.02" || audience.People != 1 {
			t.Errorf("counted %+v, %v", audience, err)
		}
		req.Rates = nil
		if audience, err = h.engine().Count(context.Background(), req); err != nil || audience != (runner.Audience{People: 1}) {
			t.Errorf("counted %+v, %v", audience, err)
		}
	})
}
