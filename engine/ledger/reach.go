package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"iter"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
)

// checkReach refuses an intent for which there is no place. It and the intent are of one transaction.
func (t *transaction) checkReach(i *delivery.Intent) error {
	if i.AsksOfPerson() {
		if err := t.checkPerson(i); err != nil {
			return err
		}
	}
	if i.Template && i.Reach.PerDay > 0 {
		return t.checkDay(i)
	}
	return nil
}

// checkPerson refuses an intent whose person had as many messages as they may have, or whom another number wrote to first.
func (t *transaction) checkPerson(i *delivery.Intent) error {
	if err := t.indexRecipients(); err != nil {
		return err
	}
	held, err := audience.History(i.Recipient, t.links())
	if err != nil {
		return err
	}
	if len(i.Writers) > 0 {
		if err := t.checkWriter(i, held); err != nil {
			return err
		}
	}
	if !i.Reach.BoundsPerson() {
		return nil
	}
	places := engine.ReachOfPerson(i, t.now)
	ids := audience.AllIDs(held)
	err = t.query(context.Background(), reachedColumns+reachedFrom+` AND d.recipient IN (`+placeholders(len(ids))+`)
		AND d.intended_at >= ? ORDER BY d.intended_at`,
		func(v []driver.Value) error {
			r := scanReached(v)
			if !audience.Reaches(held, r.Recipient, r.At) {
				return nil
			}
			return places.Count(r)
		}, append(packAll(ids), places.Since().UnixMilli())...)
	if err != nil {
		return err
	}
	return places.Free()
}

// checkWriter refuses an intent to a person, who has and had these ids, to whom another of its numbers wrote first.
func (t *transaction) checkWriter(i *delivery.Intent, held []engine.Held) error {
	ids := audience.AllIDs(held)
	args := packAll(ids)
	for _, id := range i.Writers {
		args = append(args, id)
	}
	first := ""
	err := t.query(context.Background(), reachedColumns+reachedFrom+` AND d.recipient IN (`+placeholders(len(ids))+`)
		AND d.business IN (SELECT seq FROM business_number WHERE id IN (`+placeholders(len(i.Writers))+`)) ORDER BY d.id`,
		func(v []driver.Value) error {
			r := scanReached(v)
			if !audience.Reaches(held, r.Recipient, r.At) {
				return nil
			}
			first = r.NumberID
			return errEnough
		}, args...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && first != "" && first != i.NumberID {
		err = &engine.OtherNumberError{NumberID: first}
	}
	return err
}

// indexRecipients makes the index by which a person's messages are found. Only a ledger of jobs that bound how often a person is
// messaged has it: to keep it costs a page a message.
func (t *transaction) indexRecipients() error {
	if t.recipients {
		return nil
	}
	if err := t.script(`CREATE INDEX IF NOT EXISTS delivery_recipient ON delivery (recipient)`); err != nil {
		return err
	}
	t.recipients = true
	return nil
}

const (
	reachedColumns = `SELECT d.id, s.job, s.scope, s.path, d.item, d.recipient, d.line, d.intended_at, s.template,
		(SELECT b.id FROM business_number b WHERE b.seq = d.business)`
	reachedFrom = ` FROM delivery d JOIN step s ON s.seq = d.step JOIN run r ON r.seq = d.run
		WHERE d.state IN (2, 3, 5, 6, 7, 8, 9) AND json_extract(r.asked, '$.testTo') IS NULL` // see State.CountsForReach
)

// notOverBefore finds deliveries of late by the index of their runs: no run intends anything after its end. The clock may have been set
// back in between, so a day is given to it.
const notOverBefore = `d.run IN (SELECT seq FROM run WHERE finished_at IS NULL OR finished_at >= ?)`

func scanReached(v []driver.Value) engine.Reached {
	return engine.Reached{
		ID: delivery.ID(asInt(v[0])), Key: delivery.Key{Job: asText(v[1]), Scope: asText(v[2]), Step: asText(v[3]), Item: asText(v[4])},
		Recipient: unpackRecipient(v[5]), Row: int(asInt(v[6])), At: asTime(v[7]), Template: asInt(v[8]) != 0,
		NumberID: asText(v[9]),
	}
}

func packAll(ids []string) []driver.Value {
	out := make([]driver.Value, len(ids))
	for i, id := range ids {
		out[i] = packRecipient(id)
	}
	return out
}

// Reached yields what counts for how often people were messaged; see engine.Persons.
func (l *Ledger) Reached(ctx context.Context, f engine.ReachFilter) iter.Seq2[engine.Reached, error] {
	var w where
	w.equal("s.job", f.Job)
	w.equal("s.scope", f.Scope)
	w.equal("s.path", f.Step)
	if !f.Since.IsZero() {
		w.also(`d.intended_at >= ?`, f.Since.UnixMilli())
		w.also(notOverBefore, f.Since.Add(-delivery.Day).UnixMilli())
	}
	if len(f.NumberIDs) > 0 {
		ids := make([]driver.Value, len(f.NumberIDs))
		for i, id := range f.NumberIDs {
			ids[i] = id
		}
		w.also(`d.business IN (SELECT seq FROM business_number WHERE id IN (`+placeholders(len(ids))+`))`, ids...)
	}
	if f.Templates {
		w.also(`s.template = 1`)
	}
	also := strings.Join(append([]string{""}, w.conditions...), " AND ")
	return stream(ctx, l.readers, reachedColumns+reachedFrom+also+` ORDER BY d.id`,
		func(v []driver.Value) (engine.Reached, error) { return scanReached(v), nil }, w.args)
}
