package ledger

import (
	"context"
	"fmt"
)

// Begin says that messages may be sent from the ledger; see engine.Keeper.
func (l *Ledger) Begin(ctx context.Context) error { return l.write(ctx, begin{}) }

type begin struct{}

func (begin) apply(t *transaction) error {
	_, _, err := t.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, metaBegun, t.now.UnixMilli())
	return err
}

// Begun says whether that was said; see engine.Keeper.
func (l *Ledger) Begun(ctx context.Context) (begun bool, err error) {
	err = l.readers.use(func(c *connection) error {
		at, err := readMeta(ctx, c, metaBegun)
		begun = at != nil
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look whether the ledger was begun: %w", err)
	}
	return begun, nil
}
