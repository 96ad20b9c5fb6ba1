package runner

import (
	"context"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// What a spreadsheet does to a column it does from its first rows on: so many rows of a step are looked at, and of the new ones among
// them so many.
const (
	mostSeen      = 5000
	mostRespelled = 100
)

// fewestRespelled is from how many such rows on they count, however many others are new.
const fewestRespelled = 5

// The rows of a file were mostly sent by the last runs, and where it grows at its end its first ones by the earliest: no more of a ledger
// is looked through than these.
const (
	earliestSent = 100_000
	lastRuns     = 3
)

// respelled are new rows that were sent already, under a key that is spelt otherwise: somebody opened the file in a spreadsheet, which
// made 1 of 000001, and to a ledger that is another row.
type respelled struct {
	x  *execution
	of map[*engine.Step]*respelledRows // of steps with a key that made deliveries before
}

type respelledRows struct {
	seen   int
	looked int                   // new ones
	fresh  map[string][]freshRow // new rows, by whom they go to
	rows   rowTally[string]
}

type freshRow struct {
	key, plain string // plain: in any spelling
	row        int
}

// wants says whether the next new row of a step is looked at.
func (r *respelled) wants(step *engine.Step) bool {
	rows := r.of[step]
	return rows != nil && rows.seen < mostSeen && rows.looked < mostRespelled
}

// enough says whether no step's next row is looked at.
func (r *respelled) enough() bool {
	for step := range r.of {
		if r.wants(step) {
			return false
		}
	}
	return true
}

// meet notes a row.
func (r *respelled) meet(c *candidate) {
	if !r.wants(c.step) {
		return
	}
	rows := r.of[c.step]
	rows.seen++
	if c.known || c.call == nil {
		return
	}
	rows.looked++
	if plain := plainKey(c.key.Item); plain != "" {
		to := r.x.inLedger(c.call.Message.Recipient)
		rows.fresh[to] = append(rows.fresh[to], freshRow{c.key.Item, plain, c.q.row})
	}
}

// find says of which steps new rows were sent under another spelling, where they are many, or most of those that are new.
func (r *respelled) find(ctx context.Context, sent func(step string) engine.DeliveryFilter) (found diag.List, err error) {
	for _, step := range stepsInOrder(r.of) {
		rows := r.of[step]
		if len(rows.fresh) == 0 {
			continue
		}
		if err := r.compare(ctx, rows, sent(step.Path)); err != nil {
			return nil, err
		}
		if n := rows.rows.rows; n >= fewestRespelled || 2*n > rows.looked {
			found = append(found, sentAs(step, rows))
		}
	}
	return found, nil
}

// compare holds what was sent against the new rows of a step.
func (r *respelled) compare(ctx context.Context, rows *respelledRows, sent engine.DeliveryFilter) error {
	earliest := sent
	earliest.Limit = earliestSent
	read, err := r.compareWith(ctx, rows, earliest)
	if err != nil || read < earliestSent {
		return err
	}
	for run, err := range r.x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: r.x.run.Job, Limit: lastRuns + 1}) { // its own may be among them
		if err != nil {
			return err
		}
		sent.Run = run.ID
		if _, err := r.compareWith(ctx, rows, sent); err != nil {
			return err
		}
	}
	return nil
}

// compareWith holds deliveries against new rows, and returns how many it read.
func (r *respelled) compareWith(ctx context.Context, rows *respelledRows, f engine.DeliveryFilter) (read int, err error) {
	for d, err := range r.x.engine.Ledger.Deliveries(ctx, f) {
		if err != nil {
			return read, err
		}
		read++
		for _, row := range rows.fresh[d.Recipient] {
			if row.key != d.Key.Item && row.plain == plainKey(d.Key.Item) {
				rows.rows.meet(row.row, fmt.Sprintf("%s was sent as %s", row.key, d.Key.Item))
			}
		}
	}
	return read, nil
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
