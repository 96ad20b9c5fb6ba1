package dashboard

import (
	"context"

	"waybill/engine"
)

// personID is a person as people write them: a number in any spelling, or a user id.
func personID(text string) string {
	if digits := numberDigits(text); digits != "" {
		return "+" + digits
	}
	return text
}

// known is what the ledger knows of a person beside the id that stands in a message.
type known struct {
	Others   []string // other ids
	Username string   // of the newest pair that has one
}

// knownOf looks a person up by one id. The zero value says that nothing else is known.
func (d *dashboard) knownOf(ctx context.Context, id string) (known, error) {
	if d.People == nil || id == "" {
		return known{}, nil
	}
	ids, err := d.People.Person(ctx, id)
	if err != nil || len(ids) < 2 {
		return known{}, err
	}
	k := known{Others: ids[1:]}
	var newest engine.Pair
	for p, err := range d.People.Pairs(ctx, engine.PairFilter{Of: id}) {
		if err != nil {
			return k, err
		}
		if p.Username != "" && !p.At.Before(newest.At) {
			newest = p
		}
	}
	k.Username = newest.Username
	return k, nil
}
