package source

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"waybill/engine/diag"
)

// yamlError matches the text of an error of yaml.v3: its line, which stands nowhere else, and its message.
var yamlError = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(?s:(.*))$`)

// syntax reports why a text is not YAML. What the scanner found has its exact place; of any other mistake only the line
// is reported.
func (f *Findings) syntax(src *diag.Source, base int, scanned *lenientScanner, err error) {
	text := scanned.text
	before := len(f.List)
	at := func(s span) diag.Range { return src.Range(base+s.from, base+s.to) }
	for _, s := range scanned.tabs {
		f.Fault("tab-indent", at(s), "a tab indents this line", "YAML allows spaces only.", "use two spaces for each level")
	}
	for _, s := range scanned.odd {
		f.oddBlank(at(s))
	}
	for _, s := range append(scanned.braces, scanned.colons...) {
		f.unquotedBraces(src, span{base + s.at.from, base + s.at.to}, span{base + s.text.from, base + s.text.to})
	}
	if len(f.List) > before {
		return
	}
	if scanned.deep != (span{}) && strings.Contains(err.Error(), "max depth") {
		f.tooDeep(at(scanned.deep))
		return
	}
	if scanned.cut != (span{}) {
		inside := map[byte]string{'"': "single", '\'': "double"}[text[scanned.cut.from]]
		f.Fault("bad-yaml", at(scanned.cut), "this quote ends the text in the midst of an expression", "", "inside write "+inside+" quotes")
		return
	}
	if scanned.open != (span{}) {
		f.unclosed(at(scanned.open), text, scanned.open.from)
		return
	}
	message := err.Error()
	if match := yamlError.FindStringSubmatch(message); match != nil {
		message = match[2]
	}
	if scanned.escape != (span{}) && (strings.Contains(message, unknownEscape) || strings.Contains(message, escapeWithoutDigits)) {
		f.badEscape(at(scanned.escape), text[scanned.escape.from:])
		return
	}
	lines := indexLines(text)
	line := faultyLine(text, lines, err)
	if len(text) <= longText && !strings.Contains(message, "escape") {
		if r, ok := repaired(text, lines, line); ok {
			f.Fault("bad-yaml", at(r.at), r.summary, r.detail, r.hint)
			return
		}
	}
	summary, detail := explain(message)
	f.Fault("bad-yaml", wholeLine(src, src.Pos(base+lines.offset(line, 1)).Line), summary, detail, "")
}

// unclosed reports the quote or the bracket at an offset of the text.
func (f *Findings) unclosed(r diag.Range, text []byte, from int) {
	if c := text[from]; c != '{' && c != '[' {
		f.Fault("bad-yaml", r, "this quote is never closed", "", "")
		return
	}
	hint := ""
	if comment, there := commentIn(text, from); there {
		hint = fmt.Sprintf("%s is a comment, which ends with the line: put quotes around the text that it belongs to", briefly(string(text[comment.from:comment.to])))
	}
	f.Fault("bad-yaml", r, "this bracket is never closed", "", hint)
}

// oddBlank reports a blank that is none to YAML.
func (f *Findings) oddBlank(r diag.Range) {
	f.Fault("odd-blank", r, "this blank is none to YAML", "Word processors, chats and PDF put no-break spaces and others that look alike.",
		"type the blanks of this line again")
}

// What yaml.v3 says of an escape.
const (
	unknownEscape       = "unknown escape character"
	escapeWithoutDigits = "did not find expected hexdecimal number"
)

// badEscape reports the escape that text begins with, most often a path as Windows writes it.
func (f *Findings) badEscape(r diag.Range, text []byte) {
	summary := "a backslash in double quotes begins an escape, and there is none with this character"
	if digits := map[byte]string{'x': "two", 'u': "four", 'U': "eight"}[text[1]]; digits != "" {
		summary = "a backslash in double quotes begins an escape, and " + string(text[:2]) + " wants " + digits + " hexadecimal digits"
	}
	f.Fault("bad-yaml", r, summary, "", `for a path write / or use single quotes, as in 'C:\people.csv'; a backslash itself is \\`)
}

// longText is the length in bytes from which on the line of a mistake is not searched for, and the one that yaml.v3 names is used.
const longText = 128 << 10

// faultyLine returns the line of the mistake, from 1. yaml.v3 names one that may be far above it, so this is a binary search:
// a text that ends before the mistake is read without that error, and one that ends behind it is not.
func faultyLine(text []byte, lines *lineIndex, err error) int {
	if len(text) <= longText {
		return 1 + sort.Search(len(lines.starts)-1, func(i int) bool {
			_, e := decodeYAML(text[:lines.starts[i+1]])
			return e != nil && e.Error() == err.Error()
		})
	}
	if match := yamlError.FindStringSubmatch(err.Error()); match != nil {
		if line, e := strconv.Atoi(match[1]); e == nil {
			return line
		}
	}
	return 1
}

// wholeLine is the range of a line.
func wholeLine(src *diag.Source, line int) diag.Range {
	r := diag.Range{Source: src, Start: diag.Pos{Line: line, Column: 1}, End: diag.Pos{Line: line, Column: 1}}
	r.End.Column += len([]rune(src.Line(line)))
	return r
}

// explain translates a message of yaml.v3 into one that says what to do.
func explain(message string) (summary, detail string) {
	for _, known := range [][3]string{
		{"mapping values are not allowed", "a second colon on this line", "Text that holds a colon and a blank needs quotes."},
		{
			"did not find expected key", "this line does not fit what is above it",
			"Look at the indentation, and for a missing quote or bracket.",
		},
		{
			"did not find expected '-' indicator", "this line does not fit the list above it",
			"The entries of a list begin with a dash in the same column.",
		},
		{"could not find expected ':'", "a name without a colon", "In a map each line is a name, a colon and a value."},
		{"cannot start any token", "this character cannot begin a value", "Text that begins with @, ` or % needs quotes."},
		{
			"invalid Unicode character escape code", "half of a character in an escape",
			"A \\uD83D is followed by a second escape, as in \\uD83D\\uDE00.",
		},
		{"unknown anchor", "an alias to something that has no anchor before", "Text that begins with * needs quotes."},
		{"block sequence entries are not allowed", "a list cannot begin here", "Begin it on a line of its own, or write it in brackets."},
		{"did not find expected ',' or", "a comma or a closing bracket is missing", ""},
		{"did not find expected node content", "a value is missing", ""},
		{
			"did not find expected alphabetic or numeric character", "an anchor or alias without a name",
			"Text that begins with & or * needs quotes.",
		},
		{"did not find expected whitespace or line break", "something follows a value where a line should end", ""},
		{
			"did not find expected <document start>", "a second value on top of the file",
			"Several jobs in a file are parted by a line with ---.",
		},
		{
			"an indentation space is expected", "the first line of a text begins with a tab",
			"YAML allows spaces only as indentation. Where the tab belongs to the text, name the spaces before it, counted from its key: |2.",
		},
		{"tab", "a tab stands where spaces are wanted", "YAML allows spaces only as indentation."},
		{"found unexpected end of stream", "the file ends within a value", "Look for a quote that is not closed."},
		{"found unexpected document indicator", "the document ends within a value", "Look for a quote that is not closed."},
	} {
		if strings.Contains(message, known[0]) {
			return known[1], known[2]
		}
	}
	return strings.TrimSpace("not well-formed YAML: " + message), ""
}
