package ledger

import (
	"context"
	"database/sql/driver"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// loaded is a record as it came from the file, and what it takes to save it.
type loaded struct {
	delivery.Record
	run    int64              // the row of its current attempt's run
	single bool               // one attempt, and one message at most: the row tells all
	state  delivery.State     // as loaded, as is what follows
	former []delivery.Attempt // those before the current one
	older  int64              // run, before another request was made
	before []delivery.Outcome // by attempt
	known  int                // how many further messages there were
}

// one loads the delivery that a condition on d names; nil: there is none. Nearly always its row is all that there is of it.
func (c *connection) one(where string, args ...driver.Value) (*loaded, error) {
	var r *row
	doubles := false
	err := c.query(context.Background(), `SELECT `+recordColumns+`, EXISTS (SELECT 1 FROM double_accept x WHERE x.delivery = d.id)`+
		recordFrom+where, func(v []driver.Value) error {
		r = new(row)
		r.scan(v)
		doubles = asInt(v[32]) != 0
		return nil
	}, args...)
	if err != nil || r == nil {
		return nil, err
	}
	l := &loaded{Record: r.Record(), run: r.run, older: r.run, state: r.State, single: r.Attempts == 1 && !doubles}
	if !l.single {
		err = c.loadRest(l)
		l.before = form.Outcomes(&l.Record)
		return l, err
	}
	l.before = form.Outcomes(&l.Record)
	if r.MessageID != "" {
		if r.Attempt.Result == delivery.ResultAccepted {
			l.Attempts[0].MessageID = r.MessageID
		}
		if r.State.Reached() {
			l.Heard = map[string]delivery.Standing{r.MessageID: r.Standing()}
		}
	}
	return l, nil
}

// loadRest loads what the row does not tell: the attempts before the current one, further messages, and what became of each.
func (c *connection) loadRest(l *loaded) error {
	id, last := int64(l.ID), len(l.Attempts)
	var messages []string
	err := c.query(context.Background(), attemptSQL, func(v []driver.Value) error {
		a := scanAttempt(l.ID, v)
		if a.Number < last {
			l.Attempts[a.Number-1] = a
			messages = append(messages, a.MessageID)
		}
		return nil
	}, id)
	if err != nil {
		return err
	}
	l.former = append(l.former, l.Attempts[:last-1]...)
	err = c.query(context.Background(), `SELECT message, attempt, found_at FROM double_accept WHERE delivery = ? ORDER BY found_at`,
		func(v []driver.Value) error {
			f := delivery.Further{MessageID: unpackMessage(v[0]), Attempt: int(asInt(v[1])), FoundAt: asTime(v[2])}
			l.Further = append(l.Further, f)
			messages = append(messages, f.MessageID)
			return nil
		}, id)
	if err != nil {
		return err
	}
	l.known = len(l.Further)
	if c := &l.Attempts[last-1]; c.Result == delivery.ResultAccepted {
		c.MessageID = form.CurrentMessage(&l.Record)
	}
	l.Heard = make(map[string]delivery.Standing)
	for _, m := range append(messages, l.MessageID) {
		if m == "" {
			continue
		}
		if l.Heard[m], err = c.standingOf(m); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) byID(id delivery.ID) (*loaded, error) {
	return c.one(`WHERE d.id = ?`, int64(id))
}

// byMessage finds the delivery that was accepted with a message; nil: there is none. The first statement looks in each block of
// the index; see delivery_message in the schema.
func (c *connection) byMessage(message string) (*loaded, error) {
	hash, packed := hashMessage(message), packMessage(message)
	id, err := c.number(`WITH RECURSIVE
		block (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM block WHERE n < (SELECT max(id) >> 11 FROM delivery))
		SELECT d.id FROM block CROSS JOIN delivery d ON d.id >> 11 = block.n AND d.message_hash = ? AND d.message = ? LIMIT 1`,
		hash, packed)
	if err == nil && id == 0 {
		id, err = c.number(`SELECT delivery FROM attempt WHERE message_hash = ? AND message = ?
			UNION ALL SELECT delivery FROM double_accept WHERE message_hash = ? AND message = ? LIMIT 1`, hash, packed, hash, packed)
	}
	if err != nil || id == 0 {
		return nil, err
	}
	return c.byID(delivery.ID(id))
}

// standingOf merges all statuses of a message.
func (c *connection) standingOf(message string) (delivery.Standing, error) {
	var s delivery.Standing
	err := c.query(context.Background(), `SELECT state, at, again, http, code, answer, trace, cause FROM status
		WHERE message_hash = ? AND message = ?`, func(v []driver.Value) error {
		s = s.Merge(delivery.Standing{
			State: delivery.State(asInt(v[0])), At: asTime(v[1]), Retryable: asInt(v[2]) != 0, Cause: asCause(v[7]), //nolint:gosec // we wrote it
			Answer: delivery.Answer{Status: int(asInt(v[3])), Code: int(asInt(v[4])), Message: asText(v[5]), TraceID: asText(v[6])},
		})
		return nil
	}, hashMessage(message), packMessage(message))
	return s, err
}
