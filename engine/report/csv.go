package report

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// byteOrderMark begins a CSV file in UTF-8: without it Excel takes the letters for those of a code page.
const byteOrderMark = "\uFEFF"

// csvCell is text of ours for a spreadsheet or a terminal that shows CSV: clean, on one line, and as protected says.
func csvCell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "\t\r") { // as a spreadsheet had it before it was clean
		return "'" + Clean(s)
	}
	return protected(Clean(s))
}

// csvValue is the value of a row, which a source has to give again: its lines are kept, and the marks by which some scripts are written.
func csvValue(s string) string {
	return protected(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return ' '
		}
		return r
	}, s))
}

// protected is a text that a spreadsheet shows as it is. Excel and LibreOffice make numbers and dates of what looks like one: +34… loses
// its plus, 0034 its zeros, a long number its last digits, 1/2 becomes a day. ="text" keeps them from it. What begins like a
// formula gets an apostrophe, as is usual; full-width signs are read as the plain ones. A source of Waybill's reads both back.
func protected(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
	case looksLikeNumber(s):
		return asText(s)
	case strings.ContainsRune("=+-@\uFF1D\uFF0B\uFF0D\uFF20", first):
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return "'" + s
		}
	case first == '\t' || first == '\r' || first == '\n' || first == '\'' && len(s) > 1 && !unicode.IsLetter(rune(s[1])):
		return asText(s)
	}
	return s
}

// asText is ="text".
func asText(s string) string { return `="` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// mostDigits is how many digits of a number a spreadsheet shows as they are.
const mostDigits = 9

var numeric = regexp.MustCompile(`^(?:\+?[\d ().]*\d|\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{1,4})?|\d{1,2}:\d\d(?::\d\d)?|\d+[eE]\d+|[+-]?\d*,\d+)$`)

// looksLikeNumber says whether a spreadsheet would take a text for a number, a time or a date and show another than it is.
func looksLikeNumber(s string) bool {
	if len(s) > 40 || !numeric.MatchString(s) {
		return false
	}
	if plain := strings.TrimPrefix(s, "-"); strings.Trim(plain, "0123456789") == "" {
		return len(plain) > mostDigits || len(plain) > 1 && plain[0] == '0'
	}
	f, err := strconv.ParseFloat(s, 64)
	return err != nil || s[0] == '+' || strconv.FormatFloat(f, 'f', -1, 64) != s
}

// columnNames are the names of our columns and those of the rows, each once. A row's keep theirs, so that a job that reads the file finds
// in them what it found in the row; one of ours that is called alike is called waybill_….
func columnNames(ours, theirs []string) []string {
	taken := map[string]bool{}
	unique := func(name string) string {
		free := name
		for n := 2; taken[free]; n++ {
			free = name + "_" + strconv.Itoa(n)
		}
		taken[free] = true
		return free
	}
	var names []string
	for _, name := range theirs {
		if name = strings.TrimSpace(Clean(name)); name == "" {
			name = "column"
		}
		names = append(names, unique(name))
	}
	var all []string
	for _, name := range ours {
		if taken[name] {
			name = "waybill_" + name
		}
		all = append(all, unique(name))
	}
	for _, name := range names {
		all = append(all, protected(name))
	}
	return all
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
