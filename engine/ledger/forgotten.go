package ledger

import (
	"context"
	"database/sql/driver"
	"sync/atomic"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/erase"
	"waybill/engine/ledger/internal/form"
)

// forgotten is who was forgotten, as this process knows it.
type forgotten struct {
	now atomic.Pointer[form.Forgotten]
}

func (f *forgotten) set(known *form.Forgotten) { f.now.Store(known) }

func (f *forgotten) get() *form.Forgotten { return f.now.Load() }

// renew takes in what other processes forgot.
func (f *forgotten) renew(ctx context.Context, c *connection) (*form.Forgotten, error) {
	known, err := c.forgottenSince(ctx, f.get())
	if err == nil && known != f.get() {
		f.set(known)
	}
	return known, err
}

// forgottenSince returns what is known with the digests that the file has more.
func (c *connection) forgottenSince(ctx context.Context, known *form.Forgotten) (*form.Forgotten, error) {
	newest, codes := known.Newest, []string(nil)
	err := c.query(ctx, `SELECT seq, code FROM forgotten WHERE seq > ? ORDER BY seq`, func(v []driver.Value) error {
		newest = asInt(v[0])
		codes = append(codes, asText(v[1]))
		return nil
	}, known.Newest)
	if err != nil || len(codes) == 0 {
		return known, err
	}
	return known.With(newest, codes...), nil
}

// whoIs is who was forgotten as of now, for a reader.
func (l *Ledger) whoIs(ctx context.Context) (known *form.Forgotten, err error) {
	err = l.readers.use(func(c *connection) error {
		known, err = l.known.renew(ctx, c)
		return err
	})
	return known, err
}

// Known returns an id of a person as the ledger has it; see engine.Aliases.
func (l *Ledger) Known(id string) string { return l.known.get().Person(id) }

// KnownKey returns a key as the ledger has it; see engine.Aliases.
func (l *Ledger) KnownKey(k delivery.Key) delivery.Key { return l.known.get().Key(k) }

// remember keeps digests of ids that turned out to be of somebody who was forgotten.
func (t *transaction) remember(codes []string) error {
	if len(codes) == 0 {
		return nil
	}
	err := erase.RememberHeard(tables{t}, codes)
	if err == nil {
		t.known, err = t.forgottenSince(context.Background(), t.known)
	}
	return err
}

// isOurs says whether the ledger has a message that stands under a digest.
func (t *transaction) isOurs(message string) (bool, error) {
	l, err := t.byMessage(message)
	return l != nil, err
}

// genuine says whether this ledger made a callback for a delivery: also before its key became a digest.
func (t *transaction) genuine(c form.Callback, l *loaded) (bool, error) {
	if t.ledger.keys.Genuine(c, l.Key.Hash()) {
		return true, nil
	}
	if t.known.Nobody() {
		return false, nil
	}
	code, err := t.text(`SELECT code FROM forgotten_callback WHERE delivery = ? AND attempt = ?`, int64(c.Delivery), int64(c.Attempt))
	return code != "" && form.SameCode(code, c.Code), err
}
