package postgres

import (
	"context"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// Settle writes down how an attempt ended; see engine.Dispatcher. While the database is away it waits, and gives engine.ErrBusy after
// some two minutes. engine.ErrNotFound: no such delivery or attempt.
func (l *Ledger) Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	o, err := l.settlement(a)
	if err != nil {
		return delivery.Delivery{}, err
	}
	o.after = &delivery.Delivery{}
	err = l.write(ctx, o)
	return *o.after, err
}

// SettleSoon writes down how an attempt ended and does not wait for it; see engine.Dispatcher.
func (l *Ledger) SettleSoon(a delivery.Attempt, then func(error)) {
	o, err := l.settlement(a)
	if err == nil {
		err = l.hand(o, then)
	}
	if err != nil {
		then(err)
	}
}

func (l *Ledger) settlement(a delivery.Attempt) (*settle, error) {
	a, err := a.AtItsEnd(l.now())
	return &settle{attempt: a}, err
}

type settle struct {
	attempt delivery.Attempt
	after   *delivery.Delivery // as it stands then; nil: nobody asks
}

func (o *settle) apply(t *transaction) error {
	a := &o.attempt
	l, err := t.byID(a.Delivery)
	if err != nil {
		return err
	}
	if l == nil || a.Number < 1 || a.Number > len(l.Attempts) {
		return fmt.Errorf("settle attempt %d of delivery %d: %w", a.Number, a.Delivery, engine.ErrNotFound)
	}
	*a = t.known.Attempt(*a, l.Recipient)
	if a.Result == delivery.ResultAccepted {
		if err := t.hear(l, a.Number, a.MessageID); err != nil {
			return err
		}
	}
	l.Settle(*a)
	if err := t.save(l); err != nil {
		return err
	}
	if g, granted := t.w.granted[l.ID]; granted && g.attempt == a.Number {
		t.answered[l.ID] = g.at
	}
	if o.after != nil {
		*o.after = l.Delivery()
	}
	return nil
}

// Resolve settles one delivery in doubt by the user's word; see engine.Recorder.
func (l *Ledger) Resolve(ctx context.Context, id delivery.ID, sent bool, by engine.Actor) (delivery.Delivery, error) {
	o := &resolve{id: id, sent: sent, by: by}
	err := l.write(ctx, o)
	return o.after, err
}

type resolve struct {
	id    delivery.ID
	sent  bool
	by    engine.Actor
	after delivery.Delivery
}

func (o *resolve) apply(t *transaction) error {
	l, err := t.byID(o.id)
	if err != nil {
		return err
	}
	if l == nil {
		return fmt.Errorf("resolve delivery %d: %w", o.id, engine.ErrNotFound)
	}
	if err := l.Resolve(o.sent, form.Named(o.by), t.now); err != nil {
		o.after = l.Delivery()
		return err
	}
	o.after = l.Delivery()
	return t.save(l)
}

// where gathers the conditions of a query and their arguments. A question mark in a condition is the next argument.
type where struct {
	conditions []string
	args       []any
}

// also adds a condition.
func (w *where) also(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// equal narrows to a text, unless it is empty.
func (w *where) equal(column, value string) {
	if value != "" {
		w.also(column+" = ?", putText(value))
	}
}

// among wants one of some values; none: any.
func (w *where) among(column string, values []string) {
	if len(values) > 0 {
		w.also(column+" = ANY(?::text[])", putAll(values))
	}
}

func (w *where) sql() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

func limit(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d", n)
}

// numbered writes the arguments of a query as PostgreSQL wants them: $1 for the first question mark.
func numbered(sql string) string {
	parts := strings.Split(sql, "?")
	var b strings.Builder
	for n, p := range parts {
		if n > 0 {
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteString(p)
	}
	return b.String()
}

// placeholders are so many arguments of a statement.
func placeholders(n int) string { return placeholdersFrom(0, n) }

// placeholdersFrom are so many arguments that follow others.
func placeholdersFrom(before, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("$%d", before+i+1)
	}
	return strings.Join(all, ", ")
}
