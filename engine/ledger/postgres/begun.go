package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Begin says that messages may be sent from the ledger; see engine.Keeper.
func (l *Ledger) Begin(ctx context.Context) error { return l.write(ctx, begin{}) }

type begin struct{}

func (begin) apply(t *transaction) error {
	_, err := t.exec(`UPDATE waybill.ledger SET begun_at = $1 WHERE begun_at IS NULL`, t.now.UnixMilli())
	return err
}

// Begun says whether that was said; see engine.Keeper.
func (l *Ledger) Begun(ctx context.Context) (begun bool, err error) {
	err = l.query(ctx, `SELECT begun_at IS NOT NULL FROM waybill.ledger`, func(rows pgx.Rows) error { return rows.Scan(&begun) })
	if err != nil {
		return false, fmt.Errorf("look whether the ledger was begun: %w", err)
	}
	return begun, nil
}
