package leftover

import "strings"

// Value says what a value as a whole is a leftover of: Nothing or Formula; zero: of nothing.
func Value(value string) Kind {
	switch value = strings.TrimSpace(value); {
	case value == "":
	case SaysNothing(value):
		return Nothing
	case len(value) > 1 && value[0] == '=' && isFormula(value[1:]):
		return Formula
	}
	return 0
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
	return value == "NA"
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
