package delivery

import "time"

// Begin returns the record of a delivery that the ledger does not have, with its first request intended at a moment. heard is
// what came for it before: in a ledger restored from a backup the message was sent in the time that is lost. The error is then a
// *DecidedError, and the record is saved all the same.
func Begin(i Intent, at time.Time, heard ...Observation) (*Record, error) {
	r := &Record{Key: i.Key}
	r.open(i, at)
	for _, o := range heard {
		r.Observe(o)
	}
	if r.State == Intended {
		return r, nil
	}
	r.current().Awaited = false // nothing left this sender
	return r, &DecidedError{Delivery: r.Delivery()}
}

// Intend opens a further request for the delivery. A *DecidedError means that none may be made, and nothing changed.
func (r *Record) Intend(i Intent, at time.Time) error {
	if err := r.Decided(i); err != nil {
		return err
	}
	r.open(i, at)
	return nil
}

// Decided is the *DecidedError that Intend would return; nil: a further request may be made. It goes before what a ledger says of places:
// a row that is not sent anyway waits for none.
func (r *Record) Decided(i Intent) error {
	d := r.Delivery()
	if r.UnderWay() || i.Duplicates(d) || r.Key.Again > 0 && !i.Allowed.Again || !i.Allowed.Action(r.State, r.Retryable).Sends() {
		return &DecidedError{Delivery: d}
	}
	return nil
}

func (r *Record) open(i Intent, at time.Time) {
	r.Recipient, r.NumberID, r.Digest, r.Row = i.Recipient, i.NumberID, i.Digest, i.Row
	r.State, r.Retryable = Intended, false
	r.MessageID, r.Failure = "", nil
	r.SettledAt, r.StatusAt = time.Time{}, time.Time{}
	r.Attempts = append(r.Attempts, Attempt{Delivery: r.ID, Run: i.Run, Number: len(r.Attempts) + 1, At: at})
}

// TakeOver notes that the sender which made the last request is gone: its answer is awaited no more.
func (r *Record) TakeOver() {
	r.current().Awaited = false
	if r.State == Intended {
		r.State = InDoubt
	}
}
