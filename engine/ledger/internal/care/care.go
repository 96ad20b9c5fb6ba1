// Package care holds what the care of a ledger is, for all ledgers alike: which rows grow old, and how rows must stand to each other. A
// table is named by a dot before its name, as in package erase.
//
// Start reading at care.go.
package care

import (
	"fmt"
	"maps"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Old are rows that are not needed any more once they are older than an instant, which is the one argument of Where. None of them is a
// word about an opt-out or a pair, and of deliveries only texts go.
type Old struct {
	Table string // ".inbound"
	Key   string // a column by which rows are changed a slice at a time
	Where string
	Set   string // what becomes of them; empty: they go
	Count func(*engine.Pruned) *int
}

// single is a condition of a status: its delivery had one request and one message, so that its row tells all that statuses said.
const single = `EXISTS (SELECT 1 FROM .delivery d WHERE d.id = status.delivery AND d.attempts = 1
	AND NOT EXISTS (SELECT 1 FROM .double_accept x WHERE x.delivery = d.id))`

// AllOld returns what grows old, but for the bodies of webhooks: those are Compact's.
func AllOld() []Old {
	texts := func(p *engine.Pruned) *int { return &p.Texts }
	return []Old{
		{".delivery", "id", `intended_at < ? AND text IS NOT NULL`, `text = NULL`, texts},
		{".attempt", "delivery", `intended_at < ? AND text IS NOT NULL`, `text = NULL`, texts},
		{".status", "seq", `received_at < ? AND ` + single, "", func(p *engine.Pruned) *int { return &p.Statuses }},
		// What was said of other messages still decides what became of their deliveries: only who and by what words goes.
		{
			".status", "seq", `received_at < ? AND recipient IS NOT NULL AND NOT ` + single, `recipient = NULL, trace = NULL`,
			func(p *engine.Pruned) *int { return &p.Statuses },
		},
		{".inbound", "seq", `at < ?`, "", func(p *engine.Pruned) *int { return &p.Inbound }},
		{".notice", "seq", `at < ?`, "", func(p *engine.Pruned) *int { return &p.Notices }},
		// A try that the same run followed by another. What other runs tried is what these runs counted, and stays. What is held, or under
		// way, may still be settled.
		{
			".attempt", "delivery", fmt.Sprintf(`intended_at < ? AND EXISTS (SELECT 1 FROM .delivery d WHERE d.id = attempt.delivery
				AND d.run = attempt.run AND d.state NOT IN (%d, %d, %d))`, delivery.Planned, delivery.Intended, delivery.InDoubt), "",
			func(p *engine.Pruned) *int { return &p.Attempts },
		},
		{
			".unsent", "run", fmt.Sprintf(`at < ? AND outcome <> %d AND (cell IS NOT NULL OR message IS NOT NULL)`, delivery.OutcomeWaiting),
			`cell = NULL, message = NULL`, func(p *engine.Pruned) *int { return &p.Rows },
		},
		{".run", "seq", `finished_at < ? AND errors IS NOT NULL`, `errors = NULL`, func(p *engine.Pruned) *int { return &p.Runs }},
	}
}

// OverdueTexts returns the texts that were to be kept until an instant, of requests from another on. They go whatever else is old.
func OverdueTexts(from time.Time) []Old {
	since := int64(0)
	if !from.IsZero() {
		since = from.UnixMilli()
	}
	overdue := func(table, key string) Old {
		return Old{
			Table: "." + table, Key: key, Set: `text = NULL`, Count: func(p *engine.Pruned) *int { return &p.Texts },
			Where: fmt.Sprintf(`text IS NOT NULL AND intended_at <= ? - (SELECT m.keep_ms FROM .mould m WHERE m.seq = %s.mould)
				AND intended_at >= %d`, table, since),
		}
	}
	return []Old{overdue("delivery", "id"), overdue("attempt", "delivery")}
}

// Find is a query for the keys of rows that are old: after a key, before an instant.
func (o Old) Find() string {
	return `SELECT DISTINCT ` + o.Key + ` FROM ` + o.Table + ` WHERE ` + o.Key + ` > ? AND ` + o.Where
}

// Change is what is done to those whose key is in a list, which is a condition with an argument.
func (o Old) Change(in string) string {
	if o.Set == "" {
		return `DELETE FROM ` + o.Table + ` WHERE ` + o.Key + ` ` + in + ` AND ` + o.Where
	}
	return `UPDATE ` + o.Table + ` SET ` + o.Set + ` WHERE ` + o.Key + ` ` + in + ` AND ` + o.Where
}

// Number is how many there are.
func (o Old) Number() string { return `SELECT count(*) FROM ` + o.Table + ` WHERE ` + o.Where }

// Relation is how rows must stand to each other: Broken counts those that do not.
type Relation struct {
	What   string // of one that does not, for people
	Broken string
}

// Relations returns all of them.
func Relations() []Relation {
	count := func(from, where string) string { return `SELECT count(*) FROM ` + from + ` WHERE ` + where }
	without := func(table, column, of, key string) string {
		return count(table+` t`, `t.`+column+` IS NOT NULL AND NOT EXISTS (SELECT 1 FROM `+of+` o WHERE o.`+key+` = t.`+column+`)`)
	}
	return []Relation{
		{"delivery of no step", without(".delivery", "step", ".step", "seq")},
		{"delivery of no run", without(".delivery", "run", ".run", "seq")},
		{"attempt for no delivery", without(".attempt", "delivery", ".delivery", "id")},
		{"attempt of no run", without(".attempt", "run", ".run", "seq")},
		{"second message of no delivery", without(".double_accept", "delivery", ".delivery", "id")},
		{"status of no delivery", without(".status", "delivery", ".delivery", "id")},
		{"status in no webhook", without(".status", "inbox", ".inbox", "seq")},
		{"text of no mould", count(".delivery t", `t.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM .mould o WHERE o.seq = t.mould)`)},
		{"row of no run", without(".unsent", "run", ".run", "seq")},
		{"reason of no run", without(".run_left_out", "run", ".run", "seq")},
		{"run that met nothing that is there", without(".run", "met", ".met", "seq")},
		{"delivery without a request", count(".delivery", `attempts < 1`)},
		{"attempt behind the current one", count(".attempt t", `EXISTS (SELECT 1 FROM .delivery d WHERE d.id = t.delivery AND t.number >= d.attempts)`)},
		{"further delivery of an item without one before it", count(".delivery d", `d.number > 1 AND NOT EXISTS
			(SELECT 1 FROM .delivery o WHERE o.step = d.step AND o.item = d.item AND o.number = d.number - 1)`)},
		{"count below zero", count("(SELECT run, part, outcome, sum(n) AS n FROM .run_count GROUP BY run, part, outcome) t", `t.n < 0`)},
	}
}

// How many deliveries a run counts with an outcome, and how many it has.
const (
	// Counted yields run, outcome and number as the ledger counts.
	Counted = `SELECT run, outcome, CAST(sum(n) AS bigint) FROM .run_count WHERE part = 0 GROUP BY run, outcome HAVING sum(n) <> 0`
	// Current yields run, state, whether WhatsApp holds it, and number of the deliveries whose last request a run made.
	Current = `SELECT run, state, held_back IS NOT NULL, count(*) FROM .delivery GROUP BY 1, 2, 3`
	// Former yields the runs that made a request which another run followed: what those count cannot be told from states alone.
	Former = `SELECT DISTINCT a.run FROM .attempt a JOIN .delivery d ON d.id = a.delivery WHERE a.run <> d.run`
)

// Counts compares what runs count with what became of their deliveries, and returns what differs, for people.
type Counts struct {
	counted, found map[int64]map[delivery.Outcome]int64
	former         map[int64]bool
}

// Count adds a row of Counted, Find one of Current, and Leave one of Former.
func (c *Counts) Count(run, outcome, n int64) {
	add(&c.counted, run, delivery.Outcome(outcome), n) //nolint:gosec // the ledger wrote it
}

// Find adds a row of Current.
func (c *Counts) Find(run, state int64, held bool, n int64) {
	add(&c.found, run, delivery.State(state).Outcome(held), n) //nolint:gosec // the ledger wrote it
}

// Leave adds a row of Former.
func (c *Counts) Leave(run int64) {
	if c.former == nil {
		c.former = map[int64]bool{}
	}
	c.former[run] = true
}

func add(to *map[int64]map[delivery.Outcome]int64, run int64, o delivery.Outcome, n int64) {
	if *to == nil {
		*to = map[int64]map[delivery.Outcome]int64{}
	}
	if (*to)[run] == nil {
		(*to)[run] = map[delivery.Outcome]int64{}
	}
	(*to)[run][o] += n
}

// Wrong adds what is wrong to a list. Runs are left out of which states alone do not tell.
func (c *Counts) Wrong(list []string) []string {
	runs := 0
	for run, found := range c.found {
		if !c.former[run] && !maps.Equal(found, c.counted[run]) {
			runs++
		}
	}
	if runs > 0 {
		list = append(list, fmt.Sprintf("%d × run that counts other outcomes than its deliveries have", runs))
	}
	return list
}

// Found adds to a list that so many rows do not stand as they must.
func (r Relation) Found(n int64, list []string) []string {
	if n > 0 {
		list = append(list, fmt.Sprintf("%d × %s", n, r.What))
	}
	return list
}
