package diag

import (
	"bytes"
	"cmp"
	"fmt"
	"sort"
	"sync"
	"unicode/utf8"
)

// Source is one file as it was read: the name to print and the bytes. It is made once, where the file is
// read, and travels inside every Range. Text is not changed afterwards.
type Source struct {
	Name  string // as the user would type it, relative to the working directory
	Text  []byte
	First int // the number of the first line of Text, where that is a part of the file; 0: 1

	Private bool // its lines are people's data, such as rows of a table: text that many can see is shown without them

	once   sync.Once
	starts []int // byte offset of each line's first character
}

// bom is the mark that some editors put before UTF-8. It belongs to no line.
const bom = "\ufeff"

// Pos is a place in a Source. Line and Column count from 1, columns in runes (a broken byte counts as one). The
// zero value is unknown.
type Pos struct {
	Line, Column int
}

// Compare orders places as one reads: -1 when p comes first.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Range is a stretch of a Source, End excluded. The zero value means no file.
type Range struct {
	Source     *Source
	Start, End Pos
}

// IsZero says that the range points nowhere.
func (r Range) IsZero() bool { return r.Source == nil }

// String returns the place where the range starts: "jobs/spring.yaml:14:7".
func (r Range) String() string {
	if r.Source == nil {
		return ""
	}
	if r.Start.Line == 0 {
		return r.Source.Name
	}
	return fmt.Sprintf("%s:%d:%d", r.Source.Name, r.Start.Line, r.Start.Column)
}

// Valid says whether the range lies in its Source: both ends exist, in order. The zero range is valid.
func (r Range) Valid() bool {
	if r.Source == nil {
		return r == Range{}
	}
	return r.Start.Compare(r.End) <= 0 && r.Source.has(r.Start) && r.Source.has(r.End)
}

func (s *Source) has(p Pos) bool {
	return p.Line > s.before() && p.Line <= s.Lines() && p.Column >= 1 && p.Column <= utf8.RuneCount(s.line(p.Line))+1
}

// before is how many lines of the file are not in Text.
func (s *Source) before() int { return max(s.First, 1) - 1 }

// Lines is the number of the last line. A file that ends with a line break has an empty line after it, as editors show it;
// the empty file has one line.
func (s *Source) Lines() int {
	s.index()
	return s.before() + len(s.starts)
}

// Line returns the text of line n, counted from 1, without its line break and without a byte order mark. A line
// that the file does not have is empty.
func (s *Source) Line(n int) string { return string(s.line(n)) }

func (s *Source) line(n int) []byte {
	s.index()
	n -= s.before()
	if n < 1 || n > len(s.starts) {
		return nil
	}
	end := len(s.Text)
	if n < len(s.starts) {
		end = s.starts[n]
	}
	return bytes.TrimRight(s.Text[s.starts[n-1]:end], "\r\n")
}

// Start returns the offset in Text where line n begins; the nearest there is when the file has no such line.
func (s *Source) Start(n int) int {
	s.index()
	return s.starts[min(max(n-s.before(), 1), len(s.starts))-1]
}

// Pos returns the place of a byte offset into Text; an offset outside is moved to the nearest inside. It takes time in the
// length of the line.
func (s *Source) Pos(offset int) Pos {
	s.index()
	offset = min(max(offset, s.starts[0]), len(s.Text))
	line := sort.Search(len(s.starts), func(i int) bool { return s.starts[i] > offset })
	text := s.line(s.before() + line)
	within := min(offset-s.starts[line-1], len(text))
	return Pos{Line: s.before() + line, Column: utf8.RuneCount(text[:within]) + 1}
}

// End returns the place behind the last character.
func (s *Source) End() Pos { return s.Pos(len(s.Text)) }

// Range returns the stretch between two byte offsets of Text.
func (s *Source) Range(from, to int) Range {
	return Range{Source: s, Start: s.Pos(from), End: s.Pos(max(from, to))}
}

// index finds the lines, once: LF, CR LF and CR alone end one.
func (s *Source) index() {
	s.once.Do(func() {
		start := 0
		if bytes.HasPrefix(s.Text, []byte(bom)) {
			start = len(bom)
		}
		s.starts = append(s.starts, start)
		for i := start; i < len(s.Text); i++ {
			switch s.Text[i] {
			case '\r':
				if i+1 < len(s.Text) && s.Text[i+1] == '\n' {
					i++
				}
			case '\n':
			default:
				continue
			}
			s.starts = append(s.starts, i+1)
		}
	})
}
