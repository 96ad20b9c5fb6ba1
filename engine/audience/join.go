package audience

import (
	"maps"
	"slices"
)

// Repair judges people anew whose ids were paired or parted since: News.Persons.
func (o *OptOuts) Repair(l Ledger, persons []string) error {
	return o.judge(l, slices.Values(persons), 0)
}

// Join takes in at once that ids are one person's: what was left under one of them is left under all. What the words about all of them
// make of it is found by Repair; until then nobody gets a message who left under any. It costs nothing where nobody left.
func (o *OptOuts) Join(ids ...string) {
	if o.Len() == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	together := map[string]left{}
	var known []map[string]left
	for _, text := range ids {
		if text == "" {
			continue
		}
		what := o.standing(idOf(text))
		known = append(known, what)
		for number, l := range what {
			together[number] |= l
		}
	}
	if !slices.ContainsFunc(known, func(what map[string]left) bool { return !maps.Equal(what, known[0]) }) {
		return // nothing new
	}
	for number := range together { // what is known of one number has what is said of every one in it
		together[number] |= together[""]
	}
	fresh := map[id]map[string]left{}
	for _, text := range ids {
		if text != "" {
			fresh[idOf(text)] = together
		}
	}
	o.keep(fresh)
}

// standing is what is known under one id, by phone number id.
func (o *OptOuts) standing(i id) map[string]left {
	if what, ok := o.since[i]; ok {
		return what
	}
	what := map[string]left{}
	for n, g := range o.numbers {
		if g.marketing.has(i) {
			what[n] |= leftMarketing
		}
		if g.all.has(i) {
			what[n] |= leftAll
		}
		if g.stayed.has(i) {
			what[n] |= 0
		}
	}
	return what
}
