package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/erase"
	"waybill/engine/ledger/internal/form"
)

// forgotten is who was forgotten, as this process knows it. Nobody is forgotten while anybody sends, so a sender knows it for sure; each
// group that goes the slow way looks, as does a reader who has not for a while.
type forgotten struct {
	now    atomic.Pointer[form.Forgotten]
	readAt atomic.Pointer[time.Time]
}

// lookForForgotten is how old what a reader knows may be.
const lookForForgotten = time.Second

const forgottenSQL = `SELECT seq, code FROM waybill.forgotten WHERE seq > $1 ORDER BY seq`

// forgottenSince returns what is known with the digests that the ledger has more.
func forgottenSince(known *form.Forgotten, query func(sql string, each func(pgx.Rows) error, args ...any) error) (*form.Forgotten, error) {
	newest, codes := num(known.Newest), []string(nil)
	err := query(forgottenSQL, func(rows pgx.Rows) error {
		var code text
		err := rows.Scan(&newest, &code)
		codes = append(codes, string(code))
		return err
	}, known.Newest)
	if err != nil || len(codes) == 0 {
		return known, err
	}
	return known.With(int64(newest), codes...), nil
}

// whoIs is who was forgotten, for a reader.
func (l *Ledger) whoIs(ctx context.Context) (*form.Forgotten, error) {
	known, now := l.known.now.Load(), l.now()
	if at := l.known.readAt.Load(); at != nil && now.Sub(*at).Abs() < lookForForgotten {
		return known, nil
	}
	more, err := forgottenSince(known, func(sql string, each func(pgx.Rows) error, args ...any) error {
		return l.query(ctx, sql, each, args...)
	})
	if err == nil {
		l.known.now.CompareAndSwap(known, more)
		l.known.readAt.Store(&now)
	}
	return more, err
}

// Known returns an id of a person as the ledger has it; see engine.Aliases.
func (l *Ledger) Known(id string) string { return l.known.now.Load().Person(id) }

// KnownKey returns a key as the ledger has it; see engine.Aliases.
func (l *Ledger) KnownKey(k delivery.Key) delivery.Key { return l.known.now.Load().Key(k) }

// remember keeps digests of ids that turned out to be of somebody who was forgotten.
func (t *transaction) remember(codes []string) error {
	if len(codes) == 0 {
		return nil
	}
	err := erase.RememberHeard(tables{t}, codes)
	if err == nil {
		t.known, err = forgottenSince(t.known, t.query)
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
	if t.w.l.keys.Genuine(c, l.Key.Hash()) {
		return true, nil
	}
	if t.known.Nobody() {
		return false, nil
	}
	genuine := false
	err := t.query(`SELECT code FROM waybill.forgotten_callback WHERE delivery = $1 AND attempt = $2`, func(rows pgx.Rows) error {
		var code text
		err := rows.Scan(&code)
		genuine = form.SameCode(string(code), c.Code)
		return err
	}, int64(c.Delivery), c.Attempt)
	return genuine, err
}
