package dashboard

import (
	"context"

	"waybill/engine"
	"waybill/engine/wording"
)

// charged says in words how the messages of a run were charged; empty: no status told.
func charged(ctx context.Context, l engine.Reader, run string) (string, error) {
	list, err := l.Charges(ctx, run)
	if err != nil {
		return "", err
	}
	return wording.Charged(engine.ByCategory(list)), nil
}
