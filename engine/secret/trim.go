package secret

import (
	"strings"
	"unicode"
)

// Trim takes white space off the ends of a secret or an id: a line break that a file or a clipboard brought along, and the marks
// that nobody sees.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
}
