package leftover

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waybill/engine/pattern"
)

// Value says what a value as a whole is a leftover of: Nothing, Placeholder, Formula or Ditto; zero: of nothing.
func Value(value string) Kind {
	switch value = strings.TrimSpace(value); {
	case value == "":
	case SaysNothing(value), isZeroDate(value), isLoading(value), isUnknown(value):
		return Nothing
	case isDitto(value):
		return Ditto
	case isField(value):
		return Placeholder
	case len(value) > 1 && value[0] == '=' && isFormula(value[1:]):
		return Formula
	}
	return 0
}

// dittos are what people write in a cell for the value of the row above.
var dittos = byFirst( //nolint:gochecknoglobals // constant
	`"`, `""`, "''", "″", "〃", "„", "”", "“", "ditto", "dito", "idem", "ídem", "same", "same as above", "as above", "see above", "same as previous",
	"lo mismo", "igual", "el mismo", "la misma", "mismo", "misma", "o mesmo", "a mesma", "le même", "la même", "stesso", "lo stesso", "siehe oben", "s.o", "wie oben",
)

func isDitto(value string) bool {
	first, _ := utf8.DecodeRuneInString(value)
	value = strings.TrimRight(value, ". ")
	return slices.ContainsFunc(dittos[first], func(word string) bool { return len(word) == len(value) && strings.EqualFold(word, value) })
}

// isZeroDate tells the day from which a program counts, as it comes out of a cell where there is no date.
func isZeroDate(value string) bool {
	if value[0] < '0' || value[0] > '3' {
		return false
	}
	day, _, _ := strings.Cut(value, " ")
	day, _, _ = strings.Cut(day, "T")
	if len(day) < len("0-1-1900") || len(day) > len("0000-00-00") || !isZeroYear(day[:4]) && !isZeroYear(day[len(day)-4:]) {
		return false // nearly all are of another year
	}
	day = strings.NewReplacer("/", "-", ".", "-").Replace(day)
	if day[:4] == "0001" {
		_, err := time.Parse(time.DateOnly, day) // csvkit makes 0001-04-01 of the name April
		return err == nil
	}
	switch day {
	case "0000-00-00", "00-00-0000", "00-00-00", // MySQL
		"1899-12-30", "30-12-1899", "12-30-1899", "1899-12-31", "31-12-1899", "12-31-1899", // Access, LibreOffice
		"1900-01-00", "00-01-1900", "0-1-1900", "1-0-1900", "1900-01-01", "01-01-1900", "1-1-1900", // Excel, SQL Server
		"1970-01-01", "01-01-1970", "1-1-1970", "01-01-0001": // Unix, .NET
		return true
	}
	return false
}

// isZeroYear says whether four characters are the year of such a day, or may be the end of one whose year has two.
func isZeroYear(text string) bool {
	switch text {
	case "0000", "1899", "1900", "1970", "0001":
		return true
	}
	return strings.HasPrefix(text, "0") && strings.HasSuffix(text, "00")
}

// isLoading tells what a cell of Google Sheets shows before its value is there.
func isLoading(value string) bool {
	if !strings.HasSuffix(value, "...") && !strings.HasSuffix(value, "…") {
		return false
	}
	switch strings.ToLower(strings.TrimRight(value, ".…")) {
	case "loading", "cargando", "chargement":
		return true
	}
	return false
}

// unknowns are what people type where a form wants a name and they have none.
var unknowns = byFirst( //nolint:gochecknoglobals // constant
	"sin nombre", "desconocido", "desconocida", "no name", "unnamed", "unknown", "sem nome", "sans nom", "ohne name", "unbekannt", "senza nome",
)

// isUnknown tells such words, and signs alone. A dash is meant to be read.
func isUnknown(value string) bool {
	first, _ := utf8.DecodeRuneInString(value)
	switch first {
	case '.', '?', '¿', '!', '*', '_':
		return strings.Trim(value, ".?¿!*_") == ""
	case 'x', 'X':
		return len(value) > 2 && strings.Trim(value, "xX") == ""
	}
	return slices.ContainsFunc(unknowns[first], func(word string) bool { return len(word) == len(value) && strings.EqualFold(word, value) })
}

// field is a field of a form letter, or a date's pattern.
var field = pattern.Lazy(`^(?:«[\pL_][\pL\d_]*»|<[\pL_][\pL\d_ ]*>|(?i:(?:dd|mm|yy|yyyy|aaaa|jjjj|tt|hh)(?:[-/.: ](?:dd|mm|yy|yyyy|aaaa|jjjj|tt|hh|ss))+))$`) //nolint:gochecknoglobals // constant

func isField(value string) bool {
	if len(value) < 2 || len(value) > 60 {
		return false
	}
	first, second := value[0], value[1]
	twice := first|0x20 == second|0x20 && strings.IndexByte("dmyajth", first|0x20) >= 0 // as each pattern of a date begins
	return (twice || first == '<' || strings.HasPrefix(value, "«")) && field().MatchString(value)
}

// isFormula says whether what stands behind an equals sign is calculated: a sign on paper, such as => or ==, is not.
func isFormula(text string) bool {
	first := text[0]
	return first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z' || first >= '0' && first <= '9' || strings.IndexByte(`"'(+-$@{#`, first) >= 0
}

// SaysNothing tells whether a value is a word that programs write for nothing, or an error of a spreadsheet: NULL, nan, undefined,
// #N/A. Signs that people write, such as -, are none.
func SaysNothing(value string) bool {
	word := strings.TrimSpace(value)
	if word == "" || strings.IndexByte("#nuiseoNUISEO()[]{}<>", word[0]) < 0 {
		return false // nearly all begin otherwise
	}
	word = strings.ToLower(word)
	if strings.HasPrefix(word, "#") {
		return isError(strings.TrimRight(word, "!? ")) || len(word) > 2 && strings.Trim(word, "#") == "" // of a column that was too narrow
	}
	switch strings.Trim(word, "()<>[]{}") {
	case "null", "nil", "none", "nan", "undefined", "nat", "object object", "invalid date":
		return true
	case "n/a", "n.a.", "n/d", "s/n", "n.d.":
		return true
	case "err:502", "err:504", "err:508", "err:509", "err:511", "err:522", "err:523": // of LibreOffice
		return true
	}
	return value == "NA" || value == "infinity" // PostgreSQL's day that never comes; Infinity may be a gym
}

// isError tells the errors of Excel and LibreOffice in the languages that many files come from.
func isError(word string) bool {
	switch word {
	case "#n/a", "#ref", "#value", "#name", "#div/0", "#null", "#num", "#spill", "#calc", "#error", "#getting_data", "#field", "#blocked",
		"#connect", "#unknown", "#busy", "#python":
		return true
	case "#n/d", "#valor", "#¡valor", "#¡ref", "#¿nombre", "#nombre", "#¡div/0", "#¡nulo", "#nulo", "#¡num", "#núm", "#¡núm", // Spanish, Portuguese
		"#nv", "#bezug", "#wert", "#zahl", "#nome", "#valeur", "#nom", "#nul", "#nd", "#rif", "#valore": // German, French, Italian
		return true
	}
	return false
}
