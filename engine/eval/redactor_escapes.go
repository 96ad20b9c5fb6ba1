package eval

import (
	"encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printed lists what becomes of text that is quoted up to depth times, one within the other, and then goes through
// the last hand on its way out: HTML, a table, a workflow command.
func printed(text string, depth int) []string {
	const odd = "%:,'\"`\r\n&<>+"
	all := quoted(text, depth)
	for _, form := range quoted(text, min(depth, 2)) {
		if strings.ContainsAny(form, odd) {
			all = append(all, finished(form)...)
		}
	}
	return all
}

// quoted lists text and what becomes of it between the quotes of JSON and Go, within one another up to depth times.
func quoted(text string, depth int) []string {
	known := map[string]bool{text: true}
	all, latest := []string{text}, []string{text}
	for level := range depth {
		var next []string
		for _, form := range latest {
			again := inQuotes(form)
			if level == 0 {
				again = append(again, inOddQuotes(form)...)
			}
			for _, form := range again {
				if !known[form] {
					known[form], next = true, append(next, form)
				}
			}
		}
		all, latest = append(all, next...), next
	}
	return all
}

// inQuotes gives text between the quotes of JSON, with and without what makes it safe in HTML, and of Go's %q.
func inQuotes(text string) []string {
	return []string{jsonQuoted(text, false), jsonQuoted(text, true), unquoted(strconv.Quote(text))}
}

// inOddQuotes gives the escapes of JSON writers of other languages: every character beyond ASCII as \u, slashes
// as \/; and Go's %+q.
func inOddQuotes(text string) []string {
	all := []string{unquoted(strconv.QuoteToASCII(text))}
	for _, escapeHTML := range []bool{false, true} {
		form := jsonQuoted(text, escapeHTML)
		for _, form := range []string{form, asciiOnly(form, `\u%04x`), asciiOnly(form, `\u%04X`)} {
			all = append(all, form, strings.ReplaceAll(form, "/", `\/`))
		}
	}
	return all
}

func jsonQuoted(text string, escapeHTML bool) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(escapeHTML)
	if err := encoder.Encode(text); err != nil {
		return text
	}
	return unquoted(strings.TrimSuffix(out.String(), "\n"))
}

func unquoted(quoted string) string { return quoted[1 : len(quoted)-1] }

// asciiOnly writes each character beyond ASCII in UTF-16 units of the given format.
func asciiOnly(text, format string) string {
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, format, unit)
		}
	}
	return out.String()
}

// finished gives what HTML, Markdown, CSV, YAML, a shell and the commands of a workflow make of text.
func finished(text string) []string {
	command := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	return []string{
		html.EscapeString(text), strings.ReplaceAll(html.EscapeString(text), "+", "&#43;"), // the second is html/template's
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text),
		strings.ReplaceAll(text, "`", "'"), strings.ReplaceAll(text, `"`, `""`),
		strings.ReplaceAll(text, "'", "''"), strings.ReplaceAll(text, "'", `'\''`),
		command.Replace(text), strings.NewReplacer(":", "%3A", ",", "%2C").Replace(command.Replace(text)),
	}
}

// oneLine is text as it is shown in one line of a terminal: blanks for line breaks and tabs, and a mark for what
// would change how the line is shown.
func oneLine(text string, mark rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			return mark
		}
		return r
	}, text)
}
