package postgres

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// checkReach refuses an intent for which there is no place. It and the intent are of one transaction, which has the locks of the person's
// ids, or of the day: of several processes that would take a place, each sees what the one before intended.
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
	l, err := t.links()
	if err != nil {
		return err
	}
	held, err := audience.History(i.Recipient, l)
	if err != nil {
		return err
	}
	ids := audience.AllIDs(held)
	if err := t.lockPersons(ids[1:]); err != nil { // the first has its lock from the beginning of the group
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
	err = t.query(reachedColumns+reachedFrom+` AND d.recipient = ANY($1::text[]) AND d.intended_at >= $2 ORDER BY d.intended_at`,
		func(rows pgx.Rows) error {
			r, err := scanReached(rows)
			if err != nil || !audience.Reaches(held, r.Recipient, r.At) {
				return err
			}
			return places.Count(r)
		}, putAll(ids), places.Since().UnixMilli())
	if err != nil {
		return err
	}
	return places.Free()
}

// checkWriter refuses an intent to a person, who has and had these ids, to whom another of its numbers wrote first.
func (t *transaction) checkWriter(i *delivery.Intent, held []engine.Held) error {
	first := ""
	err := t.query(reachedColumns+reachedFrom+` AND d.recipient = ANY($1::text[])
		AND d.business IN (SELECT seq FROM waybill.business_number WHERE id = ANY($2::text[])) ORDER BY d.id`, func(rows pgx.Rows) error {
		r, err := scanReached(rows)
		if first == "" && audience.Reaches(held, r.Recipient, r.At) {
			first = r.NumberID
		}
		return err
	}, putAll(audience.AllIDs(held)), putAll(i.Writers))
	if err == nil && first != "" && first != i.NumberID {
		err = &engine.OtherNumberError{NumberID: first}
	}
	return err
}

// lockPersons takes the locks of further ids of a person.
func (t *transaction) lockPersons(ids []string) error {
	hashes := make([]int32, len(ids))
	for n, id := range ids {
		hashes[n] = form.MessageHash(id)
	}
	slices.Sort(hashes)
	for _, h := range hashes {
		if _, err := t.exec(`SELECT pg_advisory_xact_lock($1::int, $2::int)`, lockPerson, h); err != nil {
			return err
		}
	}
	return nil
}

// indexRecipients makes the index by which a person's messages are found. Only a ledger of jobs that bound how often a person is
// messaged has it: it costs each message some room.
func (t *transaction) indexRecipients() error {
	if t.w.recipients {
		return nil
	}
	found, err := t.number(`SELECT count(*) FROM pg_class WHERE oid = to_regclass('waybill.delivery_recipient')`)
	if err == nil && found == 0 {
		_, err = t.exec(`CREATE INDEX IF NOT EXISTS delivery_recipient ON waybill.delivery (recipient)`)
	}
	if err == nil {
		t.after = append(t.after, func() { t.w.recipients = true })
	}
	return err
}

const (
	reachedColumns = `SELECT d.id, s.job, s.scope, s.path, d.item, d.recipient, d.line, d.intended_at, s.template,
		coalesce((SELECT b.id FROM waybill.business_number b WHERE b.seq = d.business), '')`
	reachedFrom = ` FROM waybill.delivery d JOIN waybill.step s ON s.seq = d.step JOIN waybill.run r ON r.seq = d.run
		WHERE d.state IN (2, 3, 5, 6, 7, 8, 9) AND r.asked::json ->> 'testTo' IS NULL` // see State.CountsForReach
)

func scanReached(rows pgx.Rows) (r engine.Reached, err error) {
	var id, line num
	var job, scope, path, item, recipient, business text
	var at moment
	var template bool
	err = rows.Scan(&id, &job, &scope, &path, &item, &recipient, &line, &at, &template, &business)
	return engine.Reached{
		ID: delivery.ID(id), Key: delivery.Key{Job: string(job), Scope: string(scope), Step: string(path), Item: string(item)},
		Recipient: string(recipient), NumberID: string(business), Row: int(line), At: at.time(), Template: template,
	}, err
}

// Reached yields what counts for how often people were messaged; see engine.Persons.
func (l *Ledger) Reached(ctx context.Context, f engine.ReachFilter) iter.Seq2[engine.Reached, error] {
	var w where
	w.equal("s.job", f.Job)
	w.equal("s.scope", f.Scope)
	w.equal("s.path", f.Step)
	if !f.Since.IsZero() {
		w.also(`d.intended_at >= ?`, f.Since.UnixMilli())
	}
	if len(f.NumberIDs) > 0 {
		w.also(`d.business IN (SELECT seq FROM waybill.business_number WHERE id = ANY(?::text[]))`, putAll(f.NumberIDs))
	}
	if f.Templates {
		w.also(`s.template`)
	}
	also := strings.Join(append([]string{""}, w.conditions...), " AND ")
	return stream(ctx, l, reachedColumns+reachedFrom+also+` ORDER BY d.id`, scanReached, w.args)
}
