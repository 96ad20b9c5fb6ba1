package postgres

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// chargeKey is what messages have in common that are counted together.
type chargeKey struct{ run, charge int64 }

// chargeOf returns the row of a charge, which is made when it is new; nil for none. Messages share a few dozen rows.
func (t *transaction) chargeOf(c *delivery.Charge) (*int64, error) {
	if c == nil || *c == (delivery.Charge{}) {
		return nil, nil
	}
	if seq, ok := t.w.charges[*c]; ok {
		return &seq, nil
	}
	args := []any{putText(c.Category), putText(c.Type), putText(c.Model), putText(c.Country)}
	const find = `SELECT seq FROM waybill.charge WHERE category = $1 AND type = $2 AND model = $3 AND country = $4`
	seq, err := t.number(find, args...)
	if err == nil && seq == 0 {
		if _, err = t.exec(`INSERT INTO waybill.charge (category, type, model, country) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, args...); err == nil {
			seq, err = t.number(find, args...)
		}
	}
	if err != nil {
		return nil, err
	}
	t.w.charges[*c] = seq
	return &seq, nil
}

// firstCharge is the row of a charge that no status of its message told before; nil for any other.
func (t *transaction) firstCharge(s *delivery.Status) (*int64, error) {
	charge, err := t.chargeOf(s.Charge)
	if charge == nil || err != nil {
		return nil, err
	}
	if h := t.ahead.of(s.MessageID); h != nil {
		if h.charged {
			charge = nil
		}
		return charge, nil
	}
	told, err := t.number(`SELECT count(*) FROM waybill.status WHERE message_hash = $1 AND message = $2 AND charge IS NOT NULL`,
		hashMessage(s.MessageID), packMessage(s.MessageID))
	if told != 0 {
		return nil, err
	}
	return charge, err
}

// countCharge counts a charge for the run that sent the message.
func (t *transaction) countCharge(run int64, charge *int64) {
	if charge != nil {
		t.charged[chargeKey{run, *charge}]++
	}
}

// countWaiting counts what statuses told that waited for their delivery.
func (t *transaction) countWaiting(run int64, message string) error {
	charge, err := t.number(`SELECT charge FROM waybill.status WHERE delivery IS NULL AND message_hash = $1 AND message = $2
		AND charge IS NOT NULL LIMIT 1`, hashMessage(message), packMessage(message))
	if err == nil && charge != 0 {
		t.countCharge(run, &charge)
	}
	return err
}

// chargeSums takes the sums, in an order that is the same for all.
func (t *transaction) chargeSums() (runs, charges, sums []int64) {
	for _, k := range slices.SortedFunc(maps.Keys(t.charged), func(a, b chargeKey) int {
		return cmp.Or(cmp.Compare(a.run, b.run), cmp.Compare(a.charge, b.charge))
	}) {
		runs, charges, sums = append(runs, k.run), append(charges, k.charge), append(sums, t.charged[k])
	}
	clear(t.charged)
	return runs, charges, sums
}

// Charges returns how the messages of a run were charged; see engine.Reader.
func (l *Ledger) Charges(ctx context.Context, run string) (list []engine.Charged, err error) {
	err = l.query(ctx, `SELECT c.category, c.type, c.model, c.country, sum(n.n)::bigint FROM waybill.run_charge n
		JOIN waybill.charge c ON c.seq = n.charge WHERE n.run = (SELECT seq FROM waybill.run WHERE id = $1)
		GROUP BY c.category, c.type, c.model, c.country ORDER BY 5 DESC, 1, 2, 4`, func(rows pgx.Rows) error {
		var category, kind, model, country text
		var n num
		err := rows.Scan(&category, &kind, &model, &country, &n)
		list = append(list, engine.Charged{
			Charge:   delivery.Charge{Category: string(category), Type: string(kind), Model: string(model), Country: string(country)},
			Messages: int(n),
		})
		return err
	}, putText(run))
	if err != nil {
		return nil, fmt.Errorf("read what run %s was charged: %w", run, err)
	}
	return list, nil
}
