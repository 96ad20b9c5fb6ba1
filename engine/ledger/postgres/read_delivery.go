package postgres

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// lookupSize is how many keys one statement asks for: as many as a run looks up at once.
const lookupSize = 256

// Lookup finds deliveries by key; see engine.Reader.
func (l *Ledger) Lookup(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	out := make(map[delivery.KeyHash]delivery.Delivery, len(keys))
	known, err := l.whoIs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up deliveries: %w", err)
	}
	items := make(map[stepName][]string)
	for _, k := range keys {
		name := stepName{k.Job, k.Scope, k.Step}
		items[name] = append(items[name], putText(known.Item(k.Job, k.Item)))
	}
	for name, items := range items {
		for ; len(items) > 0; items = items[min(lookupSize, len(items)):] {
			if err := l.lookup(ctx, name, items[:min(lookupSize, len(items))], out); err != nil {
				return nil, fmt.Errorf("look up deliveries: %w", err)
			}
		}
	}
	known.Found(keys, out)
	return out, nil
}

// lookup finds the deliveries of one step.
func (l *Ledger) lookup(ctx context.Context, name stepName, items []string, out map[delivery.KeyHash]delivery.Delivery) error {
	found := make([]*row, 0, len(items))
	scanner := newDeliveryScanner()
	err := l.query(ctx, `SELECT `+deliveryColumns+` FROM waybill.deliveries_of($1, $2, $3, $4) AS d`, func(rows pgx.Rows) error {
		r, err := scanner.scan(rows)
		found = append(found, r)
		return err
	}, putText(name.job), putText(name.scope), putText(name.path), items)
	if err != nil {
		return err
	}
	names, err := l.namesOf(ctx, found)
	if err != nil {
		return err
	}
	for _, r := range found {
		r.name(name, names.runs[r.run], names.businesses[r.business])
		first := r.Key.First().Hash()
		out[first] = out[first].With(r.Told())
	}
	return nil
}

// Deliveries yields deliveries in the order of their ids; see engine.Reader.
func (l *Ledger) Deliveries(ctx context.Context, f engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	w, err := l.conditions(ctx, f)
	if err != nil {
		return func(yield func(delivery.Delivery, error) bool) { yield(delivery.Delivery{}, err) }
	}
	scanner := newRowScanner()
	scan := func(rows pgx.Rows) (delivery.Delivery, error) {
		r, err := scanner.scan(rows)
		if err != nil {
			return delivery.Delivery{}, err
		}
		return r.Told(), nil
	}
	return stream(ctx, l, `SELECT `+recordColumns+recordFrom+w.sql()+` ORDER BY d.id`+limit(f.Limit), scan, w.args)
}

// Tally counts the deliveries that Deliveries would yield, by state. States that none is in are not in the map.
func (l *Ledger) Tally(ctx context.Context, f engine.DeliveryFilter) (map[delivery.State]int, error) {
	w, err := l.conditions(ctx, f)
	if err != nil {
		return nil, err
	}
	sql := `SELECT d.state, count(*)` + recordFrom + w.sql() + ` GROUP BY d.state`
	if f.Limit > 0 {
		sql = `SELECT state, count(*) FROM (SELECT d.state` + recordFrom + w.sql() + ` ORDER BY d.id` + limit(f.Limit) + `) l GROUP BY state`
	}
	out := make(map[delivery.State]int)
	err = l.query(ctx, numbered(sql), func(rows pgx.Rows) error {
		var state, n num
		err := rows.Scan(&state, &n)
		out[delivery.State(state)] = int(n) //nolint:gosec // we wrote it
		return err
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

// narrow makes conditions of a filter. met are the spans of what its SeenBy met, person the ids of its Recipient.
func narrow(f engine.DeliveryFilter, met []form.Span, person []engine.Held) *where {
	w := new(where)
	if f.ID != 0 {
		w.also(`d.id = ?`, int64(f.ID))
	}
	if f.SeenBy != "" {
		first, last := ends(met)
		w.also(`(d.run = (SELECT seq FROM waybill.run WHERE id = ?)
			OR d.id IN (SELECT a.delivery FROM waybill.attempt a WHERE a.run = (SELECT seq FROM waybill.run WHERE id = ?))
			OR EXISTS (SELECT 1 FROM unnest(?::int8[], ?::int8[]) AS p (first, last) WHERE d.id BETWEEN p.first AND p.last))`,
			putText(f.SeenBy), putText(f.SeenBy), first, last)
	}
	if f.Run != "" {
		w.also(`d.run = (SELECT seq FROM waybill.run WHERE id = ?)`, putText(f.Run))
	}
	w.equal("s.job", f.Job)
	w.equal("s.scope", f.Scope)
	w.equal("s.path", f.Step)
	if len(f.States) > 0 {
		var states []int64
		held := true
		for _, s := range f.States {
			states = append(states, int64(s))
			held = held && (s == delivery.Planned || s == delivery.InDoubt)
		}
		w.also(`d.state = ANY(?::int8[])`, states)
		if held {
			w.also(`d.held`) // so that the small index of these serves
		}
	}
	if f.Recipient != "" {
		whose, args := form.Whose(person, []string{`d.recipient`}, `d.intended_at`, engine.WholeSecond, func(id string) any { return putText(id) })
		w.also(whose, args...)
	}
	if f.ByHand {
		w.also(`d.result_flags IS NOT NULL AND d.message IS NULL AND d.state = 5`) // the first, of which nearly none is, stands before wide columns
	}
	if f.Code != 0 {
		w.also(`coalesce(d.failure_code, d.code) = ?`, f.Code)
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
	conditions := []string{`d.item ILIKE ?`, messageSQL + ` ILIKE ?`, `d.recipient ILIKE ?`}
	args := []any{like(part), like(part), like(part)}
	// People type numbers as they read them: "+34 612-345".
	if digits := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(part); digits != part && digits != "" {
		pattern := like(digits)
		if strings.HasPrefix(part, "+") {
			pattern = "+" + strings.TrimPrefix(pattern, "%")
		}
		conditions = append(conditions, `d.recipient ILIKE ?`)
		args = append(args, pattern)
	}
	w.also(`(`+strings.Join(conditions, " OR ")+`)`, args...)
}

// like returns a pattern that finds part anywhere, taking nothing in it for a wildcard.
func like(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(putText(part)) + "%"
}

// Attempts returns every request made for a delivery, in order; see engine.Reader. engine.ErrNotFound: no such delivery.
func (l *Ledger) Attempts(ctx context.Context, id delivery.ID) ([]delivery.Attempt, error) {
	var out []delivery.Attempt
	// One statement, so that an attempt is in one of the two places and not in both or none.
	err := l.query(ctx, attemptSQL+`WHERE a.delivery = $1
		UNION ALL
		SELECT d.id, d.attempts, r.id, d.intended_at, d.ended_ms, d.result, d.result_flags,
		CASE WHEN d.result = 1 THEN coalesce((SELECT x.message FROM waybill.double_accept x WHERE x.delivery = d.id AND x.attempt = d.attempts
			AND d.message IN (SELECT o.message FROM waybill.attempt o WHERE o.delivery = d.id
			UNION ALL SELECT y.message FROM waybill.double_accept y WHERE y.delivery = d.id AND y.attempt < d.attempts)
			ORDER BY x.found_at LIMIT 1), d.message) END,
		d.held_back, d.http, d.code, d.answer, d.trace, d.cause FROM waybill.delivery d JOIN waybill.run r ON r.seq = d.run WHERE d.id = $1
		ORDER BY 2`, func(rows pgx.Rows) error {
		a, err := scanAttempt(rows)
		out = append(out, a)
		return err
	}, int64(id))
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("delivery %d: %w", id, engine.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	return out, nil
}
