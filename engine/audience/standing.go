package audience

import (
	"context"
	"iter"
	"slices"
	"time"

	"waybill/engine"
)

// Standing is a word that holds: the person left what it says.
type Standing struct {
	engine.OptOut

	Except []string // of a word about every business number: the phone number ids to which the person came back
}

// Holding returns those of a person's words that hold, in the order of their times. A person has left a business number where one of them
// is about that number, or is about every number and does not except it. OptOuts.Of answers the same; this also says why.
func Holding(words []engine.OptOut) []Standing {
	var found []Standing
	for _, n := range numbersOf(words) {
		s := standingOf(words, n)
		for c := range s {
			w := s[c]
			switch {
			case w == nil:
			case !w.Back && w.NumberID == n:
				found = append(found, Standing{OptOut: *w})
			case w.Back && w.NumberID == n && n != "":
				except(found, words, class(c), n)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Standing) int { return a.At.Compare(b.At) })
	return found
}

// except notes a number to which the person came back at the word of that class about every number. Words about every number stand first.
func except(found []Standing, words []engine.OptOut, c class, number string) {
	everywhere := standingOf(words, "")[c]
	if everywhere == nil || everywhere.Back {
		return
	}
	for i := range found {
		if f := &found[i]; f.NumberID == "" && f.Seq == everywhere.Seq && f.At.Equal(everywhere.At) && f.Source == everywhere.Source {
			f.Except = append(f.Except, number)
		}
	}
}

// Entry is one person about whom there are words.
type Entry struct {
	IDs     []string        // all ids of the person, the one that was asked for or that the list has first
	Words   []engine.OptOut // in the order of arrival, each once
	Holding []Standing      // none: the person came back, or never left
}

// Newest is the word of the latest moment; the zero value where there is none.
func (e Entry) Newest() engine.OptOut {
	var newest engine.OptOut
	for _, w := range e.Words {
		if !w.At.Before(newest.At) {
			newest = w
		}
	}
	return newest
}

// Entries yields everybody about whom there are words, each once, by whatever ids, in the order of numbers and then of user ids.
func Entries(l Ledger) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		paired, err := pairedIDs(l)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		entries(l, paired.Has)(yield)
	}
}

// FirstEntries is Entries for whoever reads a few of them: it asks for the other ids of each person rather than for everybody's.
func FirstEntries(l Ledger) iter.Seq2[Entry, error] {
	return entries(l, func(string) bool { return true })
}

// entries yields the list. paired says whether an id may be of a person who has others: only of such a one are the other ids asked for.
func entries(l Ledger, paired func(id string) bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		yielded := map[id]bool{} // the other ids of those who were yielded, under which they come again
		for words, err := range byPerson(l) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			first := words[0].Person
			if yielded[idOf(first)] {
				continue
			}
			var e Entry
			if paired(first) {
				e, err = EntryOf(l, first)
				e.noteOthers(first, yielded)
			} else {
				e = Entry{IDs: []string{first}, Words: words, Holding: Holding(words)}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// noteOthers notes the ids in the person's words, but for the first.
func (e Entry) noteOthers(first string, into map[id]bool) {
	for _, w := range e.Words {
		for _, other := range []string{w.Person, w.Also} {
			if other != "" && other != first {
				into[idOf(other)] = true
			}
		}
	}
}

// byPerson yields the words about each id, together. The slice is the caller's.
func byPerson(l Ledger) iter.Seq2[[]engine.OptOut, error] {
	return func(yield func([]engine.OptOut, error) bool) {
		var words []engine.OptOut
		for w, err := range l.OptOuts(engine.OptOutFilter{ByPerson: true}) {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(words) > 0 && words[0].Person != w.Person {
				if !yield(words, nil) {
					return
				}
				words = nil
			}
			words = append(words, w)
		}
		if len(words) > 0 {
			yield(words, nil)
		}
	}
}

// EntryOf returns what is known of one person, by any id; of somebody about whom there is no word, the ids alone.
func EntryOf(l Ledger, id string) (Entry, error) {
	ids, err := l.Person(id)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{IDs: ids}
	seen := map[engine.OptOut]bool{}
	for w, err := range l.OptOuts(engine.OptOutFilter{Persons: ids}) {
		if err != nil {
			return Entry{}, err
		}
		if !seen[alike(w)] { // a word that names two ids stands under both
			seen[alike(w)] = true
			e.Words = append(e.Words, w)
		}
	}
	e.Holding = Holding(e.Words)
	return e, nil
}

// alike is a word without what tells its two rows from each other.
func alike(w engine.OptOut) engine.OptOut {
	w.Seq = 0
	if w.Also != "" && w.Also < w.Person {
		w.Person, w.Also = w.Also, w.Person
	}
	return w
}

// pairedIDs are the ids of people who have several.
func pairedIDs(l Ledger) (*Set, error) {
	var paired Set
	for p, err := range l.Pairs(engine.PairFilter{}) {
		if err != nil {
			return nil, err
		}
		paired.Add(p.Number)
		paired.Add(p.Other)
	}
	paired.Sort()
	return &paired, nil
}

// Reading is a ledger as this package reads it, until ctx ends.
func Reading(ctx context.Context, l engine.Persons) interface {
	Ledger
	Moves() iter.Seq2[engine.Moved, error]
} {
	return reading{ctx, l}
}

type reading struct {
	ctx context.Context //nolint:containedctx // of one call of this package
	l   engine.Persons
}

func (r reading) OptOuts(f engine.OptOutFilter) iter.Seq2[engine.OptOut, error] {
	return r.l.OptOuts(r.ctx, f)
}

func (r reading) Pairs(f engine.PairFilter) iter.Seq2[engine.Pair, error] {
	return r.l.Pairs(r.ctx, f)
}

func (r reading) Moves() iter.Seq2[engine.Moved, error] { return r.l.Moves(r.ctx) }

func (r reading) Person(id string) ([]string, error) { return r.l.Person(r.ctx, id) }

// After is the moment that a new word about the person must have to win over all that was said until now: now, or a millisecond after the
// newest word where that has a time ahead of this machine's.
func (e Entry) After(now time.Time) time.Time {
	now = now.Truncate(time.Millisecond)
	for _, w := range e.Words {
		if !w.At.Before(now) {
			now = w.At.Add(time.Millisecond)
		}
	}
	return now
}

// Lift returns the words that lift everything that was said about the person, one for each id under which something was.
func (e Entry) Lift(by engine.Actor, now time.Time) []engine.OptOut {
	var ids []string
	for _, w := range e.Words {
		for _, id := range []string{w.Person, w.Also} {
			if id != "" && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	at := e.After(now)
	var words []engine.OptOut
	for _, id := range ids {
		words = append(words, engine.OptOut{Person: id, Scope: engine.ScopeAll, Back: true, Source: engine.SourceHand, By: by, At: at})
	}
	return words
}
