package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// replacement stands where a character was that must not reach a terminal: one rune wide, so that columns stay.
const replacement = '\uFFFD'

// Clean makes text safe for one line of a terminal: control characters (C0, C1, escape), characters that turn the
// direction of text and broken UTF-8 become U+FFFD; line breaks and tabs become spaces.
func Clean(s string) string {
	if isPrintableASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case isUnsafe(r):
			return replacement
		}
		return r
	}, s)
}

// cleanKeepingTabs is Clean for lines whose columns are pointed at.
func cleanKeepingTabs(s string) string {
	parts := strings.Split(s, "\t")
	for i, part := range parts {
		parts[i] = Clean(part)
	}
	return strings.Join(parts, "\t")
}

// isPrintableASCII is the quick look that most texts pass.
func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// isUnsafe says whether a rune may change how the text around it is shown.
func isUnsafe(r rune) bool {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r):
		return true
	case r == 0x061C, r == 0x200E, r == 0x200F, r == 0x2028, r == 0x2029:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// displayWidth is how wide text is on a terminal: two for East Asian wide characters and most emoji, none for marks that
// join the character before. Tabs count one; who prints them expands them.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if r < 0x80 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// shorten cuts text to a width, with an ellipsis where something went.
func shorten(s string, most int) string {
	if displayWidth(s) <= most {
		return s
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		w := runeWidth(r)
		if used+w > most-1 {
			break
		}
		b.WriteRune(r)
		used += w
	}
	return b.String() + "…"
}

// pad fills text with blanks to a width.
func pad(s string, to int) string {
	if n := to - displayWidth(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
