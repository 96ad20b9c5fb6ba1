package ledger

import (
	"context"
	"database/sql/driver"
	"time"

	"waybill/engine/delivery"
)

// record is a row of delivery: what it is, and its current attempt.
type record struct {
	delivery.Delivery // Answer is the attempt's; see failed

	step, run   int64
	result      delivery.Result // of the current attempt; 0 is unanswered
	last        bool            // its Attempt.Last
	resultAgain bool            // its Attempt.Again
	ended       time.Time       // its Attempt.Ended
	failed      bool            // it was accepted and failed later, and failure says why
	failure     delivery.Answer
	room        bool // keep room for an outcome
}

const (
	flagLast  = 1
	flagAgain = 2
)

// recordColumns are what scan reads, from delivery d with its step s and run r; deliveryColumns are those of d alone.
const (
	deliveryColumns = `d.id, d.step, d.item, d.run, d.recipient, d.digest, d.line, d.state, d.again, d.attempts,
	d.intended_at, d.result, d.result_flags, d.settled_ms, d.ended_ms, d.message, d.held_back, d.http, d.code, d.answer,
	d.trace, d.status_at, d.failure_code, d.failure`
	recordColumns = deliveryColumns + `, s.job, s.scope, s.path, r.id`
)

const recordFrom = ` FROM delivery d JOIN step s ON s.seq = d.step JOIN run r ON r.seq = d.run `

func (r *record) scan(v []driver.Value) {
	flags := asInt(v[12])
	*r = record{
		Delivery: delivery.Delivery{
			ID:        delivery.ID(asInt(v[0])),
			Key:       delivery.Key{Job: asText(v[24]), Scope: asText(v[25]), Step: asText(v[26]), Item: asText(v[2])},
			Run:       asText(v[27]),
			Recipient: unpackRecipient(v[4]),
			Digest:    delivery.Digest(asInt(v[5])), //nolint:gosec // 64 bits either way
			State:     delivery.State(asInt(v[7])),  //nolint:gosec // we wrote it
			Retryable: asInt(v[8]) != 0,
			Row:       int(asInt(v[6])),
			Attempts:  int(asInt(v[9])),
			MessageID: unpackMessage(v[15]),
			HeldBack:  asText(v[16]),
			Answer: delivery.Answer{
				Status: int(asInt(v[17])), Code: int(asInt(v[18])), Message: asText(v[19]), TraceID: asText(v[20]),
			},
			IntendedAt: asTime(v[10]),
			StatusAt:   asTime(v[21]),
		},
		step: asInt(v[1]), run: asInt(v[3]),
		result: delivery.Result(asInt(v[11])), //nolint:gosec // we wrote it
		last:   flags&flagLast != 0, resultAgain: flags&flagAgain != 0,
	}
	r.SettledAt = after(r.IntendedAt, v[13])
	r.ended = after(r.IntendedAt, v[14])
	if r.failed = v[22] != nil; r.failed {
		r.failure = delivery.Answer{Code: int(asInt(v[22])), Message: asText(v[23])}
	}
}

// delivery gives the row as callers see it: a later failure has the last word on the answer.
func (r *record) delivery() delivery.Delivery {
	d := r.Delivery
	if r.failed && r.State == delivery.Failed {
		d.Answer = r.failure
	}
	return d
}

func (r *record) flags() driver.Value {
	n := int64(0)
	if r.last {
		n |= flagLast
	}
	if r.resultAgain {
		n |= flagAgain
	}
	return n
}

// attempt gives the current attempt. message is the id that it was accepted with.
func (r *record) attempt(message string) delivery.Attempt {
	a := delivery.Attempt{
		Delivery: r.ID, Run: r.Run, Number: r.Attempts, At: r.IntendedAt, Ended: r.ended,
		Result: r.result, Last: r.last, Retryable: r.resultAgain, Answer: r.Answer,
	}
	if r.result == delivery.ResultAccepted {
		a.MessageID, a.HeldBack = message, r.HeldBack
	}
	return a
}

// one loads the delivery that a condition on d names; nil: there is none.
func (c *connection) one(where string, args ...driver.Value) (*record, error) {
	var r *record
	err := c.query(context.Background(), `SELECT `+recordColumns+recordFrom+where, func(row []driver.Value) error {
		r = new(record)
		r.scan(row)
		return nil
	}, args...)
	return r, err
}

func (c *connection) byID(id delivery.ID) (*record, error) {
	return c.one(`WHERE d.id = ?`, int64(id))
}

// byMessage looks in each block of the index; see delivery_message in the schema.
func (c *connection) byMessage(message string) (*record, error) {
	id, err := c.number(messageSQL, hashMessage(message), packMessage(message))
	if err != nil || id == 0 {
		return nil, err
	}
	return c.byID(delivery.ID(id))
}

const messageSQL = `WITH RECURSIVE block (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM block WHERE n < (SELECT max(id) >> 11 FROM delivery))
	SELECT d.id FROM block CROSS JOIN delivery d ON d.id >> 11 = block.n AND d.message_hash = ? AND d.message = ? LIMIT 1`

// save writes back what may change of a delivery.
func (t *transaction) save(r *record) error {
	var failureCode, failure driver.Value
	if r.failed {
		failureCode, failure = int64(r.failure.Code), orNull(r.failure.Message)
	}
	_, _, err := t.exec(`UPDATE delivery SET run = ?, recipient = ?, digest = ?, line = ?, state = ?, again = ?, attempts = ?,
		intended_at = ?, result = ?, result_flags = ?, settled_ms = ?, ended_ms = ?, message = ?, message_hash = ?,
		held_back = ?, http = ?, code = ?, answer = ?, trace = ?, status_at = ?, failure_code = ?, failure = ?, room = iif(?, zeroblob(64), NULL) WHERE id = ?`,
		r.run, packRecipient(r.Recipient), int64(r.Digest), int64(r.Row), int64(r.State), flag(r.Retryable), int64(r.Attempts), //nolint:gosec // 64 bits either way
		r.IntendedAt.UnixMilli(), int64(r.result), r.flags(), since(r.IntendedAt, r.SettledAt), since(r.IntendedAt, r.ended),
		packMessage(r.MessageID), hashMessage(r.MessageID),
		orNull(r.HeldBack), orNull(r.Answer.Status), orNull(r.Answer.Code), orNull(r.Answer.Message), orNull(r.Answer.TraceID),
		instant(r.StatusAt), failureCode, failure, flag(r.room), int64(r.ID))
	return err
}

// archive moves the current attempt to the table of those before it.
func (t *transaction) archive(r *record) error {
	message := r.MessageID
	if owner, err := t.attemptOf(r, message); err != nil {
		return err
	} else if owner != r.Attempts { // the delivery's id is an earlier attempt's: this one's own is a further one
		if message, err = t.doubleOf(r.ID, r.Attempts); err != nil {
			return err
		}
	}
	a := r.attempt(message)
	_, _, err := t.exec(`INSERT INTO attempt (delivery, number, run, intended_at, ended_ms, result, result_flags, message,
		message_hash, held_back, http, code, answer, trace) VALUES (`+placeholders(14)+`)`,
		int64(r.ID), int64(r.Attempts), r.run, r.IntendedAt.UnixMilli(), since(r.IntendedAt, r.ended), int64(r.result), r.flags(),
		packMessage(a.MessageID), hashMessage(a.MessageID), orNull(a.HeldBack), orNull(r.Answer.Status), orNull(r.Answer.Code),
		orNull(r.Answer.Message), orNull(r.Answer.TraceID))
	return err
}
