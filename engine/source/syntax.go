package source

import (
	"regexp"
	"sort"
	"strconv"
	"strings"

	"waybill/engine/diag"
)

// yamlError takes the line out of an error of yaml.v3, which has no better form.
var yamlError = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(?s:(.*))$`)

// syntax says why a text is not YAML. What the glance finds is named at its place; else the line is found
// and no column is claimed.
func (f *Findings) syntax(src *diag.Source, base int, seen *glance, err error) {
	text := seen.text
	before := len(f.List)
	at := func(s stretch) diag.Range { return src.Range(base+s.from, base+s.to) }
	for _, s := range seen.tabs {
		f.Fault("tab-indent", at(s), "a tab indents this line", "YAML allows spaces only.", "use two spaces for each level")
	}
	for _, s := range append(seen.braces, seen.colons...) {
		f.braces(src, stretch{base + s.from, base + s.to})
	}
	if len(f.List) > before {
		return
	}
	if seen.deep != (stretch{}) && strings.Contains(err.Error(), "max depth") {
		f.tooDeep(at(seen.deep))
		return
	}
	if seen.open != (stretch{}) {
		what := text[seen.open.from]
		f.Fault("bad-yaml", at(seen.open), "this "+bracketName(what)+" is never closed", "", "")
		return
	}
	summary, detail := plainWords(messageOf(err))
	f.Fault("bad-yaml", faultyLine(src, base, text, err), summary, detail, "")
}

func messageOf(err error) string {
	if match := yamlError.FindStringSubmatch(err.Error()); match != nil {
		return match[2]
	}
	return err.Error()
}

// longText is from where on a text is not read again and again to find the line of a mistake.
const longText = 128 << 10

// faultyLine finds the line in which the mistake is. yaml.v3 names one that may be far above it; but a text that ends
// before the mistake is read without that error, and one that ends behind it is not.
func faultyLine(src *diag.Source, base int, text []byte, err error) diag.Range {
	all := yamlLines(text)
	line := 1
	if match := yamlError.FindStringSubmatch(err.Error()); match != nil {
		line, _ = strconv.Atoi(match[1])
	}
	if len(text) <= longText {
		line = 1 + sort.Search(len(all.starts)-1, func(i int) bool {
			_, e := decodeYAML(text[:all.starts[i+1]])
			return e != nil && e.Error() == err.Error()
		})
	}
	line = src.Pos(base + all.at(max(line, 1), 1)).Line
	r := diag.Range{Source: src, Start: diag.Pos{Line: line, Column: 1}, End: diag.Pos{Line: line, Column: 1}}
	r.End.Column += len([]rune(src.Line(line)))
	return r
}

func bracketName(c byte) string {
	switch c {
	case '{', '[':
		return "bracket"
	}
	return "quote"
}

// plainWords puts yaml.v3's messages into words that say what to do.
func plainWords(message string) (summary, detail string) {
	for _, known := range [][3]string{
		{"mapping values are not allowed", "a second colon on this line", "Text that holds a colon and a blank needs quotes."},
		{"did not find expected key", "this line does not fit what is above it", "Look at the indentation, and for a missing quote or bracket."},
		{"did not find expected '-' indicator", "this line does not fit the list above it", "The entries of a list begin with a dash in the same column."},
		{"could not find expected ':'", "a name without a colon", "In a map each line is a name, a colon and a value."},
		{"cannot start any token", "this character cannot begin a value", "Text that begins with @, ` or % needs quotes."},
		{"unknown escape character", "a backslash before a character that it has no meaning for", "In double quotes write \\\\ for a backslash, or use single quotes."},
		{"did not find expected hexdecimal number", "an escape without its digits", "It is \\u and four hexadecimal digits."},
		{"invalid Unicode character escape code", "half of a character in an escape", "A \\uD83D is followed by a second escape, as in \\uD83D\\uDE00."},
		{"unknown anchor", "an alias to something that has no anchor before", "Text that begins with * needs quotes."},
		{"block sequence entries are not allowed", "a list cannot begin here", "Begin it on a line of its own, or write it in brackets."},
		{"did not find expected ',' or", "a comma or a closing bracket is missing", ""},
		{"did not find expected node content", "a value is missing", ""},
		{"did not find expected alphabetic or numeric character", "an anchor or alias without a name", "Text that begins with & or * needs quotes."},
		{"did not find expected whitespace or line break", "something follows a value where a line should end", ""},
		{"did not find expected <document start>", "a second value on top of the file", "Several jobs in a file are parted by a line with ---."},
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
