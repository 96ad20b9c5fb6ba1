package audience

import (
	"iter"
	"slices"

	"waybill/engine"
)

// people tells which ids are of people with several ids of some set: a number and a user id that are paired only by way of another
// number, too.
type people struct {
	ids     Set
	parent  []uint32 // of each id in ids, the one that it hangs on; of the first of a person itself
	several []bool   // of the first of a person
}

// newPeople joins ids by the pairs that hold. of is sorted.
func newPeople(l Ledger, of *Set) (*people, error) {
	p := &people{ids: Set{ids: slices.Clone(of.ids), sorted: true}}
	if err := p.ids.Expand(func() iter.Seq2[engine.Pair, error] { return l.Pairs(engine.PairFilter{}) }); err != nil {
		return nil, err
	}
	p.parent = make([]uint32, len(p.ids.ids))
	for i := range p.parent {
		p.parent[i] = uint32(i)
	}
	for pair, err := range l.Pairs(engine.PairFilter{}) {
		if err != nil {
			return nil, err
		}
		a, known := p.first(idOf(pair.Number))
		b, alsoKnown := p.first(idOf(pair.Other))
		if known && alsoKnown {
			p.parent[max(a, b)] = min(a, b)
		}
	}
	spoken := make([]bool, len(p.parent))
	p.several = make([]bool, len(p.parent))
	for _, i := range of.ids {
		first, _ := p.first(i)
		p.several[first] = spoken[first] || p.several[first]
		spoken[first] = true
	}
	return p, nil
}

// has says whether an id is of a person with several ids of the set.
func (p *people) has(text string) bool {
	first, known := p.first(idOf(text))
	return known && p.several[first]
}

// first is the place of the id that stands for the person; false: the id is of nobody here.
func (p *people) first(i id) (uint32, bool) {
	found, known := slices.BinarySearch(p.ids.ids, i)
	if !known {
		return 0, false
	}
	at := uint32(found) //nolint:gosec // see newPeople
	for p.parent[at] != at {
		p.parent[at] = p.parent[p.parent[at]]
		at = p.parent[at]
	}
	return at, true
}
