package runner

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode"
)

// replaced is an expression that makes of the first sign what it stands for.
func (s *suspicion) replaced() string {
	sign, meant := "<br>", `\n`
	if len(s.examples) > 0 {
		sign = s.examples[0]
	}
	switch lower := strings.ToLower(sign); {
	case lower[0] == '&':
		meant = html.UnescapeString(sign)
	case lower[0] == '<' && !strings.HasPrefix(lower, "<br"), lower[0] == '_':
		meant = ""
	case lower == `\t`:
		meant = " "
	case strings.HasPrefix(lower, `\u`), strings.HasPrefix(lower, `\x`):
		meant = letterOf(lower)
	}
	return fmt.Sprintf(`replace(%s, %q, "%s")`, s.cell, sign, meant)
}

// letterOf is the letter that an escape of hexadecimal digits stands for, as an expression writes it; empty where nobody reads it.
func letterOf(escape string) string {
	if digits, ok := strings.CutPrefix(escape, `\x`); ok {
		escape = `\u00` + digits
	}
	letter, err := strconv.Unquote(`"` + escape + `"`)
	if err != nil || strings.ContainsFunc(letter, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return ""
	}
	return strings.Trim(strconv.Quote(letter), `"`)
}
