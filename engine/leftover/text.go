package leftover

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"waybill/engine/pattern"
)

// Kind is what a piece of text is a leftover of. The zero value is none.
type Kind uint8

// The kinds.
const (
	Braces      Kind = iota + 1 // {{ name }} and {% if … %}: no text of a person's
	Placeholder                 // *|NAME|*, %name%, [[name]], <%= name %>, {name}, $name, item.name: most likely none
	Escape                      // \n, \t, \u00e9 as they are typed, and _x000D_ as workbooks write it
	Markup                      // <br>, &amp;
	Nothing                     // a word or a sign that a program writes for nothing: NULL, #N/A
	Formula                     // =A2&B2: its value was not saved
	Ditto                       // a word or a sign that means what stands in the row above: idem, ditto, 〃
	Garbled                     // a letter that another encoding made other signs of, or a mark that turns letters round: Ã©, %C3%A9, Nu?ez
)

// Piece is where a text holds a leftover, in bytes.
type Piece struct {
	Kind     Kind
	From, To int
}

// most is how many pieces of a text are named.
const most = 10

// finder finds the pieces of a kind.
type finder struct {
	kind Kind
	find func() *regexp.Regexp
	not  func(text string, from, to int) bool // what looks like one and is none; nil: nothing
}

var finders = []finder{ //nolint:gochecknoglobals // constant
	{Braces, pattern.Lazy(`(?s)\{\{\{?[^}].{0,300}?\}\}\}?`), isNoBraces},
	{Braces, pattern.Lazy(`(?s)\{%.{1,300}?%\}`), nil},
	{Placeholder, pattern.Lazy(`\{\{|<%.{1,200}?%>|\*\|[^|\n]{1,60}\|\*|\[\[[^\[\]\n]{1,60}\]\]|<<[A-Za-z_][\w .]{0,60}>>|##[A-Za-z_]\w{0,60}##`), isEscaped},
	{Placeholder, pattern.Lazy(`[$#@]?\{(?:[\pL_][\pL\d_. -]{0,60}|\d{1,2})\}`), nil},
	{Placeholder, pattern.Lazy(`%{1,2}[\pL_][\pL\d_.-]{1,60}%{1,2}`), isPercentage},
	{Placeholder, pattern.Lazy(`(?i)\[(?:(?:first|last|full|your|customer|client)?[ _-]?name|nombre|apellidos?)\]`), nil},
	{Placeholder, pattern.Lazy(`(?:\$[(\[]|[$@<])?\bitem\.[\pL_][\pL\d_]*[)\]>]?`), isAddress},
	{Placeholder, pattern.Lazy(`\$[a-z_][a-z\d_]{2,}(?:\.[a-z_][a-z\d_]*)*`), isOfAWord},
	{Escape, pattern.Lazy(`\\(?:r\\n|[nrt]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})`), isPath},
	{Escape, pattern.Lazy(`_x[0-9A-F]{4}_`), nil},
	{Markup, pattern.Lazy(`(?i)</?(?:br|p|b|i|u|s|strong|em|div|span|a|ul|ol|li|h[1-6]|font|table|tr|td|th|img|hr|html|body)(?:\s[^<>]{0,300})?/?>`), nil},
	{Markup, pattern.Lazy(`&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});`), isNoEntity},
}

// In returns the leftovers within a text, at most ten, in its order.
func In(text string) []Piece {
	found := garbled(text)
	if !strings.ContainsAny(text, `{%<*[#\&$`) && !strings.Contains(text, "item.") && !strings.Contains(text, "_x") {
		return found // nearly all are like that
	}
	for _, p := range finders {
		for _, at := range p.find().FindAllStringIndex(text, most) {
			piece := Piece{p.kind, at[0], at[1]}
			within := func(other Piece) bool { return piece.From < other.To && other.From < piece.To }
			if slices.ContainsFunc(found, within) || p.not != nil && p.not(text, piece.From, piece.To) {
				continue
			}
			found = append(found, piece)
		}
	}
	slices.SortFunc(found, func(a, b Piece) int { return cmp.Compare(a.From, b.From) })
	return found[:min(len(found), most)]
}

// isEscaped says that a dollar sign stands before braces, ${{ as text, or that there is nothing in them.
func isEscaped(text string, from, _ int) bool {
	rest, opens := strings.CutPrefix(text[from:], "{{")
	return opens && (from > 0 && text[from-1] == '$' || strings.HasPrefix(strings.TrimSpace(rest), "}}"))
}

func isNoBraces(text string, from, to int) bool {
	return isEscaped(text, from, to) || strings.TrimSpace(strings.Trim(text[from:to], "{}")) == ""
}

// isPercentage says that percent signs belong to a number, or to an address: 100%pure%, %C3%A1.
func isPercentage(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	name := strings.Trim(text[from:to], "%")
	return unicode.IsDigit(before) || len(name) == 2 && strings.Trim(name, "0123456789abcdefABCDEF") == ""
}

// isPath says that a backslash is one of a file's name on Windows: C:\temp, \\server\new.
func isPath(text string, from, _ int) bool {
	word := text[strings.LastIndexAny(text[:from], " \n\t\"'")+1:]
	return len(word) > 2 && word[1] == ':' && word[2] == '\\' || strings.HasPrefix(word, `\\`)
}

// isAddress says that a name is a part of an address: shop.example/item.html, item.example.com.
func isAddress(text string, from, to int) bool {
	begin := strings.LastIndexAny(text[:from], " \n\t\"'(") + 1
	end := len(text)
	if n := strings.IndexAny(text[to:], " \n\t\"')"); n >= 0 {
		end = to + n
	}
	return strings.ContainsAny(text[begin:from], "/.") || strings.HasPrefix(text[to:end], "/")
}

// isOfAWord says that a dollar sign stands behind a letter or a digit: US$ and 5$ are money.
func isOfAWord(text string, from, _ int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	return unicode.IsLetter(before) || unicode.IsDigit(before) || before == '$'
}

func isNoEntity(text string, from, to int) bool {
	return html.UnescapeString(text[from:to]) == text[from:to]
}
