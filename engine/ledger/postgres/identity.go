package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// validateWrites leaves out the hosts of a URL that take no changes.
func validateWrites(ctx context.Context, c *pgconn.PgConn) error {
	return pgconn.ValidateConnectTargetSessionAttrsReadWrite(ctx, c)
}

// sameDatabase looks whether a connection leads to the ledger that was opened, in the database that it was in.
func (l *Ledger) sameDatabase(c *connection, _ *facts) error {
	var id text
	err := c.query(`SELECT id FROM waybill.ledger`, func(rows pgx.Rows) error { return rows.Scan(&id) })
	if err == nil && string(id) != l.id {
		err = fmt.Errorf("%w: another ledger is there now", errBehind)
	}
	return err
}

func (l *Ledger) keepWitness(int64) error { return nil }
