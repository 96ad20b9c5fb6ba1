package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// accounts are the accounts of which answers said that they are known by another number than the one that was written to. Those of which
// that is never said cost nothing.
type accounts struct {
	mu    sync.Mutex
	of    map[account]bool
	known map[string]string // the number by which an account is known, by the one that was written to
}

// account is one person's account, as a step met it.
type account struct{ step, number string }

func (a account) compare(b account) int {
	return cmp.Or(strings.Compare(a.step, b.step), strings.Compare(a.number, b.number))
}

// mostPeople bounds how many accounts a run remembers.
const mostPeople = 100_000

// meet notes an answer. There are at most mostPeople of them.
func (a *accounts) meet(s *engine.Step, i engine.Identity) {
	if i.Number == "" || i.WaID == "" || i.Number == i.WaID {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of, a.known = map[account]bool{}, map[string]string{}
	}
	if len(a.known) < mostPeople {
		a.of[account{s.Path, i.WaID}], a.known[i.Number] = true, i.WaID
	}
}

// takers are the rows whose messages one account took.
type takers struct {
	numbers []string
	rows    []int
}

// warnOfAccounts tells of rows of one step that name different numbers, and went to one account as the answers say. The deliveries of the
// run are read once for it, where an answer gave a reason to.
func (x *execution) warnOfAccounts(ctx context.Context) {
	a := &x.accounts
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.of) == 0 {
		return
	}
	met := map[account]*takers{}
	for d, err := range x.engine.Ledger.Deliveries(ctx, engine.DeliveryFilter{Run: x.run.ID}) {
		if err != nil {
			x.tally.fail(err)
			return
		}
		number := cmp.Or(a.known[d.Recipient], d.Recipient)
		if at := (account{d.Key.Step, number}); a.of[at] && d.State != delivery.Rejected && d.State != delivery.Planned {
			t := met[at]
			if t == nil {
				t = &takers{}
				met[at] = t
			}
			if !slices.Contains(t.numbers, d.Recipient) {
				t.numbers = append(t.numbers, d.Recipient)
			}
			t.rows = append(t.rows, d.Row)
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(met), account.compare) {
		if t := met[at]; len(t.numbers) > 1 {
			x.warn(oneAccount(x.req.Job.StepNamed(at.step), t))
		}
	}
}

// oneAccount is the warning about rows that turned out to be one person's.
func oneAccount(s *engine.Step, t *takers) diag.Diagnostic {
	slices.Sort(t.rows)
	slices.Sort(t.numbers)
	rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(t.rows), " ", ", "), "[]")
	return diag.Diagnostic{
		Code: "one-account", Range: s.Range, Private: slices.Clone(t.numbers),
		Summary: fmt.Sprintf("%s are one WhatsApp account, which got %d messages of %s: rows %s", strings.Join(t.numbers, " and "), len(t.rows), s.Path, rows),
		Detail:  "The answers to them say so. It was not known before: later messages know it.",
		Hint:    "recipients: { once: true } sends one message to a person, from the next on; take one of the rows out",
	}
}
