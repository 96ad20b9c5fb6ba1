package audience_test

import (
	"cmp"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/audience"
)

const (
	ana    = "+34612345678"
	anaID  = "ES.13491208655302741918"
	asTold = "+553188888888"
	other  = "+5531988888888"
)

// book is a ledger of words and pairs in memory.
type book struct {
	words []engine.OptOut
	pairs []engine.Pair
}

// rows returns words in the order of arrival, two for those that name a person by two ids; as of a ledger, the same word again is none.
func (b *book) rows() []engine.OptOut {
	var rows []engine.OptOut
	kept := map[engine.OptOut]bool{}
	keep := func(w engine.OptOut, also string) bool {
		if kept[w] {
			return false
		}
		kept[w] = true
		w.Also, w.Seq = also, int64(len(rows)+1)
		rows = append(rows, w)
		return true
	}
	for _, w := range b.words {
		also := w.Also
		w.Also = ""
		if keep(w, also) && also != "" {
			first := w.Person
			w.Person = also
			keep(w, first)
		}
	}
	return rows
}

func (b *book) OptOuts(f engine.OptOutFilter) iter.Seq2[engine.OptOut, error] {
	rows := slices.DeleteFunc(b.rows(), func(w engine.OptOut) bool {
		return w.Seq <= f.After || len(f.Persons) > 0 && !slices.Contains(f.Persons, w.Person)
	})
	if f.ByPerson {
		slices.SortStableFunc(rows, func(x, y engine.OptOut) int { return cmp.Compare(x.Person, y.Person) })
	}
	return each(rows)
}

func (b *book) Pairs(engine.PairFilter) iter.Seq2[engine.Pair, error] { return each(b.pairs) }

func (b *book) Person(id string) ([]string, error) {
	return audience.Person(id, func(id string) ([]engine.Pair, error) {
		return slices.DeleteFunc(slices.Clone(b.pairs), func(p engine.Pair) bool { return p.Number != id && p.Other != id }), nil
	})
}

func each[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func at(minute int) time.Time { return time.Date(2026, 3, 25, 9, minute, 0, 0, time.UTC) }

func word(minute int, person, number string, scope engine.OptOutScope, source engine.OptOutSource, back bool) engine.OptOut {
	return engine.OptOut{Person: person, NumberID: number, Scope: scope, Source: source, Back: back, At: at(minute)}
}

// What holds of words, whatever the order in which they arrive.
func TestWhoLeft(t *testing.T) {
	const (
		marketing, all = engine.ScopeMarketing, engine.ScopeAll
		wish, refusal  = engine.SourcePreference, engine.SourceRefusal
		said, hand     = engine.SourceWord, engine.SourceHand
		imported       = engine.SourceImport
		stop, back     = false, true
	)
	twoIDs := []engine.Pair{{Number: ana, Other: anaID, NumberID: "1"}}
	threeIDs := []engine.Pair{{Number: other, Other: asTold}, {Number: asTold, Other: anaID, NumberID: "1"}}
	for _, c := range []struct {
		name           string
		words          []engine.OptOut
		pairs          []engine.Pair
		person, number string // "" is Ana and the number 1
		marketing, all bool
	}{
		{name: "nobody said anything"},
		{name: "a wish", words: []engine.OptOut{word(1, ana, "1", marketing, wish, stop)}, marketing: true},
		{name: "a wish about another number", words: []engine.OptOut{word(1, ana, "2", marketing, wish, stop)}},
		{name: "somebody else's", words: []engine.OptOut{word(1, other, "1", all, said, stop)}},
		{name: "a refusal", words: []engine.OptOut{word(1, ana, "1", marketing, refusal, stop)}, marketing: true},
		{name: "a refusal, and a wish later", words: []engine.OptOut{
			word(1, ana, "1", marketing, refusal, stop), word(2, ana, "1", marketing, wish, back),
		}},
		{name: "a wish that was older than the refusal", words: []engine.OptOut{
			word(2, ana, "1", marketing, refusal, stop), word(1, ana, "1", marketing, wish, back),
		}, marketing: true},
		{name: "a stop word", words: []engine.OptOut{word(1, ana, "1", all, said, stop)}, all: true},
		{name: "a stop word to another number", words: []engine.OptOut{word(1, ana, "2", all, said, stop)}},
		{name: "a start word lifts it", words: []engine.OptOut{word(1, ana, "1", all, said, stop), word(2, ana, "1", all, said, back)}},
		{
			name: "a start word that was written before", all: true,
			words: []engine.OptOut{word(2, ana, "1", all, said, stop), word(1, ana, "1", all, said, back)},
		},
		{name: "of two words of one moment the later one", words: []engine.OptOut{word(1, ana, "1", all, said, stop), word(1, ana, "1", all, said, back)}},
		{
			name: "a start word to another number lifts nothing", all: true,
			words: []engine.OptOut{word(1, ana, "1", all, said, stop), word(2, ana, "2", all, said, back)},
		},
		{
			name: "a resume lifts marketing and never all", all: true,
			words: []engine.OptOut{
				word(1, ana, "1", marketing, wish, stop), word(2, ana, "1", all, said, stop), word(3, ana, "1", marketing, wish, back),
			},
		},
		{
			name: "a start word lifts no wish", marketing: true,
			words: []engine.OptOut{word(1, ana, "1", marketing, wish, stop), word(2, ana, "1", all, said, back)},
		},
		{
			name: "a start word does not lift what was written down by hand", all: true,
			words: []engine.OptOut{word(1, ana, "", all, hand, stop), word(2, ana, "1", all, said, back)},
		},
		{
			name: "nor what was imported", all: true,
			words: []engine.OptOut{word(1, ana, "", all, imported, stop), word(2, ana, "1", all, said, back)},
		},
		{name: "by hand for every number", words: []engine.OptOut{word(1, ana, "", all, hand, stop)}, number: "7", all: true},
		{name: "taken off the list", words: []engine.OptOut{
			word(1, ana, "", all, hand, stop), word(2, ana, "1", all, said, stop), word(3, ana, "1", marketing, wish, stop),
			word(4, ana, "", all, hand, back),
		}},
		{
			name: "a stop word after that", all: true,
			words: []engine.OptOut{word(4, ana, "", all, hand, back), word(5, ana, "1", all, said, stop)},
		},
		{
			name: "back at one number", words: []engine.OptOut{word(1, ana, "", all, hand, stop), word(2, ana, "1", all, hand, back)},
		},
		{
			name: "and at that one alone", number: "2", all: true,
			words: []engine.OptOut{word(1, ana, "", all, hand, stop), word(2, ana, "1", all, hand, back)},
		},
		{
			name: "every number after one", all: true,
			words: []engine.OptOut{word(1, ana, "1", all, hand, back), word(2, ana, "", all, hand, stop)},
		},
		{name: "under the other id", person: anaID, pairs: twoIDs, words: []engine.OptOut{word(1, ana, "1", all, said, stop)}, all: true},
		{name: "under the other id, without a pair", person: anaID, words: []engine.OptOut{word(1, ana, "1", all, said, stop)}},
		{
			name: "words under both ids stand beside each other", pairs: twoIDs,
			words: []engine.OptOut{word(1, ana, "1", all, said, stop), word(2, anaID, "1", all, said, back)},
		},
		{
			name: "three ids, words under the first and the last", pairs: threeIDs, person: asTold,
			words: []engine.OptOut{word(1, other, "", all, hand, stop), word(2, anaID, "", all, hand, back)},
		},
		{
			name: "three ids, the other way round", pairs: threeIDs, person: asTold, all: true,
			words: []engine.OptOut{word(2, other, "", all, hand, stop), word(1, anaID, "", all, hand, back)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{words: c.words, pairs: c.pairs}
			var o audience.OptOuts
			if err := o.Load(b); err != nil {
				t.Fatal(err)
			}
			person, number := cmp.Or(c.person, ana), cmp.Or(c.number, "1")
			if marketing, all := o.Of(person, number); marketing != c.marketing || all != c.all {
				t.Errorf("%s left of %s: marketing %t, all %t", person, number, marketing, all)
			}
			wantListed(t, b, &o)
		})
	}
}

// wantListed holds the list of opt-outs against what OptOuts says of everybody and every number.
func wantListed(t interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}, b *book, o *audience.OptOuts,
) {
	t.Helper()
	type left struct{ marketing, all bool }
	listed := map[string]map[string]left{}
	for e, err := range audience.Entries(b) {
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range e.IDs {
			if listed[id] != nil {
				t.Errorf("%s is listed twice", id)
			}
			listed[id] = map[string]left{}
			for _, n := range []string{"1", "2", "3"} {
				var l left
				for _, s := range e.Holding {
					if s.Back {
						t.Errorf("%+v holds, and says that the person came back", s)
					}
					if s.NumberID == n || s.NumberID == "" && !slices.Contains(s.Except, n) {
						l.marketing, l.all = l.marketing || s.Scope == engine.ScopeMarketing, l.all || s.Scope == engine.ScopeAll
					}
				}
				listed[id][n] = l
			}
		}
	}
	for _, id := range []string{ana, anaID, asTold, other} {
		for _, n := range []string{"1", "2", "3"} {
			marketing, all := o.Of(id, n)
			if got, want := listed[id][n], (left{marketing, all}); got != want {
				t.Errorf("%s and number %s: listed %+v, decided %+v, of\n%s", id, n, got, want, b)
			}
		}
	}
}

func (b *book) String() string {
	text := ""
	for _, w := range b.words {
		text += fmt.Sprintf("%s %s/%s of %q: %s by %s, back %t\n", w.At.Format("15:04"), w.Person, w.Also, w.NumberID, w.Scope, w.Source, w.Back)
	}
	for _, p := range b.pairs {
		text += fmt.Sprintf("%s = %s\n", p.Number, p.Other)
	}
	return text
}

func drawWord(t *rapid.T) engine.OptOut {
	source := rapid.SampledFrom([]engine.OptOutSource{
		engine.SourcePreference, engine.SourceRefusal, engine.SourceWord, engine.SourceHand, engine.SourceImport,
	}).Draw(t, "source")
	scope := engine.ScopeAll
	switch source {
	case engine.SourcePreference, engine.SourceRefusal:
		scope = engine.ScopeMarketing
	case engine.SourceHand, engine.SourceImport:
		scope = rapid.SampledFrom([]engine.OptOutScope{engine.ScopeMarketing, engine.ScopeAll}).Draw(t, "scope")
	case engine.SourceWord:
	}
	ids := []string{ana, anaID, asTold, other}
	w := word(rapid.IntRange(0, 5).Draw(t, "minute"), rapid.SampledFrom(ids).Draw(t, "person"),
		rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "number"), scope, source, rapid.Bool().Draw(t, "back"))
	if w.Person == ana && rapid.Bool().Draw(t, "both ids") {
		w.Also = anaID
	}
	return w
}

// The list says what is decided, also of words that came after the list of who left was loaded.
func TestListSaysWhatIsDecided(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &book{}
		for _, p := range []engine.Pair{
			{Number: ana, Other: anaID, NumberID: "1"}, {Number: other, Other: asTold}, {Number: asTold, Other: anaID, NumberID: "2"},
		} {
			if rapid.Bool().Draw(t, "paired") {
				b.pairs = append(b.pairs, p)
			}
		}
		words := rapid.SliceOfN(rapid.Custom(drawWord), 0, 8).Draw(t, "words")
		loaded := rapid.IntRange(0, len(words)).Draw(t, "loaded")
		var o audience.OptOuts
		b.words = words[:loaded]
		if err := o.Load(b); err != nil {
			t.Fatal(err)
		}
		wantListed(t, b, &o)
		b.words = words
		if err := o.Update(b); err != nil {
			t.Fatal(err)
		}
		wantListed(t, b, &o)
	})
}

// A million people who left, each known by two ids, are some bytes each, and asking about one asks no ledger.
func TestAMillionPeople(t *testing.T) {
	const people = 1_000_000
	b := &crowd{n: people}
	before := heap()
	var o audience.OptOuts
	if err := o.Load(b); err != nil {
		t.Fatal(err)
	}
	used := heap() - before
	if used > 64<<20 {
		t.Errorf("%d MiB for a million people", used>>20)
	}
	b.closed = true
	for i := range 1000 {
		_, all := o.Of(crowdNumber(i*997), "1")
		_, byID := o.Of(crowdID(i*997), "1")
		if _, stranger := o.Of(crowdNumber(people+i), "1"); !all || !byID || stranger {
			t.Fatalf("person %d: by number %t, by user id %t, a stranger %t", i*997, all, byID, stranger)
		}
	}
	t.Logf("%d MiB", used>>20)
	runtime.KeepAlive(&o)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// crowd is a ledger of n people who left, made up as it is read.
type crowd struct {
	n      int
	closed bool
}

func crowdNumber(i int) string { return "+" + strconv.Itoa(34600000000+i) }
func crowdID(i int) string     { return "ES.1349120865530" + strconv.Itoa(1000000+i) }

func (c *crowd) OptOuts(engine.OptOutFilter) iter.Seq2[engine.OptOut, error] {
	return func(yield func(engine.OptOut, error) bool) {
		for i := range c.n {
			w := word(0, crowdNumber(i), "1", engine.ScopeAll, engine.SourceWord, false)
			w.Seq = int64(i + 1)
			if !yield(w, nil) {
				return
			}
		}
	}
}

func (c *crowd) Pairs(engine.PairFilter) iter.Seq2[engine.Pair, error] {
	return func(yield func(engine.Pair, error) bool) {
		for i := range c.n {
			if !yield(engine.Pair{Number: crowdNumber(i), Other: crowdID(i), NumberID: "1"}, nil) {
				return
			}
		}
	}
}

func (c *crowd) Person(id string) ([]string, error) {
	if c.closed {
		return nil, fmt.Errorf("asked about %s", id)
	}
	return []string{id}, nil
}

// Whoever is taken off the list is off it, whatever was said, and at whatever times ahead of this machine's; a word after that counts.
func TestLift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &book{words: rapid.SliceOfN(rapid.Custom(drawWord), 1, 8).Draw(t, "words")}
		if rapid.Bool().Draw(t, "paired") {
			b.pairs = []engine.Pair{{Number: other, Other: asTold}, {Number: asTold, Other: anaID, NumberID: "2"}}
		}
		e, err := audience.EntryOf(b, anaID)
		if err != nil {
			t.Fatal(err)
		}
		b.words = append(b.words, e.Lift(engine.Actor{User: "olga"}, at(2))...)
		lifted, err := audience.EntryOf(b, anaID)
		if err != nil {
			t.Fatal(err)
		}
		if len(lifted.Holding) > 0 {
			t.Errorf("%+v holds still, of\n%s", lifted.Holding, b)
		}
		again := word(0, anaID, "1", engine.ScopeAll, engine.SourceHand, false)
		again.At = lifted.After(at(2))
		b.words = append(b.words, again)
		var o audience.OptOuts
		if err := o.Load(b); err != nil {
			t.Fatal(err)
		}
		if _, all := o.Of(anaID, "1"); !all {
			t.Errorf("a word after that does not count, of\n%s", b)
		}
	})
}
