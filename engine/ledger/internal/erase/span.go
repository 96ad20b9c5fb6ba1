package erase

import (
	"cmp"
	"slices"
	"strings"

	"waybill/engine"
)

// span is an id of a person for the time in which it was theirs.
type span struct {
	engine.Held

	as string // what stands in its place
}

// theirs says whether nobody else can have the id from now on. A number that was given up is another person's.
func (s span) theirs() bool { return s.Until.IsZero() || !strings.HasPrefix(s.ID, "+") }

// within narrows rows to those of the time in which the id was the person's, by a column that holds moments.
func (s span) within(column string) (sql string, args []any) {
	sql, args = s.since(column)
	if !s.theirs() {
		sql, args = sql+` AND `+column+` <= ?`, append(args, s.Until.Add(engine.WholeSecond).UnixMilli())
	}
	return sql, args
}

// since is the beginning of that time alone.
func (s span) since(column string) (sql string, args []any) {
	if s.From.IsZero() {
		return "", nil
	}
	return ` AND ` + column + ` > ?`, []any{s.From.Add(engine.WholeSecond).UnixMilli()}
}

// has says whether a moment, in milliseconds, is of that time.
func (s span) has(ms int64) bool {
	return (s.From.IsZero() || ms > s.From.Add(engine.WholeSecond).UnixMilli()) && (s.theirs() || ms <= s.Until.Add(engine.WholeSecond).UnixMilli())
}

// named is a text that tells of people, where it stands in what is of a time.
type named struct {
	text string
	span
}

// add takes in the ids of a person. What they gave up is known by an id that they have.
func (e *eraser) add(held []engine.Held) {
	as := ""
	for _, h := range held {
		if h.Until.IsZero() && (as == "" || !strings.HasPrefix(as, "+")) {
			as = h.ID
		}
	}
	for _, h := range held {
		if engine.IsForgotten(h.ID) {
			e.out.Known++
			continue
		}
		s := span{Held: h}
		if s.as = h.ID; !s.theirs() {
			s.as = cmp.Or(as, h.ID)
		}
		if !engine.IsForgotten(s.as) {
			s.as = engine.Forgotten(e.known.PersonCode(s.as))
		}
		if !slices.ContainsFunc(e.ids, func(k span) bool { return k.ID == s.ID && k.Until.Equal(s.Until) }) {
			e.ids = append(e.ids, s)
			e.out.Covered = append(e.out.Covered, h)
		}
	}
}
