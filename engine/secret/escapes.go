package secret

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

// printed lists what becomes of text that is put between the quotes of JSON or Go, once or twice (a message that
// quotes a value, in a document of JSON), and of that in HTML, a table, YAML, a shell or a workflow command.
func printed(text string) []string {
	all := append([]string{text}, inQuotes(text)...)
	for _, once := range inQuotes(text) {
		all = append(all, inQuotes(once)...)
	}
	all = append(distinct(all), fromOthers(text)...)
	for _, form := range all {
		if strings.ContainsAny(form, "%:,'\"`\r\n&<>+") {
			all = append(all, finished(form)...)
		}
	}
	return all
}

// inQuotes returns text between the quotes of JSON, with and without what makes it safe in HTML, and of Go's %q.
func inQuotes(text string) []string {
	return []string{jsonQuoted(text, false), jsonQuoted(text, true), unquoted(strconv.Quote(text))}
}

// fromOthers returns the escapes of JSON writers of other languages, such as the API's answers have them: every
// character beyond ASCII as \u, slashes as \/.
func fromOthers(text string) []string {
	plain := jsonQuoted(text, false)
	ascii := asciiOnly(plain)
	return []string{ascii, strings.ReplaceAll(plain, "/", `\/`), strings.ReplaceAll(ascii, "/", `\/`)}
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

// asciiOnly writes each character beyond ASCII in UTF-16 units.
func asciiOnly(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// finished returns what HTML, Markdown, CSV, YAML, a shell and the commands of a workflow make of text.
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
