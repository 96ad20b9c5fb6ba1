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

const keyedByID = `
version: 1
name: list
steps:
  - id: remind
    forEach: { csv: list.csv, key: "${{ item.id }}" }
    sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.name }}" }
`

// numbered is a file of n people from a number on, whose ids have this form.
func numbered(from, n int, form string) string {
	b := strings.Builder{}
	b.WriteString("id,phone,name\n")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, form+",+3460000%04d,Ana\n", i, i)
	}
	return b.String()
}

// TestRespelledKeys: ids whose zeros a spreadsheet took are no new rows.
func TestRespelledKeys(t *testing.T) {
	more := func(from, n int, form string) string {
		_, rows, _ := strings.Cut(numbered(from, n, form), "\n")
		return rows
	}
	for _, test := range []struct {
		name   string
		again  string // the file, the second time
		allow  bool
		refuse string // what the finding says; empty: it goes out
		sent   int    // messages that were accepted in the end
	}{
		{"zeros taken", numbered(1, 30, "%d"), false, "30 of the first 30 new rows of remind were sent before", 30},
		{"the user means it", numbered(1, 30, "%d"), true, "", 60},
		{"some among others", numbered(1, 5, "%d") + more(100, 50, "%06d"), false, "5 of the first 55 new rows", 30},
		{"one row alone", numbered(7, 1, "%d"), false, "1 of the first 1 new row of remind was sent", 30},
		{"few among others", numbered(1, 4, "%d") + more(100, 50, "%06d"), false, "", 84},
		{"behind known rows", numbered(1, 20, "%06d") + more(21, 10, "%d"), false, "10 of the first 10", 30},
		{"other people", numbered(101, 30, "%d"), false, "", 60},
		{"the same file", numbered(1, 30, "%06d"), false, "", 30},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.file("list.csv", numbered(1, 30, "%06d"))
				if _, err := h.apply(keyedByID, false); err != nil {
					t.Fatal(err)
				}
				h.file("list.csv", test.again)
				plan, err := h.engine().Plan(context.Background(), h.request(h.load(keyedByID), engine.ModeApply))
				if err != nil {
					t.Fatal(err)
				}
				if warned := strings.Contains(fmt.Sprint(plan.Warnings), "key-respelled"); warned != (test.refuse != "" || test.allow) {
					t.Errorf("plan warned: %v: %v", warned, plan.Warnings)
				}
				_, err = h.apply(keyedByID, test.allow)
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
