package runner

import (
	"context"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// mostRespelled is of how many new rows of a step it is asked whether their keys were sent in another spelling. What a spreadsheet
// does to a column it does from its first rows on.
const mostRespelled = 100

// fewestRespelled is from how many such rows on they count, however many others are new.
const fewestRespelled = 5

// respelled are new rows that were sent already, under a key that is spelt otherwise: somebody opened the file in a spreadsheet, which
// made 1 of 000001, and to a ledger that is another row.
type respelled struct {
	x  *execution
	of map[*engine.Step]*respelledRows // of steps with a key that made deliveries before
}

type respelledRows struct {
	looked int
	rows   rowTally[string]
}

// wants says whether the next new row of a step is looked at.
func (r *respelled) wants(step *engine.Step) bool {
	rows := r.of[step]
	return rows != nil && rows.looked < mostRespelled
}

// meet looks whether a new row's person got the step's message under another spelling of its key.
func (r *respelled) meet(ctx context.Context, c *candidate, sent engine.DeliveryFilter) error {
	if c.known || c.call == nil || !r.wants(c.step) {
		return nil
	}
	rows := r.of[c.step]
	rows.looked++
	sent.Recipient = r.x.inLedger(c.call.Message.Recipient)
	plain := ""
	for d, err := range r.x.engine.Ledger.Deliveries(ctx, sent) {
		if err != nil {
			return err
		}
		if plain == "" {
			plain = plainKey(c.key.Item)
		}
		if d.Key.Item != c.key.Item && plain != "" && plainKey(d.Key.Item) == plain {
			rows.rows.meet(c.q.row, fmt.Sprintf("%s was sent as %s", c.key.Item, d.Key.Item))
			return nil
		}
	}
	return nil
}

// find says of which steps such rows are many, or most of those that are new.
func (r *respelled) find() (found diag.List) {
	for _, step := range stepsInOrder(r.of) {
		rows := r.of[step]
		if n := rows.rows.rows; n >= fewestRespelled || 2*n > rows.looked {
			found = append(found, sentAs(step, rows))
		}
	}
	return found
}

// sentAs is the finding about rows that were sent under other spellings of their keys.
func sentAs(step *engine.Step, rows *respelledRows) diag.Diagnostic {
	n := rows.rows.rows
	var examples []string
	for _, row := range rows.rows.first {
		examples = append(examples, row.of)
	}
	return diag.Diagnostic{
		Severity: diag.Error, Code: "key-respelled", Range: step.Range, Private: examples,
		Summary: fmt.Sprintf("%s of the first %s of %s %s sent before, under another spelling of the key (%s: %s)", wording.Number(n),
			wording.Plural(rows.looked, "new row"), step.Path, wording.Agree(n, "was", "were"), rows.rows.places(), strings.Join(examples, ", ")),
		Detail: "A row is known by its key as it is spelt, and these people would get the message a second time. " +
			"A spreadsheet takes zeros from numbers, and writes dates in its own way, when it saves a file.",
		Hint: "take the file as it was exported, or say --yes-new-rows when all of them are meant",
	}
}
