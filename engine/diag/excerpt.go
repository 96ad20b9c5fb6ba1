package diag

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// widest is how many characters of a line are shown: a file may be one line of megabytes.
const widest = 160

// Excerpt is the line that a finding is about and the marks below it.
type Excerpt struct {
	Number int    // of the line
	Text   string // the line, or the part of it around the range; control characters other than tabs made visible
	Marks  string // to print below Text: blanks (and the line's own tabs), then ^~~~ under the range
}

// Excerpt returns the first line of the range. It is zero for a range that points nowhere.
func (r Range) Excerpt() Excerpt {
	if r.Source == nil || r.Start.Line < 1 || r.Start.Line > r.Source.Lines() {
		return Excerpt{}
	}
	line := []rune(r.Source.Line(r.Start.Line))
	from := min(max(r.Start.Column-1, 0), len(line))
	to := max(from, len([]rune(strings.TrimRightFunc(string(line), unicode.IsSpace))))
	if r.End.Line == r.Start.Line {
		to = min(max(r.End.Column-1, from), len(line))
	}
	var text, marks strings.Builder
	first, last := 0, len(line)
	if len(line) > widest {
		first = max(0, min(from-widest/4, len(line)-widest))
		last = first + widest
	}
	if first > 0 {
		text.WriteRune('…')
		marks.WriteByte(' ')
	}
	for i := first; i < last; i++ {
		text.WriteRune(visible(line[i]))
		mark(&marks, line[i], i, from, to)
	}
	if last < len(line) {
		text.WriteRune('…')
	}
	if from >= last || to == from {
		marks.WriteByte('^')
	}
	return Excerpt{Number: r.Start.Line, Text: text.String(), Marks: strings.TrimRight(marks.String(), " \t")}
}

// mark writes what stands below the character at place i.
func mark(marks *strings.Builder, r rune, i, from, to int) {
	switch {
	case i < from && r == '\t':
		marks.WriteByte('\t')
		return
	case i < from:
		marks.WriteString(strings.Repeat(" ", cells(r)))
		return
	case i >= to:
		return
	}
	below := strings.Repeat("~", cells(r))
	if i == from && below != "" {
		below = "^" + below[1:]
	}
	marks.WriteString(below)
}

// visible keeps control characters of the file away from the terminal.
func visible(r rune) rune {
	if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
		return '·'
	}
	return r
}

// cells is how many columns of a terminal the character takes.
func cells(r rune) int {
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
	}
	return 1
}
