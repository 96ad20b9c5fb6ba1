package engine

import (
	"errors"
	"fmt"

	"waybill/engine/delivery"
)

// MayFollow decides about an intent of a delivery beyond the first of its item. newest is the last delivery that the ledger has of the
// item; nil: it has none, which is ErrNotFound.
func MayFollow(i *delivery.Intent, newest *delivery.Record) error {
	switch {
	case newest == nil:
		return fmt.Errorf("delivery %d of item %q: %w: there is none before it", i.Key.Number(), i.Key.Item, ErrNotFound)
	case newest.Key.Again == i.Key.Again:
		return nil
	}
	return i.Follows(newest.Delivery())
}

// WithoutPlace is why an intent is refused for which there was no place, which refusal says. Its delivery may be decided besides, and
// that says more; newest looks for the last delivery of its item, nil: there is none.
func WithoutPlace(refusal error, i *delivery.Intent, newest func() (*delivery.Record, error)) error {
	_, taken := errors.AsType[*PlaceTakenError](refusal)
	if _, other := errors.AsType[*OtherNumberError](refusal); !taken && !other {
		return refusal
	}
	last, err := newest()
	if err != nil {
		return err
	}
	if last != nil && last.Key == i.Key {
		if decided := last.Decided(*i); decided != nil {
			return decided
		}
	}
	return refusal
}
