package audience

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"waybill/engine"
)

// left is what a person left by the words that hold.
type left uint8

const (
	leftMarketing left = 1 << iota
	leftAll
)

// class is the words that lift each other. What a stop word did a start word lifts, and not what was written down by hand.
type class uint8

const (
	ofMarketing class = iota
	ofWords
	ofHand
	classes
)

// standing is the newest word of each class, for one person and one business number; nil: there is none.
type standing [classes]*engine.OptOut

// standingOf hears the words about one business number and about every number; "" is every number alone.
func standingOf(words []engine.OptOut, number string) standing {
	var s standing
	for i := range words {
		if w := &words[i]; w.NumberID == "" || w.NumberID == number {
			s.hear(w)
		}
	}
	return s
}

// hear takes in a word. Of two of one moment the one that came later counts.
func (s *standing) hear(w *engine.OptOut) {
	for _, c := range classesOf(w) {
		if k := s[c]; k == nil || !w.At.Before(k.At) {
			s[c] = w
		}
	}
}

// classesOf says which words a word takes the place of. A person who takes somebody off the list by hand lifts all of them.
func classesOf(w *engine.OptOut) []class {
	switch {
	case w.Source == engine.SourceHand && w.Back && w.Scope == engine.ScopeAll:
		return []class{ofMarketing, ofWords, ofHand}
	case w.Scope == engine.ScopeMarketing:
		return []class{ofMarketing}
	case w.Source == engine.SourceWord:
		return []class{ofWords}
	}
	return []class{ofHand}
}

func (s *standing) left() left {
	var l left
	if k := s[ofMarketing]; k != nil && !k.Back {
		l |= leftMarketing
	}
	for _, c := range []class{ofWords, ofHand} {
		if k := s[c]; k != nil && !k.Back {
			l |= leftAll
		}
	}
	return l
}

// numbersOf are the business numbers that words are about, with the empty one, every number, first.
func numbersOf(words []engine.OptOut) []string {
	numbers := []string{""}
	for i := range words {
		if n := words[i].NumberID; !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// judge says what a person left, by all words about one id: of every business number (the empty one), and of each that a word names.
// What is said of one number stands beside what is said of all; the newer word counts.
func judge(words []engine.OptOut) map[string]left {
	numbers := numbersOf(words)
	out := make(map[string]left, len(numbers))
	for _, n := range numbers {
		s := standingOf(words, n)
		out[n] = s.left()
	}
	return out
}

// OptOuts says who left. The zero value knows nobody. Any number of people are eight bytes each.
type OptOuts struct {
	mu      sync.RWMutex
	numbers map[string]*leaving    // by phone number id; "" for every one
	last    int64                  // Seq of the newest word that is in it
	since   map[id]map[string]left // of people of whom a word came since, or who are known by several ids; by phone number id
}

// leaving are the people who left one business number, and those who are known not to have left it though they left every one.
type leaving struct{ marketing, all, stayed Set }

// Ledger is what OptOuts reads.
type Ledger interface {
	OptOuts(f engine.OptOutFilter) iter.Seq2[engine.OptOut, error]
	Pairs(f engine.PairFilter) iter.Seq2[engine.Pair, error]
	Person(id string) ([]string, error)
}

// Load reads all words. What was known is forgotten.
func (o *OptOuts) Load(l Ledger) error {
	numbers := map[string]*leaving{}
	last := int64(0)
	var spoken Set // of whom there is any word
	for words, err := range byPerson(l) {
		if err != nil {
			return err
		}
		for n, what := range judge(words) {
			if numbers[n] == nil {
				numbers[n] = &leaving{}
			}
			numbers[n].add(idOf(words[0].Person), n, what)
		}
		for i := range words {
			last = max(last, words[i].Seq)
		}
		spoken.Add(words[0].Person)
	}
	pairs := func() iter.Seq2[engine.Pair, error] { return l.Pairs(engine.PairFilter{}) }
	for _, g := range numbers {
		for _, s := range []*Set{&g.marketing, &g.all, &g.stayed} {
			if err := s.Expand(pairs); err != nil {
				return err
			}
		}
	}
	several, err := ofSeveralIDs(l, &spoken)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.numbers, o.last, o.since = numbers, last, several
	return nil
}

// ofSeveralIDs judges the people of whom there are words under more than one id: those words stand beside each other.
func ofSeveralIDs(l Ledger, spoken *Set) (map[id]map[string]left, error) {
	judged := map[id]map[string]left{}
	spoken.Sort()
	if spoken.Len() == 0 {
		return judged, nil
	}
	several, err := newPeople(l, spoken)
	if err != nil {
		return nil, err
	}
	for p, err := range l.Pairs(engine.PairFilter{}) {
		if err != nil {
			return nil, err
		}
		if several.has(p.Number) && judged[idOf(p.Number)] == nil {
			if err := judgePerson(l, p.Number, judged); err != nil {
				return nil, err
			}
		}
	}
	return judged, nil
}

// judgePerson judges a person by all words about all of their ids.
func judgePerson(l Ledger, person string, into map[id]map[string]left) error {
	ids, err := l.Person(person)
	if err != nil {
		return err
	}
	var words []engine.OptOut
	for w, err := range l.OptOuts(engine.OptOutFilter{Persons: ids}) {
		if err != nil {
			return err
		}
		words = append(words, w)
	}
	what := judge(words)
	for _, i := range ids {
		into[idOf(i)] = what
	}
	return nil
}

func (g *leaving) add(i id, number string, what left) {
	if what&leftMarketing != 0 {
		g.marketing.add(i)
	}
	if what&leftAll != 0 {
		g.all.add(i)
	}
	if what == 0 && number != "" {
		g.stayed.add(i)
	}
}

// Update reads the words that came since, and judges their people anew.
func (o *OptOuts) Update(l Ledger) error {
	o.mu.RLock()
	last := o.last
	o.mu.RUnlock()
	people := map[string]bool{}
	for w, err := range l.OptOuts(engine.OptOutFilter{After: last}) {
		if err != nil {
			return err
		}
		last = max(last, w.Seq)
		people[w.Person] = true
		if w.Also != "" {
			people[w.Also] = true
		}
	}
	return o.judge(l, maps.Keys(people), last)
}

// judge judges people anew, by all words that there are. last is the newest word that was read; 0: none was.
func (o *OptOuts) judge(l Ledger, persons iter.Seq[string], last int64) error {
	fresh := map[id]map[string]left{}
	for person := range persons {
		if err := judgePerson(l, person, fresh); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(fresh)
	o.last = max(o.last, last)
	return nil
}

func (o *OptOuts) keep(fresh map[id]map[string]left) {
	if o.since == nil {
		o.since = map[id]map[string]left{}
	}
	maps.Copy(o.since, fresh)
}

// Of says what a person left of one business number: by person "+34…" or a user id, and the phone number id. marketing is templates of
// that category; all is everything but templates of the category AUTHENTICATION.
func (o *OptOuts) Of(person, numberID string) (marketing, all bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if len(o.numbers) == 0 && len(o.since) == 0 {
		return false, false
	}
	i := idOf(person)
	if what, ok := o.since[i]; ok {
		l, named := what[numberID]
		if !named {
			l = what[""]
		}
		return l&leftMarketing != 0, l&leftAll != 0
	}
	for _, n := range []string{numberID, ""} {
		g := o.numbers[n]
		if g == nil {
			continue
		}
		marketing, all = marketing || g.marketing.has(i), all || g.all.has(i)
		if n != "" && (marketing || all || g.stayed.has(i)) {
			break // what is known of this very number has what is said of every one in it
		}
	}
	return marketing, all
}

// Len is how many ids of people are known to have left anything.
func (o *OptOuts) Len() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	n := len(o.since)
	for _, g := range o.numbers {
		n += g.marketing.Len() + g.all.Len()
	}
	return n
}
