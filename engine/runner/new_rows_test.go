package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

const withoutKey = `
version: 1
name: list
steps:
  - id: remind
    forEach: { csv: list.csv }
    sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.name }}" }
`

// list is a file of n people from a number on, with a cell that can change.
func list(from, n int, cell string) string {
	var b strings.Builder
	b.WriteString("phone,name,note\n")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, "+3460000%04d,Ana,%s\n", i, cell)
	}
	return b.String()
}

// TestPeopleReachedBefore: a file without a key of which a cell changed in every row is no list of new people.
func TestPeopleReachedBefore(t *testing.T) {
	for _, test := range []struct {
		name   string
		again  string // the file, the second time
		allow  bool
		refuse string // what the finding says; empty: it goes out
		sent   int    // messages that were accepted in the end
	}{
		{"every row changed", list(0, 30, "mended"), false, "30 of the 30 new rows of remind", 30},
		{"the user means it", list(0, 30, "mended"), true, "", 60},
		{"more than half of them", list(0, 15, "mended") + rest(100, 14), false, "15 of the 29 new rows", 30},
		{"half of them", list(0, 15, "mended") + rest(100, 15), false, "", 60},
		{"few rows", list(0, 19, "mended"), false, "", 49},
		{"other people", list(100, 30, ""), false, "", 60},
		{"the same file", list(0, 30, ""), false, "", 30},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("list.csv", list(0, 30, ""))
				if _, err := h.apply(withoutKey, false); err != nil {
					t.Fatal(err)
				}
				h.file("list.csv", test.again)
				plan, err := h.engine().Plan(context.Background(), h.request(h.load(withoutKey), engine.ModeApply))
				if err != nil {
					t.Fatal(err)
				}
				warned := strings.Contains(fmt.Sprint(plan.Warnings), "people-reached-before")
				if warned != (test.refuse != "" || test.allow) {
					t.Errorf("plan warned: %v: %v", warned, plan.Warnings)
				}
				_, err = h.apply(withoutKey, test.allow)
				said := ""
				if found, ok := errors.AsType[*diag.ListError](err); ok {
					said = found.Error()
				} else if err != nil {
					t.Fatal(err)
				}
				if (said != "") != (test.refuse != "") || !strings.Contains(said, test.refuse) {
					t.Errorf("apply said %q, want %q", said, test.refuse)
				}
				if n := len(h.posts()); n != test.sent {
					t.Errorf("%d messages were accepted, want %d", n, test.sent)
				}
			})
		})
	}
}

// rest is further rows of a list.
func rest(from, n int) string {
	_, rows, _ := strings.Cut(list(from, n, ""), "\n")
	return rows
}

// TestReachedByARunThatDidNotEnd: people with two rows are no reason to hold back what a stopped run left.
func TestReachedByARunThatDidNotEnd(t *testing.T) {
	synctest.Test(t, reachedByARunThatDidNotEnd)
}

func reachedByARunThatDidNotEnd(t *testing.T) {
	h := build(t, sandbox.Options{})
	h.file("list.csv", list(0, 30, "Monday")+strings.ReplaceAll(rest(0, 30), ",Ana,", ",Ana,Tuesday"))
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(context.Background())
	e := h.engine()
	observe, accepted := e.Observe, 0
	e.Observe = func(ev engine.Event) {
		if observe != nil {
			observe(ev)
		}
		if ev.Kind == engine.Settled {
			h.mu.Lock()
			if accepted++; accepted == 30 {
				stop(stopped)
			}
			h.mu.Unlock()
		}
	}
	r := h.request(h.load(strings.Replace(withoutKey, "list.csv", "list.csv, concurrency: 1", 1)), engine.ModeApply)
	if s, err := e.Execute(ctx, r); err != nil || s.Run.Status != engine.RunInterrupted {
		t.Fatal(s, err)
	}
	if _, err := h.apply(withoutKey, false); err != nil {
		t.Fatal(err)
	}
	if n := len(h.posts()); n != 60 {
		t.Errorf("%d messages were accepted, want 60", n)
	}
}

// apply applies a job, with or without leave to send rows that look new.
func (h *house) apply(text string, newRows bool) (*engine.Summary, error) {
	r := h.request(h.load(text), engine.ModeApply)
	r.NewRows = newRows
	return h.engine().Execute(context.Background(), r)
}

const withKey = `
version: 1
name: list
steps:
  - id: people
    forEach: { csv: list.csv, key: "${{ item.phone }}" }
    steps:
      - id: remind
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.name }}" }
`

// TestRenamedStep: a step that got another id is no new one to the people who had its message.
func TestRenamedStep(t *testing.T) {
	for _, test := range []struct {
		name, from, to string // what is replaced in the job
		rows           string // the file, the second time
		allow          bool
		refuse         string // what the finding says; empty: it goes out
		sent           int    // messages that were accepted in the end
	}{
		{"another id", "id: remind", "id: tell", list(0, 6, ""), false, "6 of the 6 new rows of people/tell go to people who got the message of people/remind", 6},
		{"another id of the forEach", "id: people", "id: all", list(0, 6, ""), false, "6 of the 6 new rows of all/remind", 6},
		{"the user means it", "id: remind", "id: tell", list(0, 6, ""), true, "", 12},
		{"other people", "id: remind", "id: tell", list(100, 6, ""), false, "", 12},
		{"few rows", "id: remind", "id: tell", list(0, 4, ""), false, "", 10},
		{"a group in its place", groupOf, groupOf + groupMore, list(0, 6, ""), false, "6 of the 6 new rows of people/remind/text go to people who got the message of people/remind", 6},
		{"one step more", "      - id: remind", "      - { id: tell, sendText: { to: \"${{ item.phone }}\", body: Hi } }\n      - id: remind", list(0, 6, ""), false, "", 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("list.csv", list(0, 6, ""))
				if _, err := h.apply(withKey, false); err != nil {
					t.Fatal(err)
				}
				h.file("list.csv", test.rows)
				_, err := h.apply(strings.Replace(withKey, test.from, test.to, 1), test.allow)
				if test.refuse == "" && err != nil || test.refuse != "" && (err == nil || !strings.Contains(err.Error(), test.refuse)) {
					t.Errorf("%v, want %q", err, test.refuse)
				}
				if n := len(h.posts()); n != test.sent {
					t.Errorf("%d messages were accepted, want %d", n, test.sent)
				}
			})
		})
	}
}

// groupOf is the step of withKey that sends, and groupMore makes it a group of one.
const (
	groupOf   = "      - id: remind\n        "
	groupMore = "steps:\n          - id: text\n            "
)

// TestStepWithoutAKeyMoves: the rows of a step are told apart by its id, too, where they have no key.
func TestStepWithoutAKeyMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("list.csv", list(0, 6, ""))
		if _, err := h.apply(withoutKey, false); err != nil {
			t.Fatal(err)
		}
		moved := strings.Replace(withoutKey, "    sendText:", "    steps:\n      - id: text\n        sendText:", 1)
		if _, err := h.apply(moved, false); err == nil || !strings.Contains(err.Error(), "6 of the 6 new rows of remind/text go to people who got the message of remind") {
			t.Error(err)
		}
		if n := len(h.posts()); n != 6 {
			t.Errorf("%d messages were accepted, want 6", n)
		}
	})
}

// TestRekeyedStep: rows whose key is another since, or that have one since, are no new ones.
func TestRekeyedStep(t *testing.T) {
	const phone, name = `key: "${{ item.phone }}"`, `key: "${{ item.phone }} ${{ item.name }}"`
	keyed := func(key string) string { return strings.Replace(withoutKey, "list.csv", "list.csv, "+key, 1) }
	for _, test := range []struct {
		name, before, after string // the job
		rows                string // the file, the second time
		allow               bool
		refuse              string // what the finding says; empty: it goes out
		sent                int    // messages that were accepted in the end
	}{
		{"a key where there was none", withoutKey, keyed(phone), list(0, 3, ""), false, "3 of the 3 new rows of remind go to people who got its message before, while", 3},
		{"another key", keyed(phone), keyed(name), list(0, 3, ""), false, "3 of the 3 new rows", 3},
		{"no key where there was one", keyed(phone), withoutKey, list(0, 3, ""), false, "3 of the 3 new rows", 3},
		{"among many new people", keyed(phone), keyed(name), list(2, 1, "") + rest(100, 30), false, "1 of the 31 new rows of remind goes to a person", 3},
		{"the user means it", keyed(phone), keyed(name), list(0, 3, ""), true, "", 6},
		{"once, whatever the keys say", keyed(phone), keyed(name) + "recipients: { once: true }\n", list(0, 3, "") + rest(100, 1), false, "", 4},
		{"the same key, written otherwise", keyed(phone), keyed(`key: "${{ item.phone  }}"`), list(0, 4, ""), false, "", 4},
		{"other people", keyed(phone), keyed(name), list(100, 3, ""), false, "", 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("list.csv", list(0, 3, ""))
				if _, err := h.apply(test.before, false); err != nil {
					t.Fatal(err)
				}
				h.file("list.csv", test.rows)
				_, err := h.apply(test.after, test.allow)
				if test.refuse == "" && err != nil || test.refuse != "" && (err == nil || !strings.Contains(err.Error(), test.refuse)) {
					t.Errorf("%v, want %q", err, test.refuse)
				}
				if n := len(h.posts()); n != test.sent {
					t.Errorf("%d messages were accepted, want %d", n, test.sent)
				}
			})
		})
	}
}

// TestRekeyedInDoubt: who may have the message is as good as who has it.
func TestRekeyedInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("list.csv", list(0, 1, ""))
		h.fault(sandbox.Fault{Kind: sandbox.FaultLost})
		if _, err := h.apply(withoutKey, false); err != nil {
			t.Fatal(err)
		}
		if _, err := h.apply(strings.Replace(withoutKey, "list.csv", `list.csv, key: "${{ item.phone }}"`, 1), false); err == nil {
			t.Error("went out")
		}
		if n := len(h.posts()); n != 1 {
			t.Errorf("%d messages were accepted, want 1", n)
		}
	})
}

// TestRekeyedOnce: who said once that rows of another key go out is not asked again, and a run that sent nothing does not make it a known one.
func TestRekeyedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("list.csv", list(0, 3, ""))
		if _, err := h.apply(withoutKey, false); err != nil {
			t.Fatal(err)
		}
		keyed := strings.Replace(withoutKey, "list.csv", `list.csv, key: "${{ item.phone }}"`, 1)
		h.file("list.csv", list(0, 0, ""))
		if _, err := h.apply(keyed, false); err != nil {
			t.Fatal(err)
		}
		h.file("list.csv", list(0, 3, ""))
		if _, err := h.apply(keyed, false); err == nil {
			t.Error("went out")
		}
		if _, err := h.apply(keyed, true); err != nil {
			t.Error(err)
		}
		h.file("list.csv", strings.ReplaceAll(list(0, 3, ""), "+3460000", "0034 60000"))
		if _, err := h.apply(keyed, false); err != nil {
			t.Error(err)
		}
		if n := len(h.posts()); n != 6 {
			t.Errorf("%d messages were accepted, want 6", n)
		}
	})
}
