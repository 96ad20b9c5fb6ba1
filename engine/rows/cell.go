package rows

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Cell is the value of a cell that holds this text: composed, and without the white space around it, which nobody sees or means.
func Cell(text string) string { return trimmed(Composed(text)) }

func trimmed(text string) string { return strings.TrimFunc(text, isBlank) }

// mayBeBlank says of the first or the last byte of a text whether what it belongs to may be blank.
func mayBeBlank(b byte) bool { return b <= ' ' || b >= utf8.RuneSelf }

// isSeen says whether a rune leaves a mark on paper.
func isSeen(r rune) bool {
	if r > ' ' && r < 0x7F {
		return true
	}
	return !isBlank(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.In(r, unicode.Cf, unicode.Variation_Selector) && r != '\u2800'
}

// shown is the text of a cell as a spreadsheet shows it: of ="text" the text, and nothing of an apostrophe that keeps a number, or what
// looks like a formula, from being taken for one.
func shown(cell string) string {
	switch {
	case strings.HasPrefix(cell, `="`):
		inner, ok := strings.CutSuffix(strings.TrimRight(cell[2:], " \t"), `"`)
		if !ok || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
			return cell // a formula
		}
		return strings.ReplaceAll(inner, `""`, `"`)
	case strings.HasPrefix(cell, "'"):
		next, _ := utf8.DecodeRuneInString(cell[1:])
		if next >= '0' && next <= '9' || strings.ContainsRune("+=-@\uFF0B\uFF1D\uFF0D\uFF20", next) {
			return cell[1:]
		}
	}
	return cell
}

// Composed is text in Unicode's composed form, NFC, in which texts are compared: é is one letter, not an e and an accent, as macOS
// writes it. Text with one of the few letters of Chinese and Japanese names that the form would replace by their ordinary
// ones stays as it is.
func Composed(text string) string {
	if norm.NFC.IsNormalString(text) || strings.ContainsFunc(text, isCompatibilityIdeograph) {
		return text
	}
	return norm.NFC.String(text)
}

func isCompatibilityIdeograph(r rune) bool {
	return r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}

// mayCompose says whether text may be not composed. It is quick for texts of Latin letters: no letter before U+0300, whose first byte
// is 0xCC, is composed with the one before it.
func mayCompose(text []byte) bool {
	for _, b := range text {
		if b >= 0xCC {
			return !norm.NFC.IsNormal(text)
		}
	}
	return false
}
