package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"

	"waybill/engine"
)

// checkBelow is the size up to which a file is checked whole after a sender that was killed.
const checkBelow = 256 << 20

// Check looks for damage all over the file, unless it is so large that this takes minutes: engine.ErrDamaged. It only reads.
func (l *Ledger) Check(ctx context.Context) error {
	return l.readers.use(func(c *connection) error { return quickCheck(ctx, c, l.path) })
}

// quickCheck looks for damage, in a file that is small enough not to keep the user waiting.
func quickCheck(ctx context.Context, c *connection, path string) error {
	found, err := os.Stat(path)
	if err != nil {
		return err
	}
	if found.Size() > checkBelow {
		return nil
	}
	return c.query(ctx, "PRAGMA quick_check(1)", func(row []driver.Value) error {
		if verdict := asText(row[0]); verdict != "ok" {
			return fmt.Errorf("%w: keep the file, nothing more is sent from it; restore a backup, or ask for help: %s",
				engine.ErrDamaged, verdict)
		}
		return nil
	})
}
