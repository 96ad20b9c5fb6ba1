package source

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"waybill/engine/pattern"
)

// repair is a change to a text that yaml.v3 refuses, with which it reads on beyond the line of the mistake: what people write who
// do not know YAML, and what they mean.
type repair struct {
	at                    span // what is wrong
	edits                 []edit
	summary, detail, hint string
}

// repaired finds the first change that mends a line, counted from 1 as lines does; false where none is known.
func repaired(text []byte, lines *lineIndex, line int) (repair, bool) {
	h := &handwriting{text: text, lines: lines, line: line}
	for _, propose := range []func() repair{
		h.unseenBreaks, h.fence, h.bullets, h.joinedColons, h.equalsSigns, h.furtherLine, h.bareValue, h.indentation,
	} {
		if r := propose(); len(r.edits) > 0 && h.mends(r.edits) {
			return r, true
		}
	}
	return repair{}, false
}

// handwriting is a text and the line in it at which yaml.v3 gave up. Each of its proposals is a guess, which counts when it mends.
type handwriting struct {
	text  []byte
	lines *lineIndex
	line  int
}

// mends says whether the text can be read, up to the end of the line, once it is changed.
func (h *handwriting) mends(edits []edit) bool {
	end := h.end(h.line)
	edits = slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.at > end })
	_, err := decodeYAML(apply(h.text[:end], edits).text)
	return err == nil
}

// start and end are where a line begins, and where its break stands.
func (h *handwriting) start(line int) int { return h.lines.starts[line-1] }

func (h *handwriting) end(line int) int { return lineEnd(h.text, h.start(line)) }

// of is the text of a line.
func (h *handwriting) of(line int) string { return string(h.text[h.start(line):h.end(line)]) }

// The shapes of lines. A name has letters alone, as those of a job file have, so that an address is none.
var (
	bulletLine = pattern.Lazy(`^( *)([–—•·●▪◦‣→*]|\d+[.)])( +)\S`)                      //nolint:gochecknoglobals // constant
	joinedLine = pattern.Lazy(`^( *(?:- +)?)([A-Za-z]+)(:)[^\s:/]`)                     //nolint:gochecknoglobals // constant
	equalsLine = pattern.Lazy(`^( *(?:- +)?)([A-Za-z]+)( *= *)(\S.*)$`)                 //nolint:gochecknoglobals // constant
	valueLine  = pattern.Lazy(`^( *(?:- +)*(?:[\pL_][\pL\d_.-]* *: +|- +))(\S.*?)\s*$`) //nolint:gochecknoglobals // constant
)

// unseenBreaks makes blanks of the characters that end a line for yaml.v3, and for no editor: U+0085, U+2028 and U+2029.
func (h *handwriting) unseenBreaks() (r repair) {
	for i, c := range string(h.text[:h.end(h.line)]) {
		if c == '\u0085' || c == '\u2028' || c == '\u2029' {
			size := utf8.RuneLen(c)
			r.edits = append(r.edits, edit{i, size, " "})
			r.at = span{i, i + size}
			r.summary = fmt.Sprintf("a line break that cannot be seen (%U) cuts this line in two", c)
		}
	}
	r.detail = "Word processors and design programs put it within a text."
	r.hint = "put a blank in its place; text of several lines begins with | behind the colon"
	return r
}

// fence takes out the lines of ``` that chats put around what is copied.
func (h *handwriting) fence() (r repair) {
	for line := 1; line <= h.line; line++ {
		if strings.HasPrefix(strings.TrimSpace(h.of(line)), "```") {
			r.edits = append(r.edits, edit{h.start(line), h.end(line) - h.start(line), ""})
			r.at = span{h.start(line), h.end(line)}
		}
	}
	r.summary, r.hint = "``` is a sign of chats, and none of a job's", "leave out the lines of ```"
	return r
}

// bullets makes dashes of what word processors put before the entries of a list.
func (h *handwriting) bullets() (r repair) {
	for line := 1; line <= h.line; line++ {
		m := bulletLine().FindStringSubmatchIndex(h.of(line))
		if m == nil {
			continue
		}
		from, to := h.start(line)+m[4], h.start(line)+m[5]
		if len(r.edits) == 0 {
			r.at = span{from, to}
		}
		r.edits = append(r.edits, edit{from, to - from, "-"})
	}
	r.summary, r.hint = notAnEntry(string(h.text[r.at.from:r.at.to])), dashHint
	return r
}

// notAnEntry says of a sign that it is no dash of a list's entry.
func notAnEntry(sign string) string { return sign + " begins no entry of a list" }

const dashHint = "write a hyphen and a blank"

// above are the lines in which a name may have lost its colon: this one, and those right above it that yaml.v3 read as one text with it.
func (h *handwriting) above(shape *regexp.Regexp) (first int, matches [][]int) {
	for line := h.line; line >= 1; line-- {
		m := shape.FindStringSubmatchIndex(h.of(line))
		if m == nil && line < h.line {
			break
		}
		if m != nil {
			first, matches = line, append(matches, m)
		}
	}
	slices.Reverse(matches)
	return first, matches
}

// joinedColons puts a blank behind colons: version:1.
func (h *handwriting) joinedColons() (r repair) {
	first, matches := h.above(joinedLine())
	for i, m := range matches {
		start := h.start(first + i)
		if i == 0 {
			r.at = span{start + m[4], start + m[7]}
			r.hint = fmt.Sprintf("write %s: %s", h.text[start+m[4]:start+m[5]], briefly(string(h.text[start+m[7]:h.end(first+i)])))
		}
		r.edits = append(r.edits, edit{start + m[7], 0, " "})
	}
	r.summary = "a blank is missing behind this colon"
	return r
}

// equalsSigns puts colons in the place of equals signs: version=1.
func (h *handwriting) equalsSigns() (r repair) {
	first, matches := h.above(equalsLine())
	for i, m := range matches {
		start := h.start(first + i)
		if i == 0 {
			r.at = span{start + m[4], start + m[9]}
			r.hint = fmt.Sprintf("write %s: %s", h.text[start+m[4]:start+m[5]], briefly(string(h.text[start+m[8]:start+m[9]])))
		}
		r.edits = append(r.edits, edit{start + m[6], m[7] - m[6], ": "})
	}
	r.summary = "a name and its value are parted by a colon, not by an equals sign"
	return r
}

// furtherLine moves a line of text to the right that goes on with the one above it.
func (h *handwriting) furtherLine() (r repair) {
	text := h.of(h.line)
	indent := len(text) - len(strings.TrimLeft(text, " "))
	if h.line < 2 || keyLine([]byte(text)) || !strings.Contains(text[indent:], " ") || strings.HasPrefix(text[indent:], "- ") {
		return repair{}
	}
	above := valueLine().FindStringSubmatchIndex(h.of(h.line - 1))
	if above == nil {
		return repair{}
	}
	r.at = span{h.start(h.line) + indent, h.end(h.line)}
	r.edits = []edit{{h.start(h.line), indent, strings.Repeat(" ", above[3]+1)}}
	r.summary = "a name without a colon, or text that goes on and stands too far to the left"
	r.detail = "A line of text stands further to the right than the name that it belongs to."
	r.hint = "begin text of several lines with | behind the colon, and indent each of its lines"
	return r
}

// bareValue puts quotes around the value of the line.
func (h *handwriting) bareValue() (r repair) {
	text := h.of(h.line)
	m := valueLine().FindStringSubmatchIndex(text)
	if m == nil {
		return repair{}
	}
	value := text[m[4]:m[5]]
	quoted := quotedAnew(value)
	start := h.start(h.line)
	r.at = span{start + m[4], start + m[5]}
	r.edits = []edit{{start + m[4], m[5] - m[4], quoted}}
	r.hint = "put quotes around the whole text"
	if utf8.RuneCountInString(quoted) <= longestShown {
		r.hint += ": " + quoted
	}
	switch c := value[0]; {
	case c == '"' || c == '\'':
		r.summary = "this text goes on behind the quote that ends it"
	case (c == '|' || c == '>') && strings.TrimSpace(value[1:]) != "":
		r.summary = fmt.Sprintf("text behind %c begins on the next line", c)
		r.hint += ", or begin it on a line of its own, further to the right than its name"
	case strings.IndexByte("@`%&*!?-[]{},", c) >= 0:
		r.summary = fmt.Sprintf("text that begins with %c needs quotes", c)
	default:
		r.summary, r.detail = "a second colon on this line", "Text that holds a colon and a blank needs quotes."
	}
	return r
}

// quotedAnew writes a value in quotes, and takes for the text's own those that stand within it.
func quotedAnew(value string) string {
	if c := value[0]; (c == '"' || c == '\'') && len(value) > 1 && value[len(value)-1] == c {
		value = value[1 : len(value)-1]
	}
	if strings.Contains(value, `"`) && !strings.Contains(value, `'`) {
		return "'" + value + "'"
	}
	return Quote(value)
}

// indentation moves the line to the column of one above it, the nearest.
func (h *handwriting) indentation() repair {
	text := h.of(h.line)
	indent := len(text) - len(strings.TrimLeft(text, " "))
	type column struct{ line, indent int }
	var columns []column
	for line := h.line - 1; line >= 1 && line >= h.line-20; line-- {
		above := h.of(line)
		trimmed := strings.TrimLeft(above, " ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		at := len(above) - len(trimmed)
		columns = append(columns, column{line, at})
		if rest, ok := strings.CutPrefix(trimmed, "-"); ok && strings.HasPrefix(rest, " ") {
			columns = append(columns, column{line, len(above) - len(strings.TrimLeft(rest, " "))})
		}
	}
	distance := func(c column) int { return max(c.indent-indent, indent-c.indent) }
	slices.SortStableFunc(columns, func(a, b column) int { return distance(a) - distance(b) })
	for _, c := range columns {
		r := repair{at: span{h.start(h.line), h.start(h.line) + max(indent, 1)}}
		r.edits = []edit{{h.start(h.line), indent, strings.Repeat(" ", c.indent)}}
		if c.indent == indent || !h.mends(r.edits) {
			continue
		}
		r.summary = "this line is indented unlike those above it"
		r.detail = "What belongs together begins in one column."
		r.hint = fmt.Sprintf("does it belong to line %d? begin it in column %d, as there", c.line, c.indent+1)
		return r
	}
	return repair{}
}

// longestShown is how many characters of a line a hint repeats.
const longestShown = 80

// briefly is a text, or its beginning.
func briefly(text string) string {
	if utf8.RuneCountInString(text) <= longestShown {
		return text
	}
	return string([]rune(text)[:longestShown]) + "…"
}

// commentIn finds the sign of a comment on the line where a bracket opens that is never closed.
func commentIn(text []byte, from int) (span, bool) {
	line := text[from:lineEnd(text, from)]
	at := bytes.Index(line, []byte(" #"))
	return span{from + at + 1, from + len(line)}, at >= 0
}
