package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// lookupSize is how many keys one statement asks for.
const lookupSize = 250

// Lookup finds deliveries by key; see engine.Reader.
func (l *Ledger) Lookup(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	out := make(map[delivery.KeyHash]delivery.Delivery, len(keys))
	if len(keys) == 0 {
		return out, nil
	}
	var known *form.Forgotten
	err := l.readers.use(func(c *connection) (err error) {
		if known, err = l.known.renew(ctx, c); err != nil {
			return err
		}
		items := make(map[stepName][]string)
		for _, k := range keys {
			name := stepName{k.Job, k.Scope, k.Step}
			items[name] = append(items[name], known.Item(k.Job, k.Item))
		}
		for name, items := range items {
			if err := c.lookup(ctx, name, items, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up deliveries: %w", err)
	}
	known.Found(keys, out)
	return out, nil
}

// lookup finds the deliveries of one step. Step and run are the same for many, and their names are read once: to join
// them would copy four texts a row.
func (c *connection) lookup(ctx context.Context, name stepName, items []string, out map[delivery.KeyHash]delivery.Delivery) error {
	step, err := c.number(`SELECT seq FROM step WHERE job = ? AND scope = ? AND path = ?`, name.job, name.scope, name.path)
	if err != nil || step == 0 {
		return err
	}
	if items, err = c.among(ctx, step, items); err != nil {
		return err
	}
	runs := make(map[int64]string)
	var r row
	each := func(v []driver.Value) error {
		r.scan(v)
		run, ok := runs[r.run]
		if !ok {
			if run, err = c.text(`SELECT id FROM run WHERE seq = ?`, r.run); err != nil {
				return err
			}
			runs[r.run] = run
		}
		r.Run, r.Key.Job, r.Key.Scope, r.Key.Step = run, name.job, name.scope, name.path
		first := r.Key.First().Hash()
		out[first] = out[first].With(r.Told())
		return nil
	}
	for ; len(items) > 0; items = items[min(lookupSize, len(items)):] {
		if err := c.query(ctx, lookupSQL(), each, lookupArgs(step, items)...); err != nil {
			return err
		}
	}
	return nil
}

// among returns those of items that are not before the first nor after the last of a step: the others it has not. Rows that come in the
// order of their keys need no look then.
func (c *connection) among(ctx context.Context, step int64, items []string) (out []string, err error) {
	err = c.query(ctx, `SELECT (SELECT item FROM delivery WHERE step = ?1 ORDER BY item LIMIT 1),
		(SELECT item FROM delivery WHERE step = ?1 ORDER BY item DESC LIMIT 1)`, func(v []driver.Value) error {
		if v[0] == nil {
			return nil
		}
		first, last := asText(v[0]), asText(v[1])
		for _, item := range items {
			if first <= item && item <= last {
				out = append(out, item)
			}
		}
		return nil
	}, step)
	return out, err
}

func lookupSQL() string {
	return `SELECT ` + deliveryColumns + `, NULL, NULL, NULL, NULL FROM delivery d
		WHERE d.step = ? AND d.item IN (` + placeholders(lookupSize) + `)`
}

// lookupArgs fills the one statement: what is missing to its size repeats the first item, which changes nothing.
func lookupArgs(step int64, items []string) []driver.Value {
	args := make([]driver.Value, 0, 1+lookupSize)
	args = append(args, step)
	for i := range lookupSize {
		if i < len(items) {
			args = append(args, items[i])
		} else {
			args = append(args, items[0])
		}
	}
	return args
}

// Deliveries yields deliveries in the order in which they were first intended; see engine.Reader.
func (l *Ledger) Deliveries(ctx context.Context, f engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	w, err := l.conditions(ctx, f)
	if err != nil {
		return func(yield func(delivery.Delivery, error) bool) { yield(delivery.Delivery{}, err) }
	}
	scan := func(v []driver.Value) (delivery.Delivery, error) {
		var r row
		r.scan(v)
		return r.Told(), nil
	}
	return stream(ctx, l.readers, `SELECT `+recordColumns+recordFrom+w.sql()+` ORDER BY d.id`+w.limit(f.Limit), scan, w.args)
}

// Tally counts the deliveries that Deliveries would yield, by state. States that none is in are not in the map.
func (l *Ledger) Tally(ctx context.Context, f engine.DeliveryFilter) (map[delivery.State]int, error) {
	w, err := l.conditions(ctx, f)
	if err != nil {
		return nil, err
	}
	sql := `SELECT d.state, count(*)` + recordFrom + w.sql() + ` GROUP BY d.state`
	if f.Limit > 0 {
		sql = `SELECT state, count(*) FROM (SELECT d.state` + recordFrom + w.sql() + ` ORDER BY d.id` + w.limit(f.Limit) +
			`) GROUP BY state`
	}
	out := make(map[delivery.State]int)
	err = l.readers.query(ctx, sql, func(row []driver.Value) error {
		out[delivery.State(asInt(row[0]))] = int(asInt(row[1])) //nolint:gosec // we wrote it
		return nil
	}, w.args...)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return out, nil
}

// conditions makes conditions of a filter, with what must be looked up for them.
func (l *Ledger) conditions(ctx context.Context, f engine.DeliveryFilter) (*where, error) {
	met, err := l.metBy(ctx, f.SeenBy)
	if err != nil || f.Recipient == "" {
		return narrow(f, met, nil), err
	}
	person, err := l.Whose(ctx, f.Recipient)
	return narrow(f, met, person), err
}

// runOfStates is the row of a run; none where the run is counted to have no delivery in any of the states, so that its deliveries are not
// read to find none.
func runOfStates(id string, states []delivery.State) (sql string, args []driver.Value) {
	const run = `(SELECT seq FROM run WHERE id = ?)`
	if len(states) == 0 {
		return run, []driver.Value{id}
	}
	args = []driver.Value{id, int64(ofDeliveries)}
	for _, s := range states {
		args = append(args, int64(s.Outcome(false)), int64(s.Outcome(true)))
	}
	return `(SELECT c.run FROM run_count c WHERE c.run = ` + run + ` AND c.part = ? AND c.n > 0 AND c.outcome IN (` +
		placeholders(len(args)-2) + `) LIMIT 1)`, args
}

// narrow makes conditions of a filter. met are the spans of what its SeenBy met, person the ids of its Recipient.
func narrow(f engine.DeliveryFilter, met []form.Span, person []engine.Held) *where {
	w := new(where)
	if f.ID != 0 {
		w.also(`d.id = ?`, int64(f.ID))
	}
	if f.SeenBy != "" {
		seen, args := seenBy(f.SeenBy, met)
		w.also(seen, args...)
	}
	if f.Run != "" {
		run, args := runOfStates(f.Run, f.States)
		w.also(`d.run = `+run, args...)
	}
	if f.Job != "" || f.Scope != "" || f.Step != "" {
		var s where
		s.equal("job", f.Job)
		s.equal("scope", f.Scope)
		s.equal("path", f.Step)
		w.also(`d.step IN (SELECT seq FROM step`+s.sql()+`)`, s.args...)
	}
	if len(f.States) > 0 {
		var states []driver.Value
		held := true
		for _, s := range f.States {
			states = append(states, int64(s))
			held = held && (s == delivery.Planned || s == delivery.InDoubt)
		}
		w.also(`d.state IN (`+placeholders(len(states))+`)`, states...)
		if held {
			w.also(`d.state IN (1, 3)`) // so that the small index of these serves
		}
	}
	if f.Recipient != "" {
		whose, args := form.Whose(person, []string{`d.recipient`}, `d.intended_at`, engine.WholeSecond, packRecipient)
		w.also(whose, args...)
	}
	if f.ByHand {
		w.also(`d.state = 5 AND d.message IS NULL`)
	}
	if f.Code != 0 {
		w.also(`coalesce(d.failure_code, d.code) = ?`, int64(f.Code))
	}
	if f.Search != "" {
		search(w, f.Search)
	}
	if f.After != 0 {
		w.also(`d.id > ?`, int64(f.After))
	}
	return w
}

// search looks for a part of recipient, item key or message id, in capitals or not.
func search(w *where, part string) {
	conditions := []string{`d.item LIKE ? ESCAPE '\'`, `waybill_message(d.message) LIKE ? ESCAPE '\'`, `d.recipient LIKE ? ESCAPE '\'`}
	args := []driver.Value{like(part), like(part), like(part)}
	// People type numbers as they read them: "+34 612-345".
	if digits := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(part); digits != part && digits != "" {
		pattern := like(digits)
		if strings.HasPrefix(part, "+") {
			pattern = strings.TrimPrefix(pattern, "%")
		}
		conditions = append(conditions, `d.recipient LIKE ? ESCAPE '\'`)
		args = append(args, pattern)
	}
	w.also(`(`+strings.Join(conditions, " OR ")+`)`, args...)
}

// Attempts returns every request made for a delivery, in order; see engine.Reader. engine.ErrNotFound: no such delivery.
func (l *Ledger) Attempts(ctx context.Context, id delivery.ID) ([]delivery.Attempt, error) {
	var out []delivery.Attempt
	err := l.readers.use(func(c *connection) error {
		// One statement, so that an attempt is in one of the two places and not in both or none.
		return c.query(ctx, attemptSQL+`
			UNION ALL
			SELECT d.attempts, r.id, d.intended_at, d.ended_ms, d.result, d.result_flags,
			iif(d.result = 1, coalesce((SELECT x.message FROM double_accept x WHERE x.delivery = d.id AND x.attempt = d.attempts
				AND d.message IN (SELECT o.message FROM attempt o WHERE o.delivery = d.id
				UNION ALL SELECT y.message FROM double_accept y WHERE y.delivery = d.id AND y.attempt < d.attempts)
				ORDER BY x.found_at LIMIT 1), d.message), NULL),
			d.held_back, d.http, d.code, d.answer, d.trace, d.cause FROM delivery d JOIN run r ON r.seq = d.run WHERE d.id = ?
			ORDER BY 1`, func(v []driver.Value) error {
			out = append(out, scanAttempt(id, v))
			return nil
		}, int64(id), int64(id))
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("delivery %d: %w", id, engine.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	return out, nil
}

// seenBy is the condition that a run made an attempt for a delivery, or met it. Few spans are compared one by one, so that a page costs
// what it shows; many are looked up in a table made for the purpose.
func seenBy(run string, met []form.Span) (sql string, args []driver.Value) {
	const few = 16
	sql = `(d.run = (SELECT seq FROM run WHERE id = ?)
		OR d.id IN (SELECT a.delivery FROM attempt a WHERE a.run = (SELECT seq FROM run WHERE id = ?))`
	args = []driver.Value{run, run}
	if len(met) > few {
		return sql + ` OR d.id IN (SELECT m.id FROM json_each(?) r CROSS JOIN delivery m ON m.id BETWEEN r.value ->> 0 AND r.value ->> 1))`,
			append(args, form.SpansJSON(met))
	}
	for _, s := range met {
		sql += ` OR d.id BETWEEN ? AND ?`
		args = append(args, s.First, s.Last)
	}
	return sql + `)`, args
}
