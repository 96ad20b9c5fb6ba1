package audience

import (
	"iter"
	"time"

	"waybill/engine"
)

// Movers are the people who moved, in memory: whoever did not costs nothing. The zero value knows nobody.
type Movers struct {
	moves map[string][]engine.Moved
	ids   Set // that they have or had
}

// Load reads who moved.
func (m *Movers) Load(l interface {
	Pairs(f engine.PairFilter) iter.Seq2[engine.Pair, error]
	Moves() iter.Seq2[engine.Moved, error]
},
) error {
	m.moves, m.ids = map[string][]engine.Moved{}, Set{}
	for move, err := range l.Moves() {
		if err != nil {
			return err
		}
		for _, id := range []string{move.WasNumber, move.WasUserID, move.Number, move.UserID} {
			if id != "" {
				m.moves[id] = append(m.moves[id], move)
				m.ids.Add(id)
			}
		}
	}
	return m.ids.Expand(func() iter.Seq2[engine.Pair, error] { return l.Pairs(engine.PairFilter{Ended: true}) })
}

// Since is IDSince. pairsOf returns the pairs in which an id is, also those that ended.
func (m *Movers) Since(id string, at time.Time, pairsOf func(id string) ([]engine.Pair, error)) (string, error) {
	if !m.ids.Has(id) {
		return id, nil
	}
	return IDSince(id, at, moverLinks{m, pairsOf})
}

type moverLinks struct {
	of    *Movers
	pairs func(id string) ([]engine.Pair, error)
}

func (l moverLinks) PairsOf(id string) ([]engine.Pair, error) { return l.pairs(id) }

func (l moverLinks) MovesOf(id string) ([]engine.Moved, error) { return l.of.moves[id], nil }
