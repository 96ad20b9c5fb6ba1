package ledger

import (
	"database/sql/driver"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// row is a row of the table delivery: what a delivery is, and its current attempt.
type row struct {
	form.Row

	step, run int64 // the rows of its step and of its current attempt's run
}

// recordColumns are what scan reads, from delivery d with its step s and run r; deliveryColumns are those of d alone.
const (
	deliveryColumns = `d.id, d.step, d.item, d.run, d.recipient, d.digest, d.line, d.state, d.again, d.attempts,
	d.intended_at, d.result, d.result_flags, d.settled_ms, d.ended_ms, d.message, d.held_back, d.http, d.code, d.answer,
	d.trace, d.status_at, d.failure_code, d.failure, d.cause, d.failed_by, d.number,
	(SELECT b.id FROM business_number b WHERE b.seq = d.business)`
	recordColumns = deliveryColumns + `, s.job, s.scope, s.path, r.id`
)

const recordFrom = ` FROM delivery d JOIN step s ON s.seq = d.step JOIN run r ON r.seq = d.run `

func (r *row) scan(v []driver.Value) {
	*r = row{
		Row: form.Row{Delivery: delivery.Delivery{
			ID:        delivery.ID(asInt(v[0])),
			Key:       delivery.Key{Job: asText(v[28]), Scope: asText(v[29]), Step: asText(v[30]), Item: asText(v[2]), Again: int(asInt(v[26])) - 1},
			Run:       asText(v[31]),
			Recipient: unpackRecipient(v[4]),
			NumberID:  asText(v[27]),
			Digest:    unpackDigest(v[5]),
			State:     delivery.State(asInt(v[7])), //nolint:gosec // we wrote it
			Retryable: asInt(v[8]) != 0,
			Row:       int(asInt(v[6])),
			Attempts:  int(asInt(v[9])),
			MessageID: unpackMessage(v[15]),
			HeldBack:  asText(v[16]),
			Cause:     asCause(v[24]),
			Answer: delivery.Answer{
				Status: int(asInt(v[17])), Code: int(asInt(v[18])), Message: asText(v[19]), TraceID: asText(v[20]),
			},
			IntendedAt: asTime(v[10]),
			StatusAt:   asTime(v[21]),
		}},
		step: asInt(v[1]), run: asInt(v[3]),
	}
	r.SettledAt = after(r.IntendedAt, v[13])
	r.Attempt = delivery.Attempt{
		Delivery: r.ID, Number: r.Attempts, At: r.IntendedAt, Ended: after(r.IntendedAt, v[14]),
		Result: delivery.Result(asInt(v[11])), HeldBack: r.HeldBack, Cause: r.Cause, //nolint:gosec // we wrote it
	}
	form.UnpackFlags(asInt(v[12]), &r.Attempt)
	if r.Failed = v[22] != nil; r.Failed {
		r.Failure, r.FailedBy = delivery.Answer{Code: int(asInt(v[22])), Message: asText(v[23])}, asCause(v[25])
	}
}

// scanAttempt reads the columns of attemptColumns.
func scanAttempt(id delivery.ID, v []driver.Value) delivery.Attempt {
	a := delivery.Attempt{
		Delivery: id, Number: int(asInt(v[0])), Run: asText(v[1]), At: asTime(v[2]),
		Result:    delivery.Result(asInt(v[4])), //nolint:gosec // we wrote it
		Cause:     asCause(v[12]),
		MessageID: unpackMessage(v[6]), HeldBack: asText(v[7]),
		Answer: delivery.Answer{Status: int(asInt(v[8])), Code: int(asInt(v[9])), Message: asText(v[10]), TraceID: asText(v[11])},
	}
	a.Ended = after(a.At, v[3])
	form.UnpackFlags(asInt(v[5]), &a)
	return a
}

// attemptSQL reads the attempts of a delivery before the current one.
const attemptSQL = `SELECT a.number, r.id, a.intended_at, a.ended_ms, a.result, a.result_flags, a.message, a.held_back,
	a.http, a.code, a.answer, a.trace, a.cause FROM attempt a JOIN run r ON r.seq = a.run WHERE a.delivery = ?`
