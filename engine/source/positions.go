package source

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"waybill/engine/diag"
)

// lines turns places of a text into byte offsets. It remembers where it was, so that going through a text forwards takes
// time in its length, even where all of it is one line.
type lines struct {
	text   []byte
	starts []int
	line   int // the place it was asked for last
	column int
	offset int
}

// yamlLines finds lines as yaml.v3 counts them: also NEL, LS and PS end one there, and in no editor.
func yamlLines(text []byte) *lines {
	l := &lines{text: text, starts: []int{0}}
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

// at gives the offset of a line and a column of runes, both from 1. What is not there gives the nearest.
func (l *lines) at(line, column int) int {
	line = min(max(line, 1), len(l.starts))
	if line != l.line || column < l.column {
		l.line, l.column, l.offset = line, 1, l.starts[line-1]
	}
	end := len(l.text)
	if line < len(l.starts) {
		end = l.starts[line]
	}
	for l.column < column && l.offset < end {
		_, size := utf8.DecodeRune(l.text[l.offset:end])
		l.offset += size
		l.column++
	}
	return l.offset
}

// places turns byte offsets of a Source into places of it, with the same memory.
type places struct {
	source *diag.Source
	line   int
	column int
	offset int
	end    int // of the line, its break included
}

// pos gives the place of an offset.
func (p *places) pos(offset int) diag.Pos {
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

// span gives the stretch between two offsets.
func (p *places) span(from, to int) diag.Range {
	start := p.pos(from)
	return diag.Range{Source: p.source, Start: start, End: p.pos(max(from, to))}
}

// edit is a change to a text: cut bytes at an offset make room for other ones.
type edit struct {
	at, cut int
	put     string
}

// edited is a changed text that knows where each of its bytes came from.
type edited struct {
	text  []byte
	marks []mark // sorted by offset
}

// mark says that from here on, offset of the new text is from of the old.
type mark struct{ offset, from int }

// apply makes the changes, which are sorted and do not overlap.
func apply(text []byte, edits []edit) edited {
	var out bytes.Buffer
	e := edited{marks: []mark{{0, 0}}}
	last := 0
	for _, change := range edits {
		out.Write(text[last:change.at])
		for i := range len(change.put) {
			// What was put in stands where the cut was, all of it.
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

// origin gives the offset in the old text.
func (e *edited) origin(offset int) int {
	i := sort.Search(len(e.marks), func(i int) bool { return e.marks[i].offset > offset }) - 1
	return e.marks[i].from + offset - e.marks[i].offset
}
