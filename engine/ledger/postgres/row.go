package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// row is a row of the table delivery: what a delivery is, and its current attempt.
type row struct {
	form.Row

	step, run, owner int64 // the rows of its step, of its current attempt's run, and of the process that the attempt is allowed to
	business         int64 // the row of the number that it went by; 0: not known
	further          bool  // it was accepted with more than one message
	rest             *rest // what it does not tell; nil: it was not read
}

// deliveryColumns are what deliveryScanner reads, from delivery d.
const deliveryColumns = `d.id, d.step, d.item, d.run, d.owner, d.recipient, d.digest, d.line, d.state, coalesce(d.again, false), d.attempts, d.intended_at,
	d.result, d.result_flags, d.settled_ms, d.ended_ms, d.message, d.held_back, d.http, d.code, d.answer, d.trace, d.status_at,
	d.failure_code, d.failure, d.cause, d.failed_by, d.number, d.business`

// recordColumns are what rowScanner reads, from delivery d with its step s, its run r and its business number b.
const recordColumns = deliveryColumns + `, s.job, s.scope, s.path, r.id, coalesce(b.id, '')`

const recordFrom = ` FROM waybill.delivery d JOIN waybill.step s ON s.seq = d.step JOIN waybill.run r ON r.seq = d.run
	LEFT JOIN waybill.business_number b ON b.seq = d.business `

// rowScanner reads rows of recordColumns, one after another.
type rowScanner struct {
	deliveryScanner
	job, scope, path, runID, businessID text
}

func newRowScanner() *rowScanner {
	s := &rowScanner{deliveryScanner: *newDeliveryScanner()}
	s.into = append(s.columns(), &s.job, &s.scope, &s.path, &s.runID, &s.businessID)
	return s
}

func (s *rowScanner) scan(rows pgx.Rows) (*row, error) {
	r, err := s.deliveryScanner.scan(rows)
	if err == nil {
		r.name(stepName{string(s.job), string(s.scope), string(s.path)}, string(s.runID), string(s.businessID))
	}
	return r, err
}

// deliveryScanner reads rows of deliveryColumns, one after another: it has a place for each column, made once for all rows.
type deliveryScanner struct {
	id, step, run, owner, digest, line, state, attempts          num
	result, flags, http, code, cause, failedBy, number, business num
	item, recipient, held, answer, trace, failure                text
	intended, statusAt                                           moment
	settled, ended, failureCode                                  pgtype.Int8
	again                                                        bool
	message                                                      []byte

	into []any // the places, in the order of the columns
}

func newDeliveryScanner() *deliveryScanner {
	s := &deliveryScanner{}
	s.into = s.columns()
	return s
}

func (s *deliveryScanner) columns() []any {
	return []any{
		&s.id, &s.step, &s.item, &s.run, &s.owner, &s.recipient, &s.digest, &s.line, &s.state, &s.again, &s.attempts, &s.intended,
		&s.result, &s.flags, &s.settled, &s.ended, &s.message, &s.held, &s.http, &s.code, &s.answer, &s.trace, &s.statusAt,
		&s.failureCode, &s.failure, &s.cause, &s.failedBy, &s.number, &s.business,
	}
}

// scan reads one row. Its step, its run and its business number are to be named.
func (s *deliveryScanner) scan(rows pgx.Rows) (*row, error) {
	s.message = nil
	if err := rows.Scan(s.into...); err != nil {
		return nil, err
	}
	r := &row{step: int64(s.step), run: int64(s.run), owner: int64(s.owner), business: int64(s.business)}
	d := &r.Delivery
	d.ID, d.Recipient, d.Row, d.Attempts = delivery.ID(s.id), string(s.recipient), int(s.line), int(s.attempts)
	d.Key = delivery.Key{Item: string(s.item), Again: int(s.number) - 1}
	d.Digest, d.State, d.Cause = delivery.Digest(s.digest), delivery.State(s.state), delivery.Cause(s.cause) //nolint:gosec // we wrote them
	d.MessageID, d.HeldBack, d.Retryable = unpackMessage(s.message), string(s.held), s.again
	d.Answer = delivery.Answer{Status: int(s.http), Code: int(s.code), Message: string(s.answer), TraceID: string(s.trace)}
	d.IntendedAt, d.StatusAt = time.Time(s.intended), time.Time(s.statusAt)
	d.SettledAt = unsettled(d.IntendedAt, s.settled, s.ended)
	r.Attempt = delivery.Attempt{
		Delivery: d.ID, Number: d.Attempts, At: d.IntendedAt, Ended: after(d.IntendedAt, s.ended),
		Result: delivery.Result(s.result), HeldBack: d.HeldBack, Cause: d.Cause, //nolint:gosec // we wrote it
	}
	form.UnpackFlags(int64(s.flags), &r.Attempt)
	r.further = s.flags&form.FlagFurther != 0
	if r.Failed = s.failureCode.Valid; r.Failed {
		r.Failure = delivery.Answer{Code: int(s.failureCode.Int64), Message: string(s.failure)}
		r.FailedBy = delivery.Cause(s.failedBy) //nolint:gosec // we wrote it
	}
	return r, nil
}

// name says what the row's numbers stand for.
func (r *row) name(step stepName, run, business string) {
	d := &r.Delivery
	d.Key.Job, d.Key.Scope, d.Key.Step = step.job, step.scope, step.path
	d.Run, d.NumberID = run, business
}

// tellsAll says whether the row is all that there is of its delivery: one attempt, and one message at most.
func (r *row) tellsAll() bool { return r.Attempts == 1 && !r.further }

// attemptSQL reads attempts that were followed by others. A condition on a is to follow.
const attemptSQL = `SELECT a.delivery, a.number, r.id, a.intended_at, a.ended_ms, a.result, a.result_flags, a.message, a.held_back,
	a.http, a.code, a.answer, a.trace, a.cause FROM waybill.attempt a JOIN waybill.run r ON r.seq = a.run `

// scanAttempt reads one row of attemptSQL.
func scanAttempt(rows pgx.Rows) (delivery.Attempt, error) {
	var (
		id, number, result, flags, http, code, cause num
		run, held, answer, trace                     text
		at                                           moment
		ended                                        pgtype.Int8
		message                                      []byte
	)
	err := rows.Scan(&id, &number, &run, &at, &ended, &result, &flags, &message, &held, &http, &code, &answer, &trace, &cause)
	a := delivery.Attempt{
		Delivery: delivery.ID(id), Number: int(number), Run: string(run), At: time.Time(at), Ended: after(time.Time(at), ended),
		Result: delivery.Result(result), Cause: delivery.Cause(cause), MessageID: unpackMessage(message), HeldBack: string(held), //nolint:gosec // we wrote them
		Answer: delivery.Answer{Status: int(http), Code: int(code), Message: string(answer), TraceID: string(trace)},
	}
	form.UnpackFlags(int64(flags), &a)
	return a, err
}
