package proof_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/proof"
)

// altered is a ledger that tells otherwise than it did.
type altered struct {
	*desk
	delivery func(*delivery.Delivery) bool // false: it is not there any more
	attempts func([]delivery.Attempt) []delivery.Attempt
	statuses bool // none are kept
	run      bool // the run is not kept
}

func (a *altered) Deliveries(ctx context.Context, f engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	return func(yield func(delivery.Delivery, error) bool) {
		for d, err := range a.desk.Deliveries(ctx, f) {
			if a.delivery != nil && !a.delivery(&d) {
				continue
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

func (a *altered) Attempts(ctx context.Context, id delivery.ID) ([]delivery.Attempt, error) {
	list, err := a.desk.Attempts(ctx, id)
	if a.attempts != nil {
		list = a.attempts(list)
	}
	return list, err
}

func (a *altered) Statuses(ctx context.Context, message string) ([]delivery.Status, error) {
	if a.statuses {
		return nil, nil
	}
	return a.desk.Statuses(ctx, message)
}

func (a *altered) Run(ctx context.Context, id string) (engine.Run, error) {
	if a.run {
		return engine.Run{}, engine.ErrNotFound
	}
	return a.desk.Run(ctx, id)
}

func wantComparison(t *testing.T, found proof.Result, want proof.Comparison) {
	t.Helper()
	if found.Problem != nil || *found.Ledger != want {
		t.Errorf("%+v, problem %+v, want %+v", found.Ledger, found.Problem, want)
	}
}

// What was learnt after the proof was made is no mismatch: a webhook, a person's word, a later run, a resume.
func TestWhatCameSinceIsTold(t *testing.T) {
	t.Parallel()
	d := filled(t)
	d.send(first, "B-1", number(6), delivery.Attempt{Result: delivery.ResultRefused})
	text := d.write(first, false)
	d.hear(wamid(number(0)), delivery.Delivered, at(100))
	wantComparison(t, check(t, text, d), proof.Comparison{Same: 5, Changed: 1})
	_, err := d.Resolve(t.Context(), 5, true, engine.Actor{})
	d.must(err)
	wantComparison(t, check(t, text, d), proof.Comparison{Same: 4, Changed: 2})

	d.start(later)
	d.send(later, "B-1", number(7), accepted(number(7))) // to a corrected number
	d.send(later, "B-2", number(8), accepted(number(8)))
	wantComparison(t, check(t, text, d), proof.Comparison{Same: 3, Changed: 3})
	d.send(first, "B-3", number(9), accepted(number(9)))
	wantComparison(t, check(t, text, d), proof.Comparison{Same: 3, Changed: 3, Added: 1})
	if found := check(t, d.write(first, true), d); found.Problem != nil {
		t.Errorf("%+v", found.Problem)
	}
}

// A later run changes nothing of what this run did, and each has its own requests alone.
func TestEachRunHasItsOwnRequests(t *testing.T) {
	t.Parallel()
	d := filled(t)
	d.start(later)
	d.send(later, "A-2", number(6), accepted(number(6)))
	d.hear(wamid(number(6)), delivery.Delivered, at(120))
	for _, c := range []struct{ run, outcome, other string }{
		{first, `"laterRun":"` + later + `","outcome":"undelivered","attempts":[{"number":1`, number(6)[9:]},
		{later, `"outcome":"delivered","attempts":[{"number":2`, number(2)[9:]},
	} {
		text := d.write(c.run, false)
		line := ""
		for l := range strings.Lines(text) {
			if strings.Contains(l, `"item":"A-2"`) {
				line = l
			}
		}
		if !strings.Contains(line, c.outcome) || strings.Count(line, `"number":`) != 1 || strings.Contains(line, `"…`+c.other) {
			t.Errorf("run %s: %s", c.run, line)
		}
		if found := check(t, text, d); found.Problem != nil {
			t.Errorf("run %s: %+v", c.run, found.Problem)
		}
	}
	if n := strings.Count(d.write(later, false), `"record":"delivery"`); n != 1 {
		t.Errorf("%d deliveries in the proof of the later run", n)
	}
}

// What the ledger keeps no more is told and is no mismatch, as long as the seal is right.
func TestForgottenAndPruned(t *testing.T) {
	t.Parallel()
	d := filled(t)
	d.start(later)
	d.send(later, "A-2", number(2), accepted(number(6)))
	d.hear(wamid(number(6)), delivery.Failed, at(120))
	d.send(first, "A-2", number(2), accepted(number(7)))
	d.hear(wamid(number(7)), delivery.Read, at(120))
	text := d.write(first, false)
	wantComparison(t, check(t, text, d), proof.Comparison{Same: 5})

	forget := func(x *delivery.Delivery) bool {
		if x.ID == 1 {
			x.Key.Item, x.Recipient, x.MessageID = "digest:1", "digest:2", "digest:3"
		}
		return true
	}
	wantComparison(t, check(t, text, &altered{desk: d, delivery: forget}), proof.Comparison{Same: 4, Forgotten: 1})
	wantComparison(t, check(t, text, &altered{desk: d, statuses: true}), proof.Comparison{Same: 4, Pruned: 1})
	last := func(all []delivery.Attempt) []delivery.Attempt { return all[len(all)-1:] }
	wantComparison(t, check(t, text, &altered{desk: d, attempts: last}), proof.Comparison{Same: 4, Pruned: 1})
	absent := func(x *delivery.Delivery) bool { return x.ID != 1 && x.ID != 5 }
	wantComparison(t, check(t, text, &altered{desk: d, delivery: absent, run: true}), proof.Comparison{Same: 3, Gone: 2, RunGone: true})

	forged := chained(text, replace(2, `"row":2`, `"row":3`))
	wantProblem(t, check(t, forged, &altered{desk: d, delivery: forget}), 2, "not in the ledger like that")
}

// A ledger that takes back what it had told is a mismatch.
func TestLedgerThatTellsOtherwise(t *testing.T) {
	t.Parallel()
	d := filled(t)
	text := d.write(first, false)
	for _, c := range []struct {
		what   string
		change func(*delivery.Delivery) bool
		line   int
	}{
		{"the recipient", func(x *delivery.Delivery) bool { x.Recipient = "+34699999000"; return true }, 2},
		{"the status", func(x *delivery.Delivery) bool {
			if x.ID == 2 {
				x.State = delivery.Sent
			}
			return true
		}, 3},
		{"another step", func(x *delivery.Delivery) bool { x.Key.Step = "x"; return true }, 0},
	} {
		found := check(t, text, &altered{desk: d, delivery: c.change})
		if c.line > 0 {
			wantProblem(t, found, c.line, c.what)
			continue
		}
		wantComparison(t, found, proof.Comparison{Forgotten: 5}) // another key
	}
	for what, change := range map[string]func(*delivery.Attempt){
		"when a request ended": func(a *delivery.Attempt) { a.Ended = at(77) },
		"how a request ended":  func(a *delivery.Attempt) { a.Result = delivery.ResultRefused },
		"what a person said":   func(a *delivery.Attempt) { a.Resolved = 0 },
	} {
		l := &altered{desk: d, attempts: func(all []delivery.Attempt) []delivery.Attempt {
			if all[0].Delivery == 1 {
				change(&all[0])
			}
			return all
		}}
		if strings.Contains(what, "person") {
			_, err := d.Resolve(t.Context(), 5, true, engine.Actor{})
			d.must(err)
			l.attempts = func(all []delivery.Attempt) []delivery.Attempt {
				change(&all[0])
				return all
			}
			wantProblem(t, check(t, d.write(first, false), l), 6, what)
			continue
		}
		wantProblem(t, check(t, text, l), 2, what)
	}
	swap := func(all []delivery.Attempt) []delivery.Attempt {
		for i := range all {
			if all[i].MessageID != "" {
				all[i].MessageID = wamid(number(8))
			}
		}
		return all
	}
	wantProblem(t, check(t, text, &altered{desk: d, attempts: swap}), 2, "the message id")
}

// A ledger that did not make the proof says nothing of it.
func TestAnotherLedger(t *testing.T) {
	t.Parallel()
	text := filled(t).write(first, false)
	if found := check(t, text, filled(t)); found.Problem != nil || *found.Ledger != (proof.Comparison{Other: true}) {
		t.Errorf("%+v, %+v", found.Problem, found.Ledger)
	}
}
