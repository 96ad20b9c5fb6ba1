package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// chargeOf returns the row of a charge, which is made when it is new; NULL for none. Messages share a few dozen rows: by category, type
// and country.
func (t *transaction) chargeOf(c *delivery.Charge) (driver.Value, error) {
	if c == nil || *c == (delivery.Charge{}) {
		return nil, nil
	}
	if seq, ok := t.charges[*c]; ok {
		return seq, nil
	}
	args := []driver.Value{c.Category, c.Type, c.Model, c.Country}
	if _, _, err := t.exec(`INSERT INTO charge (category, type, model, country) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, args...); err != nil {
		return nil, err
	}
	seq, err := t.number(`SELECT seq FROM charge WHERE category = ? AND type = ? AND model = ? AND country = ?`, args...)
	if err != nil {
		return nil, err
	}
	t.charges[*c] = seq
	return seq, nil
}

// firstCharge is the row of a charge that no status of its message told before; NULL for any other.
func (t *transaction) firstCharge(s *delivery.Status) (driver.Value, error) {
	charge, err := t.chargeOf(s.Charge)
	if charge == nil || err != nil {
		return nil, err
	}
	told, err := t.number(`SELECT EXISTS (SELECT 1 FROM status WHERE message_hash = ? AND message = ? AND charge IS NOT NULL)`,
		hashMessage(s.MessageID), packMessage(s.MessageID))
	if told != 0 {
		return nil, err
	}
	return charge, err
}

// countCharge counts a charge for the run that sent the message.
func (t *transaction) countCharge(run int64, charge driver.Value) error {
	if charge == nil {
		return nil
	}
	_, _, err := t.exec(`INSERT INTO run_charge (run, charge, n) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1`, run, charge)
	return err
}

// countWaiting counts what statuses told that waited for their delivery.
func (t *transaction) countWaiting(run int64, message string) error {
	var charge driver.Value
	err := t.query(context.Background(), `SELECT charge FROM status WHERE delivery IS NULL AND message_hash = ? AND message = ? AND charge IS NOT NULL`,
		func(v []driver.Value) error {
			charge = v[0]
			return nil
		}, hashMessage(message), packMessage(message))
	if err != nil {
		return err
	}
	return t.countCharge(run, charge)
}

// Charges returns how the messages of a run were charged; see engine.Reader.
func (l *Ledger) Charges(ctx context.Context, run string) (list []engine.Charged, err error) {
	err = l.readers.query(ctx, `SELECT c.category, c.type, c.model, c.country, n.n FROM run_charge n JOIN charge c ON c.seq = n.charge
		WHERE n.run = (SELECT seq FROM run WHERE id = ?) ORDER BY n.n DESC, c.category, c.type, c.country`,
		func(v []driver.Value) error {
			list = append(list, engine.Charged{
				Charge:   delivery.Charge{Category: asText(v[0]), Type: asText(v[1]), Model: asText(v[2]), Country: asText(v[3])},
				Messages: int(asInt(v[4])),
			})
			return nil
		}, run)
	if err != nil {
		return nil, fmt.Errorf("read what run %s was charged: %w", run, err)
	}
	return list, nil
}
