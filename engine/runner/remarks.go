package runner

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// remarks are what is to be said of the messages of a run that stops none of them: what plan says of them too, for who sends without
// having planned. They are told when the run ends, counted, with their first rows. Of a divided run each process tells what it met in its own
// rows; what can be said of all rows alone, whoever ends the last part.
type remarks struct {
	mu         sync.Mutex
	values     values
	odd        oddCount
	doubts     doubtCount
	near       nearValues
	leftAll    leftAll
	duplicates map[*engine.Step]*rowTally[duplicate] // by their forEach
}

// duplicate is what is shown of the second of two rows that are the same item.
type duplicate struct {
	other int
	item  string
}

func newRemarks(x *execution) remarks {
	return remarks{values: newValues(x.forEachOf), odd: oddCount{}, duplicates: map[*engine.Step]*rowTally[duplicate]{}}
}

// meet looks at a message that is about to be sent.
func (r *remarks) meet(c *candidate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values.meet(c)
	r.odd.meet(c)
	r.doubts.meet(c)
}

// meetItem looks at an item before anything is asked of it. p is whose portion it is of.
func (r *remarks) meetItem(p *portion, s *engine.Step, e element) {
	if e.err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.near.meet(s, e.Names[s.ForEach.As], e.Row)
	if p != nil {
		p.leftRows(e).meet(e.Names[s.ForEach.As])
		return
	}
	r.leftAll.meet(s, e.Names[s.ForEach.As])
}

// leave notes that where left out an item.
func (r *remarks) leave(p *portion, s *engine.Step, e element) {
	if e.err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if p != nil {
		p.leftRows(e).leave()
		return
	}
	r.leftAll.leave(s)
}

// leftOf takes in what where did to rows of a divided forEach, whoever had them.
func (r *remarks) leftOf(s *engine.Step, rows *leftRows) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leftAll.of == nil {
		r.leftAll.of = map[*engine.Step]*leftRows{}
	}
	if r.leftAll.of[s] == nil {
		r.leftAll.of[s] = rows
		return
	}
	r.leftAll.of[s].include(rows)
}

// duplicate notes the second of two rows that are the same item.
func (r *remarks) duplicate(x *execution, c *candidate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	each := x.forEachOf[c.step]
	if each == nil {
		each = c.step
	}
	if r.duplicates[each] == nil {
		r.duplicates[each] = &rowTally[duplicate]{}
	}
	r.duplicates[each].meet(max(c.q.row, c.other), duplicate{min(c.q.row, c.other), c.q.item})
}

// tellRemarks tells what was to be said of the messages of a run.
func (x *execution) tellRemarks() {
	r := &x.remarks
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range slices.Concat(r.values.warnings(), r.odd.warnings(x.redact), r.doubts.warnings(), r.near.warnings(), r.leftAll.warnings(x.metAll)) {
		x.warn(d)
	}
	x.tellDuplicates(r.duplicates)
}

// metAll says whether this process is to tell what can be said of all rows of a forEach alone: it met them or, of those that are divided,
// ended the run's last part, and was told of the others.
func (x *execution) metAll(s *engine.Step) bool { return x.hadAll() || x.share.last && x.divides(s) }

// tellDuplicates tells of rows that are the same item.
func (x *execution) tellDuplicates(found map[*engine.Step]*rowTally[duplicate]) {
	for each, t := range found {
		d := diag.Diagnostic{
			Code: "duplicate-key", Range: each.Range,
			Detail: "One message is sent for both: where they are two people, the second gets none. What makes an item the same is its key.",
			Hint:   "remove one of the rows, or choose a key that tells them apart",
		}
		var pairs []string
		for _, known := range t.first {
			pairs = append(pairs, fmt.Sprintf("rows %d and %d are the same item %q", known.of.other, known.row, known.of.item))
			d.Private = append(d.Private, known.of.item)
		}
		d.Summary = strings.Join(pairs, "; ")
		if t.rows > len(t.first) {
			d.Summary += "; …"
		}
		if t.rows > 1 {
			d.Summary = fmt.Sprintf("%s of %s are items of other rows, and get no message of their own: %s", wording.Plural(t.rows, "row"), each.Path, d.Summary)
		}
		x.warn(d)
	}
}
