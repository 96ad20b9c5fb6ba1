package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// loaded is a record as it came from the database, its row locked until the transaction ends, and what it takes to save it.
type loaded struct {
	delivery.Record
	run    int64              // the row of its current attempt's run
	owner  int64              // the process that its current attempt was allowed to
	single bool               // one attempt, and one message at most: the row tells all
	state  delivery.State     // as loaded, as is what follows
	former []delivery.Attempt // those before the current one
	last   outcome            // of the current one
	older  int64              // run, before another request was made
	before []delivery.Outcome // by attempt
	known  int                // how many further messages there were
}

// outcome is what of a delivery a status changes only where it is the first to tell how the current attempt ended.
type outcome struct {
	attempt   delivery.Attempt
	message   string
	settledAt time.Time
}

func outcomeOf(r *delivery.Record) outcome {
	return outcome{r.Attempts[len(r.Attempts)-1], r.MessageID, r.SettledAt}
}

// one loads the delivery that a condition on d names, and locks its row; nil: there is none. What lies in other tables is read after
// the lock is had, by statements that see what was committed before it.
func (t *transaction) one(where string, args ...any) (*loaded, error) {
	var r *row
	err := t.query(`SELECT `+recordColumns+recordFrom+where+` FOR UPDATE OF d`, func(rows pgx.Rows) (err error) {
		r, err = newRowScanner().scan(rows)
		return err
	}, args...)
	if err != nil || r == nil {
		return nil, err
	}
	return t.recordOf(r)
}

// recordOf makes a record of a row that is locked. What the row does not tell is read.
func (t *transaction) recordOf(r *row) (l *loaded, err error) {
	l = &loaded{
		Record: r.Record(), run: r.run, older: r.run, owner: r.owner, state: r.State, single: r.tellsAll(),
	}
	if !l.single {
		err = t.loadRest(l, r.rest)
		l.before, l.last = form.Outcomes(&l.Record), outcomeOf(&l.Record)
		return l, err
	}
	if r.MessageID != "" {
		if r.Attempt.Result == delivery.ResultAccepted {
			l.Attempts[0].MessageID = r.MessageID
		}
		if r.State.Reached() {
			l.Heard = map[string]delivery.Standing{r.MessageID: r.Standing()}
		}
	}
	l.before, l.last = form.Outcomes(&l.Record), outcomeOf(&l.Record)
	return l, nil
}

// rest is what the row of a delivery does not tell.
type rest struct {
	former  []delivery.Attempt // attempts; of the current one the row tells more
	further []delivery.Further
}

// queueRests reads the rests of deliveries.
func queueRests(b *pgx.Batch, ids []int64, into map[delivery.ID]*rest) {
	if len(ids) == 0 {
		return
	}
	b.Queue(attemptSQL+`WHERE a.delivery = ANY($1::int8[])`, ids).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			a, err := scanAttempt(rows)
			if r := into[a.Delivery]; err == nil {
				r.former = append(r.former, a)
			}
			return err
		})
	})
	b.Queue(`SELECT delivery, message, attempt, found_at FROM waybill.double_accept WHERE delivery = ANY($1::int8[]) ORDER BY found_at`,
		ids).Query(func(rows pgx.Rows) error {
		return ofRows(rows, func(rows pgx.Rows) error {
			var message []byte
			var id, attempt num
			var found moment
			err := rows.Scan(&id, &message, &attempt, &found)
			if r := into[delivery.ID(id)]; err == nil {
				r.further = append(r.further, delivery.Further{MessageID: unpackMessage(message), Attempt: int(attempt), FoundAt: found.time()})
			}
			return err
		})
	})
}

// loadRest loads what the row does not tell: the attempts before the current one, further messages, and what became of each. r is what of it
// was read before; nil: nothing.
func (c *connection) loadRest(l *loaded, r *rest) error {
	if r == nil {
		r = &rest{}
		b := &pgx.Batch{}
		queueRests(b, []int64{int64(l.ID)}, map[delivery.ID]*rest{l.ID: r})
		if err := c.ask(b); err != nil {
			return err
		}
	}
	last := len(l.Attempts)
	var messages []string
	for _, a := range r.former {
		if a.Number < last {
			l.Attempts[a.Number-1] = a
			messages = append(messages, a.MessageID)
		}
	}
	l.former = append(l.former, l.Attempts[:last-1]...)
	l.Further = r.further
	for _, f := range r.further {
		messages = append(messages, f.MessageID)
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
		var err error
		if l.Heard[m], err = c.standingOf(m); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) byID(id delivery.ID) (*loaded, error) {
	if l := t.writes.moved[id]; l != nil {
		return l, nil
	}
	if r := t.ahead.take(id); r != nil {
		return t.recordOf(r)
	}
	return t.one(`WHERE d.id = $1`, int64(id))
}

// byMessage finds the delivery that was accepted with a message; nil: there is none.
func (t *transaction) byMessage(message string) (*loaded, error) {
	id, err := t.number(`SELECT id FROM waybill.delivery WHERE message_hash = $1 AND message = $2
		UNION ALL SELECT id FROM waybill.delivery WHERE waybill.number_end(recipient) = $3 AND message_hash IS NULL AND message = $2
		UNION ALL SELECT delivery FROM waybill.attempt WHERE message_hash = $1 AND message = $2
		UNION ALL SELECT delivery FROM waybill.double_accept WHERE message_hash = $1 AND message = $2 LIMIT 1`,
		hashMessage(message), packMessage(message), endOfNumber(message))
	if err != nil || id == 0 {
		return nil, err
	}
	return t.byID(delivery.ID(id))
}

// standingOf merges all statuses of a message.
func (c *connection) standingOf(message string) (delivery.Standing, error) {
	var s delivery.Standing
	err := c.query(`SELECT state, at, again, http, code, answer, trace, cause FROM waybill.status
		WHERE message_hash = $1 AND message = $2`, func(rows pgx.Rows) error {
		var state, http, code, cause num
		var at moment
		var again bool
		var answer, trace text
		if err := rows.Scan(&state, &at, &again, &http, &code, &answer, &trace, &cause); err != nil {
			return err
		}
		s = s.Merge(delivery.Standing{
			State: delivery.State(state), At: at.time(), Retryable: again, Cause: delivery.Cause(cause), //nolint:gosec // we wrote them
			Answer: delivery.Answer{Status: int(http), Code: int(code), Message: string(answer), TraceID: string(trace)},
		})
		return nil
	}, hashMessage(message), packMessage(message))
	return s, err
}
