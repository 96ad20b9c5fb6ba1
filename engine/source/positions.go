package source

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"waybill/engine/diag"
)

// lineIndex finds the byte offset of a line and a column. It remembers the last one, so that going through a text forwards
// takes time in its length, even where all of it is one line.
type lineIndex struct {
	text   []byte
	starts []int
	line   int // of the offset returned last, as is column
	column int
	last   int
}

// indexLines indexes the lines of a text as yaml.v3 counts them: NEL, LS and PS end one too, which editors do not count.
func indexLines(text []byte) *lineIndex {
	l := &lineIndex{text: text, starts: []int{0}}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
			i++
		case text[i] == '\r' || text[i] == '\n':
		case text[i] == 0xc2 && i+1 < len(text) && text[i+1] == 0x85:
			i++
		case text[i] == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && (text[i+2] == 0xa8 || text[i+2] == 0xa9):
			i += 2
		default:
			continue
		}
		l.starts = append(l.starts, i+1)
	}
	return l
}

// offset returns the byte offset of a line and a column of runes, both from 1; the nearest where there is no such place.
func (l *lineIndex) offset(line, column int) int {
	line = min(max(line, 1), len(l.starts))
	if line != l.line || column < l.column {
		l.line, l.column, l.last = line, 1, l.starts[line-1]
	}
	end := len(l.text)
	if line < len(l.starts) {
		end = l.starts[line]
	}
	for l.column < column && l.last < end {
		_, size := utf8.DecodeRune(l.text[l.last:end])
		l.last += size
		l.column++
	}
	return l.last
}

// positions finds the line and the column of a byte offset in a Source, with the same memory.
type positions struct {
	source *diag.Source
	line   int
	column int
	offset int
	end    int // of the line, its break included
}

// position returns the line and the column of an offset.
func (p *positions) position(offset int) diag.Pos {
	if p.line == 0 || offset < p.offset || offset > p.end {
		at := p.source.Pos(offset)
		p.line, p.column, p.offset = at.Line, at.Column, offset
		p.end = p.source.Start(at.Line) + len(p.source.Line(at.Line))
		return at
	}
	p.column += utf8.RuneCount(p.source.Text[p.offset:offset])
	p.offset = offset
	return diag.Pos{Line: p.line, Column: p.column}
}

// rangeOf returns the range between two offsets.
func (p *positions) rangeOf(from, to int) diag.Range {
	start := p.position(from)
	return diag.Range{Source: p.source, Start: start, End: p.position(max(from, to))}
}

// edit is a change to a text: so many bytes at an offset are replaced.
type edit struct {
	at, cut int
	put     string
}

// editedText is a changed text that knows where each of its bytes came from.
type editedText struct {
	text  []byte
	marks []mark // sorted by offset
}

// mark says that from here on, offset in the new text is from in the old one.
type mark struct{ offset, from int }

// apply returns a text with changes, which are sorted and do not overlap.
func apply(text []byte, edits []edit) editedText {
	var out bytes.Buffer
	e := editedText{marks: []mark{{0, 0}}}
	last := 0
	for _, change := range edits {
		out.Write(text[last:change.at])
		for i := range len(change.put) {
			// All of the new bytes come from where the old ones began.
			e.marks = append(e.marks, mark{out.Len() + i, change.at})
		}
		out.WriteString(change.put)
		last = change.at + change.cut
		e.marks = append(e.marks, mark{out.Len(), last})
	}
	out.Write(text[last:])
	e.text = out.Bytes()
	return e
}

// origin returns the offset in the old text.
func (e *editedText) origin(offset int) int {
	i := sort.Search(len(e.marks), func(i int) bool { return e.marks[i].offset > offset }) - 1
	return e.marks[i].from + offset - e.marks[i].offset
}
