package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvCell is text for a spreadsheet or a terminal that shows CSV: clean, and with an apostrophe where it begins like a formula
// and is no number. Full-width signs are read as the plain ones.
func csvCell(s string) string {
	formula := s != "" && strings.ContainsAny(s[:1], "\t\r") // as a spreadsheet had it before it was clean
	s = Clean(s)
	first, _ := utf8.DecodeRuneInString(s)
	if formula = formula || strings.ContainsRune("=+-@\uFF1D\uFF0B\uFF0D\uFF20", first); s == "" || !formula {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

func emptyIfNil(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func emptyIfZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
