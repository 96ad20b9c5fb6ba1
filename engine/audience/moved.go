package audience

import (
	"cmp"
	"slices"

	"waybill/engine"
	"waybill/engine/phone"
)

// said says whether a word is of the person who had an id.
func said(h engine.Held, w *engine.OptOut) bool {
	switch w.Source {
	case engine.SourceHand, engine.SourceImport: // by the clock of a machine of ours
		return h.AtOurs(w.At)
	default:
		return h.At(w.At)
	}
}

// later returns the moves of a person, who had an id at a moment, since then: in the order in which they are found, each once. ours: the moment
// is by a clock of ours.
func later(l Links, first node, ours bool) ([]engine.Moved, error) {
	var out []engine.Moved
	seen := map[engine.Moved]bool{}
	for nodes := []node{first}; len(nodes) > 0 && len(out) < MostIDs; nodes = nodes[1:] {
		m, err := nextMove(l, nodes[0], ours, seen)
		if err != nil {
			return nil, err
		}
		ours = false // moves are at moments of WhatsApp's
		if m == nil {
			continue
		}
		seen[*m] = true
		out = append(out, *m)
		for _, id := range []string{m.Number, m.UserID} {
			if id != "" {
				nodes = append(nodes, node{id, m.At})
			}
		}
	}
	return out, nil
}

// nextMove is the first move since a moment of whoever had an id then, but those that were seen; nil: they did not move.
func nextMove(l Links, n node, ours bool, seen map[engine.Moved]bool) (next *engine.Moved, err error) {
	moves, err := l.MovesOf(n.id)
	if err != nil {
		return nil, err
	}
	pairs, err := l.PairsOf(n.id)
	if err != nil {
		return nil, err
	}
	from := n.at
	if ours {
		from = from.Add(-engine.ClocksApart)
	}
	first := func(id string, moves []engine.Moved, p *engine.Pair) {
		for _, m := range moves {
			if m.Was(id) && !seen[m] && !m.At.Before(from) && (next == nil || m.At.Before(next.At)) && (p == nil || node{id, m.At}.joins(*p)) {
				next = &m
			}
		}
	}
	first(n.id, moves, nil)
	for _, p := range pairs {
		other := p.Number
		if other == n.id {
			other = p.Other
		}
		if moves, err = l.MovesOf(other); err != nil {
			return nil, err
		}
		first(other, moves, &p)
	}
	return next, nil
}

// Follow returns the words that are one person's until they moved, and those that they made of them: the same word about the ids that they
// went by after it, each with its own time. What was said later under an old number is the word of whoever has it since.
func Follow(words []engine.OptOut, m engine.Moved, l Links) ([]engine.OptOut, error) {
	held, err := Before(m, l)
	if err != nil {
		return nil, err
	}
	var out []engine.OptOut
	for _, w := range words {
		if !slices.ContainsFunc(held, func(h engine.Held) bool { return (h.ID == w.Person || h.ID == w.Also) && said(h, &w) }) {
			continue
		}
		out = append(out, about(w, m))
		for _, id := range []string{m.Number, m.UserID} {
			if id == "" {
				continue
			}
			moves, err := later(l, node{id, m.At}, false)
			if err != nil {
				return nil, err
			}
			for _, m := range moves {
				out = append(out, about(w, m))
			}
		}
	}
	return once(out), nil
}

// FollowNew returns what a word that came late makes: the same word about the ids that its person went by since.
func FollowNew(w engine.OptOut, l Links) ([]engine.OptOut, error) {
	var out []engine.OptOut
	for _, id := range []string{w.Person, phone.OtherSpelling(w.Person), w.Also} {
		if id == "" {
			continue
		}
		moves, err := later(l, node{id, w.At}, w.Source == engine.SourceHand || w.Source == engine.SourceImport)
		if err != nil {
			return nil, err
		}
		for _, m := range moves {
			out = append(out, about(w, m))
		}
	}
	return once(out), nil
}

// about is a word about the ids that its person moved to.
func about(w engine.OptOut, m engine.Moved) engine.OptOut {
	w.Seq, w.Person, w.Also = 0, cmp.Or(m.Number, m.UserID), m.UserID
	if w.Also == w.Person {
		w.Also = ""
	}
	return w
}

// once leaves each word once: one that names two ids stands under both.
func once(words []engine.OptOut) []engine.OptOut {
	seen := map[engine.OptOut]bool{}
	return slices.DeleteFunc(words, func(w engine.OptOut) bool {
		again := seen[w]
		seen[w] = true
		return again
	})
}
