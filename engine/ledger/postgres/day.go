package postgres

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
)

// checkDay refuses the intent of a template where as many people as may got one within the last day. Its transaction has the lock of the
// day from its beginning, before those of persons, so that no two wait for each other.
func (t *transaction) checkDay(i *delivery.Intent) error {
	person, err := t.onePerson(i.Recipient)
	if err != nil {
		return err
	}
	if t.day == nil {
		if err := t.readDay(); err != nil {
			return err
		}
	}
	if until := t.day.Until(person, i.Reach.PerDay, t.now); !until.IsZero() {
		return &engine.PlaceTakenError{PerDay: true, Until: until}
	}
	return nil
}

// meetToday notes whose template was intended.
func (t *transaction) meetToday(i *delivery.Intent) error {
	if t.day == nil {
		return nil
	}
	person, err := t.onePerson(i.Recipient)
	if err == nil {
		t.day.Meet(person, t.now)
	}
	return err
}

// noteTemplate notes that a step sends templates.
func (t *transaction) noteTemplate(i *delivery.Intent, step int64) error {
	if !i.Template || t.w.templates[step] {
		return nil
	}
	if _, err := t.exec(`UPDATE waybill.step SET template = true WHERE seq = $1 AND NOT template`, step); err != nil {
		return err
	}
	t.after = append(t.after, func() { t.w.templates[step] = true })
	return nil
}

// onePerson is the id under which a person counts.
func (t *transaction) onePerson(id string) (string, error) {
	ids, err := t.person(id)
	if err != nil {
		return "", err
	}
	return slices.Min(ids), nil
}

// readDay reads who got a template within the last day: once a group, for others may have sent since the last.
func (t *transaction) readDay() error {
	var had []engine.Reached
	err := t.query(reachedColumns+reachedFrom+` AND s.template AND d.intended_at >= $1`, func(rows pgx.Rows) error {
		r, err := scanReached(rows)
		had = append(had, r)
		return err
	}, t.now.Add(-delivery.Day).UnixMilli())
	if err != nil {
		return err
	}
	paired, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM waybill.pair WHERE ended_at IS NULL LIMIT 1) p`)
	if err != nil {
		return err
	}
	l, err := t.links()
	if err != nil {
		return err
	}
	for k := range had {
		if paired == 0 && !l.moved {
			break // everybody has one id
		}
		r := &had[k]
		if l.moved {
			r.Recipient, err = audience.IDSince(r.Recipient, r.At, l)
		}
		if err == nil {
			r.Recipient, err = t.onePerson(r.Recipient)
		}
		if err != nil {
			return err
		}
	}
	t.day = delivery.NewPeople(func(yield func(string, time.Time) bool) {
		for _, r := range had {
			if !yield(r.Recipient, r.At) {
				return
			}
		}
	})
	return nil
}
