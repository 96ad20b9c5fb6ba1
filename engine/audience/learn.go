package audience

import (
	"cmp"
	"time"

	"waybill/engine"
	"waybill/engine/phone"
)

// Change is what an identity makes of the pairs that are known.
type Change struct {
	Begin []engine.Pair // that hold from now on; one that is known already takes their user name and time
	End   []engine.Pair // that hold no more, with Ended
}

// Learn says what follows from how WhatsApp named a person. known are the pairs in which one of its ids is, also those that ended, and moves
// those from its ids and to them. Events may come in any order: the newest counts, and what a person gave up since is no more theirs.
func Learn(known []engine.Pair, moves []engine.Moved, i engine.Identity) Change {
	var c Change
	for _, id := range []*string{&i.Number, &i.WaID, &i.UserID} {
		if !phone.IsID(*id) { // whatever an answer holds there, it is no id
			*id = ""
		}
	}
	account := cmp.Or(i.WaID, i.Number)
	if i.Number != "" && i.WaID != "" && i.Number != i.WaID {
		c.pair(known, engine.Pair{Number: i.Number, Other: i.WaID, At: i.At}, func(p engine.Pair) bool {
			return p.Number == i.Number && p.NumberID == ""
		})
	}
	if account != "" && i.UserID != "" {
		c.pair(known, engine.Pair{Number: account, Other: i.UserID, NumberID: i.NumberID, Username: i.Username, At: i.At},
			func(p engine.Pair) bool { return p.NumberID != "" && (p.Number == account) != (p.Other == i.UserID) })
	}
	for k := range c.Begin {
		c.Begin[k].Ended = ends(c.Begin[k], moves)
	}
	return c
}

// Leave returns the pairs, ended, of the ids that a person gave up by a move.
func Leave(m engine.Moved, l Links) (end []engine.Pair, err error) {
	for _, id := range []string{m.WasNumber, m.WasUserID} {
		if id == "" {
			continue
		}
		known, err := l.PairsOf(id)
		if err != nil {
			return nil, err
		}
		for _, p := range known {
			moves, err := MovesOf(l, p.Number, p.Other)
			if err != nil {
				return nil, err
			}
			at := ends(p, moves)
			if at.IsZero() || !p.Ended.IsZero() {
				continue
			}
			p.Ended = at
			end = append(end, p)
		}
	}
	return end, nil
}

// MovesOf returns the moves from ids and to them. Empty ids are nobody's.
func MovesOf(l Links, ids ...string) (moves []engine.Moved, err error) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		more, err := l.MovesOf(id)
		if err != nil {
			return nil, err
		}
		moves = append(moves, more...)
	}
	return moves, nil
}

// ends is when the person gave up one of the ids of a pair for good: the zero time, where they did not, or have it again. A number and the
// one under which WhatsApp knows its account stay one account, whoever has it.
func ends(p engine.Pair, moves []engine.Moved) (at time.Time) {
	if p.NumberID == "" {
		return at
	}
	for _, m := range moves {
		if (m.Gave(p.Number) || m.Gave(p.Other)) && !m.At.Before(p.At) && (at.IsZero() || m.At.Before(at)) && !takesBack(p, moves, m) {
			at = m.At
		}
	}
	return at
}

// takesBack says whether the person of a move has again what it gave up.
func takesBack(p engine.Pair, moves []engine.Moved, gave engine.Moved) bool {
	for _, m := range moves {
		if m.At.After(gave.At) && (gave.Gave(p.Number) && m.Became(p.Number) || gave.Gave(p.Other) && m.Became(p.Other)) {
			return true
		}
	}
	return false
}

// pair begins a pair, unless something newer is known, and ends those that cannot hold beside it: of the same business number, and the
// same pair as any of those that another business number was told.
func (c *Change) pair(known []engine.Pair, p engine.Pair, excludes func(engine.Pair) bool) {
	var end []engine.Pair
	for _, k := range known {
		same := k.Number == p.Number && k.Other == p.Other && k.NumberID == p.NumberID
		switch {
		case same && k.Ended.IsZero() && (k.Username == p.Username || p.Username == "" || !p.At.After(k.At)):
			return // nothing new
		case same && k.Ended.After(p.At):
			return // older than what ended it
		case !excludes(k) || k.NumberID != p.NumberID || !k.Ended.IsZero():
			continue
		case k.At.After(p.At):
			return
		}
		end = append(end, k)
	}
	for _, e := range end {
		for _, k := range known {
			if k.Number == e.Number && k.Other == e.Other && k.Ended.IsZero() {
				k.Ended = p.At
				c.End = append(c.End, k)
			}
		}
	}
	c.Begin = append(c.Begin, p)
}

// MostIDs bounds how many ids one person can have.
const MostIDs = 64

// Person returns the ids that are one person's: those that pairs lead to from one. pairsOf returns the pairs that hold and in which an id
// is.
func Person(id string, pairsOf func(id string) ([]engine.Pair, error)) ([]string, error) {
	ids := []string{id}
	seen := map[string]bool{id: true}
	for n := 0; n < len(ids) && len(ids) < MostIDs; n++ {
		pairs, err := pairsOf(ids[n])
		if err != nil {
			return nil, err
		}
		for _, p := range pairs {
			for _, other := range []string{p.Number, p.Other} {
				if p.Ended.IsZero() && !seen[other] {
					seen[other] = true
					ids = append(ids, other)
				}
			}
		}
	}
	return ids, nil
}
