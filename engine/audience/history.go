package audience

import (
	"cmp"
	"slices"
	"time"

	"waybill/engine"
)

// Links are what a ledger knows of an id.
type Links interface {
	// PairsOf returns the pairs in which the id is, also those that ended.
	PairsOf(id string) ([]engine.Pair, error)
	// MovesOf returns the moves from the id and to it.
	MovesOf(id string) ([]engine.Moved, error)
}

// node is an id of a person at a moment: until then it was theirs. The zero moment is now.
type node struct {
	id string
	at time.Time
}

// History returns the ids of whoever has an id now, the one that is asked for first, and those that they had before, with the time in
// which each was theirs. It is the one place that says whose a row is that names an id at a moment: who gave a number up for another keeps
// what was theirs until then, and whoever has the number since has none of it.
func History(id string, l Links) ([]engine.Held, error) { return heldUntil(l, node{id: id}) }

// Before returns the ids that were a person's until they moved; nothing of what they had since.
func Before(m engine.Moved, l Links) ([]engine.Held, error) {
	var held []engine.Held
	for _, id := range []string{m.WasNumber, m.WasUserID} {
		if id == "" {
			continue
		}
		more, err := heldUntil(l, node{id, m.At})
		if err != nil {
			return nil, err
		}
		held = append(held, more...)
	}
	return widest(held), nil
}

// heldUntil follows pairs, and moves to the ids that they join, into the past.
func heldUntil(l Links, first node) ([]engine.Held, error) {
	nodes, seen := []node{first}, map[node]bool{first: true}
	var held []engine.Held
	add := func(id string, at time.Time) {
		if n := (node{id, at}); id != "" && !seen[n] && len(nodes) < MostIDs {
			seen[n] = true
			nodes = append(nodes, n)
		}
	}
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		moves, err := l.MovesOf(n.id)
		if err != nil {
			return nil, err
		}
		since := n.since(moves)
		held = append(held, engine.Held{ID: n.id, From: since, Until: n.at})
		pairs, err := l.PairsOf(n.id)
		if err != nil {
			return nil, err
		}
		for _, p := range pairs {
			if n.joins(p) {
				add(p.Number, n.at)
				add(p.Other, n.at)
			}
		}
		for _, m := range moves {
			if m.Became(n.id) && !m.At.Before(since) && (n.at.IsZero() || !m.At.After(n.at)) {
				add(m.WasNumber, m.At)
				add(m.WasUserID, m.At)
			}
		}
	}
	return widest(held), nil
}

// since is when the id became free that the person has: whoever had it before gave it up then.
func (n node) since(moves []engine.Moved) (at time.Time) {
	for _, m := range moves {
		if m.Gave(n.id) && m.At.After(at) && (n.at.IsZero() || m.At.Before(n.at)) {
			at = m.At
		}
	}
	return at
}

// joins says whether a pair joins two ids of the person at the moment. What ended it may be the move itself.
func (n node) joins(p engine.Pair) bool {
	if n.at.IsZero() {
		return p.Ended.IsZero()
	}
	return !p.At.After(n.at.Add(engine.ClocksApart)) && (p.Ended.IsZero() || !p.Ended.Before(n.at.Add(-engine.ClocksApart)))
}

// widest makes one of the times in which an id was a person's. In between nobody else is known to have had it.
func widest(held []engine.Held) []engine.Held {
	var out []engine.Held
	for _, h := range held {
		k := slices.IndexFunc(out, func(o engine.Held) bool { return o.ID == h.ID })
		if k < 0 {
			out = append(out, h)
			continue
		}
		if h.From.Before(out[k].From) {
			out[k].From = h.From
		}
		if !out[k].Until.IsZero() && (h.Until.IsZero() || h.Until.After(out[k].Until)) {
			out[k].Until = h.Until
		}
	}
	return out
}

// PresentIDs are the ids that a person has now.
func PresentIDs(held []engine.Held) []string {
	var ids []string
	for _, h := range held {
		if h.Until.IsZero() {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// AllIDs are the ids that a person has and had.
func AllIDs(held []engine.Held) []string {
	ids := make([]string, len(held))
	for i, h := range held {
		ids[i] = h.ID
	}
	return ids
}

// Reaches says whether a message to an id, intended at a moment, counts as one to a person before another is sent to them. What went to an id
// of now counts whoever had it then: two messages to one number are never risked.
func Reaches(held []engine.Held, id string, at time.Time) bool {
	return slices.ContainsFunc(held, func(h engine.Held) bool { return h.ID == id && (h.Until.IsZero() || h.AtOurs(at)) })
}

// Meant returns the ids of the person whom somebody means who names an id, the id first: who has it now. Where its last owner gave it up and
// nobody is known to have it since, they are meant, by the ids that they have now; as Leaver, but that all that names the id is theirs.
func Meant(id string, l Links) ([]engine.Held, error) {
	held, err := History(id, l)
	if err != nil {
		return nil, err
	}
	since, err := givenUp(held, l)
	if err != nil || since.IsZero() {
		return held, err
	}
	gone, err := Leaver(id, l)
	if err != nil {
		return nil, err
	}
	all := []engine.Held{{ID: id}}
	for _, h := range held {
		all = append(all, engine.Held{ID: h.ID, Until: h.Until})
	}
	return widest(append(all, gone...)), nil
}

// givenUp is when the last owner of the ids of now gave one of them up of which nobody is known since; the zero time: they did not.
func givenUp(held []engine.Held, l Links) (at time.Time, err error) {
	for _, h := range held {
		if h.From.IsZero() || !h.Until.IsZero() {
			continue
		}
		at = h.From
		pairs, err := l.PairsOf(h.ID)
		if err != nil {
			return at, err
		}
		if slices.ContainsFunc(pairs, func(p engine.Pair) bool { return p.NumberID != "" && p.At.After(h.From) }) {
			return time.Time{}, nil
		}
	}
	return at, nil
}

// Leaver returns the ids of the last person who is known to have given an id up, and of whoever has it where nobody did. What names the id
// since then is not theirs.
func Leaver(id string, l Links) ([]engine.Held, error) {
	held, err := History(id, l)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		if h.From.IsZero() || !h.Until.IsZero() {
			continue
		}
		now, err := idSince(node{h.ID, h.From}, l, false)
		if err != nil {
			return nil, err
		}
		return History(now, l)
	}
	return held, nil
}

// IDSince is an id by which a person goes now to whom a message to an id was intended at a moment of ours.
func IDSince(id string, at time.Time, l Links) (string, error) { return idSince(node{id, at}, l, true) }

func idSince(n node, l Links, ours bool) (string, error) {
	moves, err := later(l, n, ours)
	if err != nil || len(moves) == 0 {
		return n.id, err
	}
	last := slices.MaxFunc(moves, func(a, b engine.Moved) int { return a.At.Compare(b.At) })
	return cmp.Or(last.Number, last.UserID), nil
}
