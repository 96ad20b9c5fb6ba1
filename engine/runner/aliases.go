package runner

import (
	"context"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
)

// aliases tell people by one id each. The zero value knows nobody by two.
type aliases struct {
	accounts map[string]string // the numbers under which WhatsApp knows accounts, by other spellings of them
	movers   audience.Movers
}

func (a *aliases) load(ctx context.Context, ledger engine.Ledger) error {
	a.accounts = map[string]string{}
	for p, err := range ledger.Pairs(ctx, engine.PairFilter{}) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(p.Other, "+") {
			a.accounts[p.Number] = p.Other
		}
	}
	return a.movers.Load(audience.Reading(ctx, ledger))
}

// since is an id that the person has now whom a delivery reached: they may have another number than then.
func (a *aliases) since(ctx context.Context, ledger engine.Ledger, d engine.Reached) (string, error) {
	return a.movers.Since(d.Recipient, d.At, func(id string) (pairs []engine.Pair, err error) {
		for p, err := range ledger.Pairs(ctx, engine.PairFilter{Of: id, Ended: true}) {
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, p)
		}
		return pairs, nil
	})
}

// person is the one id under which a person is counted: the number under which WhatsApp knows the account, where it is known.
func (a *aliases) person(ctx context.Context, ledger engine.Ledger, id string) (string, error) {
	if !strings.HasPrefix(id, "+") && ledger != nil {
		ids, err := ledger.Person(ctx, id)
		if err != nil {
			return "", err
		}
		if engine.IsForgotten(id) {
			return slices.Min(ids), nil // no number is known of them
		}
		for _, other := range ids {
			if strings.HasPrefix(other, "+") {
				id = other
				break
			}
		}
	}
	if account, ok := a.accounts[id]; ok {
		return account, nil
	}
	return id, nil
}
