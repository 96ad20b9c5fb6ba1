package eval

import (
	"unicode/utf8"

	"waybill/engine/diag"
)

// Names are what an expression sees at run time: inputs, vars, steps, item, index, run, job. The values are
// string, bool, int, int64, float64, json.Number, time.Time, nil, []any and map[string]any of those. Rendering
// only reads them, so one map serves many goroutines.
type Names = map[string]any

// Failed is the name under which the run tells a Condition whether an earlier step of the sequence failed, as a
// bool: what failed() and success() answer. No expression can spell it.
const Failed = "failed()"

// Country is the name under which the run tells phone(…) how numbers without + are read: a value for Compiler.Phone. A name that is
// not there is nil. No expression can spell it.
const Country = "country()"

// Anchor says where a scalar stands in its file. Text is where the first character of its text stands, when each
// character of the text is one character of the same line: a plain scalar, or a quoted one without escapes. The
// zero Text means that it is more than that (a block, several lines, escapes): then Place tells where a rune of the text
// stands, the number of its runes included, for the end; the zero Pos for one that cannot be told. Without either,
// findings point at all of it.
type Anchor struct {
	Range diag.Range
	Text  diag.Pos
	Place func(rune int) diag.Pos // may be nil
}

// At returns the place of the text's runes from (included) to to (excluded).
func (a Anchor) At(from, to int) diag.Range {
	if a.Text.Line == 0 || a.Text.Column == 0 || from < 0 {
		return a.among(from, to)
	}
	start, end := a.Text.Column+from, a.Text.Column+to
	if a.Range.End.Line == a.Text.Line {
		end = min(end, a.Range.End.Column)
	}
	if start >= end {
		return a.Range
	}
	r := a.Range
	r.Start = diag.Pos{Line: a.Text.Line, Column: start}
	r.End = diag.Pos{Line: a.Text.Line, Column: end}
	return r
}

// among asks Place. What ends with a line break ends before it.
func (a Anchor) among(from, to int) diag.Range {
	if a.Place == nil || from < 0 {
		return a.Range
	}
	r := a.Range
	if r.Start = a.Place(from); r.Start == (diag.Pos{}) {
		return a.Range
	}
	r.End = a.Place(max(from, to-1))
	if end := a.Place(to); to > from && end.Line == r.End.Line {
		r.End = end
	}
	if r.End.Compare(r.Start) < 0 {
		r.End = r.Start
	}
	return r
}

// runeIndex counts the runes of text before byte offset at.
func runeIndex(text string, at int) int {
	return utf8.RuneCountInString(text[:at])
}
