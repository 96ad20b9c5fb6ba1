package ledger

import (
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
)

// dayPeople are the people who got a template within a day, as the writer remembers them where a job bounds how many they are. It knows
// every intent of this process, and no other process intends anything while this one has the Lock; so it has everybody who counts, and
// perhaps somebody who counts no more: then it is read again before anybody is refused.
type dayPeople struct {
	people *delivery.People // nil: not read
	readAt time.Time
	stale  bool // an attempt failed since, and its person may count no more
}

// readAgain is how old what was read may be when somebody is refused by it: another process may have settled something.
const readAgain = time.Second

func (d *dayPeople) forget() { *d = dayPeople{} }

// checkDay refuses the intent of a template where as many people as may got one within the last day. It and the intent are of one
// transaction.
func (t *transaction) checkDay(i *delivery.Intent) error {
	person, err := t.onePerson(i.Recipient)
	if err != nil {
		return err
	}
	if t.day.people == nil {
		if err := t.readDay(); err != nil {
			return err
		}
	}
	until := t.day.people.Until(person, i.Reach.PerDay, t.now)
	if !until.IsZero() && (t.day.stale || t.now.Sub(t.day.readAt).Abs() > readAgain) {
		if err := t.readDay(); err != nil {
			return err
		}
		until = t.day.people.Until(person, i.Reach.PerDay, t.now)
	}
	if until.IsZero() {
		return nil
	}
	return &engine.PlaceTakenError{PerDay: true, Until: until}
}

// meetToday notes whose template was intended.
func (t *transaction) meetToday(i *delivery.Intent) error {
	if t.day.people == nil {
		return nil
	}
	person, err := t.onePerson(i.Recipient)
	if err == nil {
		t.day.people.Meet(person, t.now)
	}
	return err
}

// noteTemplate notes that a step sends templates.
func (t *transaction) noteTemplate(i *delivery.Intent, step int64) error {
	if !i.Template || t.templates[step] {
		return nil
	}
	if _, _, err := t.exec(`UPDATE step SET template = 1 WHERE seq = ? AND template = 0`, step); err != nil {
		return err
	}
	t.templates[step] = true
	return nil
}

// onePerson is the id under which a person counts.
func (t *transaction) onePerson(id string) (string, error) {
	ids, err := t.person(context.Background(), id)
	if err != nil {
		return "", err
	}
	return slices.Min(ids), nil
}

// readDay reads who got a template within the last day.
func (t *transaction) readDay() error {
	var had []engine.Reached
	since := t.now.Add(-delivery.Day)
	err := t.query(context.Background(), reachedColumns+reachedFrom+` AND s.template = 1 AND d.intended_at >= ? AND `+notOverBefore,
		func(v []driver.Value) error {
			had = append(had, scanReached(v))
			return nil
		}, since.UnixMilli(), since.Add(-delivery.Day).UnixMilli())
	if err != nil {
		return err
	}
	paired, err := t.number(`SELECT EXISTS (SELECT 1 FROM pair WHERE ended_at IS NULL) OR EXISTS (SELECT 1 FROM moved)`)
	if err != nil {
		return err
	}
	for k := range had {
		if paired == 0 {
			break // everybody has one id
		}
		r := &had[k]
		if r.Recipient, err = audience.IDSince(r.Recipient, r.At, t.links()); err == nil {
			r.Recipient, err = t.onePerson(r.Recipient)
		}
		if err != nil {
			return err
		}
	}
	t.day = dayPeople{readAt: t.now, people: delivery.NewPeople(func(yield func(string, time.Time) bool) {
		for _, r := range had {
			if !yield(r.Recipient, r.At) {
				return
			}
		}
	})}
	return nil
}
