package runner

import (
	"regexp"
	"strings"
	"unicode"

	"waybill/engine/pattern"
)

//nolint:gochecknoglobals // constant
var (
	isoDate      = pattern.Lazy(`((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})`)
	writtenDates = [...]func() *regexp.Regexp{
		pattern.Lazy(`([0-9]{1,2})/([0-9]{1,2})/((?:19|20)[0-9]{2}|[0-9]{2})`),
		pattern.Lazy(`([0-9]{1,2})\.([0-9]{1,2})\.((?:19|20)[0-9]{2}|[0-9]{2})`),
		pattern.Lazy(`([0-9]{1,2})-([0-9]{1,2})-((?:19|20)[0-9]{2})`),
	}
	midnight     = pattern.Lazy(`( [0-9]+ [0-9]+ [0-9]+ )[T ]0?0:00(?::00(?:\.0+)?)?Z?`)
	fullSeconds  = pattern.Lazy(`([0-9]{1,2}:[0-9]{2}):00(?:\.0+)?`)
	noFraction   = pattern.Lazy(`([0-9])[.,]0+($|[^0-9.,])`)
	fractionEnd  = pattern.Lazy(`([0-9][.,][0-9]*[1-9])0+($|[^0-9.,])`)
	inThousands  = pattern.Lazy(`^[0-9]{1,3}(?:[.,' ][0-9]{3})+$`)
	clockBehindT = pattern.Lazy(`T([0-9]{1,2}:)`)
)

// plainKey is a key without that by which spreadsheets and exports write one value in several ways: zeros before a number and at the
// end of its fraction, thousands, capitals, signs between its parts, and the forms of dates and times. Of a date with numbers alone nobody knows
// which is the month.
func plainKey(key string) string {
	if inThousands().MatchString(key) {
		key = strings.Join(strings.FieldsFunc(key, func(r rune) bool { return !unicode.IsDigit(r) }), "")
	}
	key = isoDate().ReplaceAllStringFunc(key, func(text string) string {
		parts := isoDate().FindStringSubmatch(text)
		return plainDate(parts[1], parts[2], parts[3])
	})
	for _, written := range writtenDates {
		key = written().ReplaceAllStringFunc(key, func(text string) string {
			parts := written().FindStringSubmatch(text)
			return plainDate(parts[3], parts[1], parts[2])
		})
	}
	key = midnight().ReplaceAllString(key, "$1")
	key = clockBehindT().ReplaceAllString(key, " $1")
	key = fullSeconds().ReplaceAllString(key, "$1")
	key = fractionEnd().ReplaceAllString(noFraction().ReplaceAllString(key, "$1$2"), "$1$2")
	var parts []string
	for rest := strings.ToLower(key); rest != ""; {
		part := firstPart(rest)
		rest = rest[len(part):]
		switch first := part[0]; {
		case first >= '0' && first <= '9':
			parts = append(parts, strings.TrimLeft(part, "0"))
		case isWord(part):
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// plainDate is a date whose month and day may have been written in either order.
func plainDate(year, a, b string) string {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) > len(b) || len(a) == len(b) && a > b {
		a, b = b, a
	}
	return " " + year[len(year)-2:] + " " + a + " " + b + " "
}

// firstPart is what a text begins with: digits, letters, or signs.
func firstPart(text string) string {
	kindOf := func(r rune) int {
		switch {
		case r >= '0' && r <= '9':
			return 1
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
			return 2
		}
		return 3
	}
	kind := 0
	for at, r := range text {
		if now := kindOf(r); kind != 0 && now != kind {
			return text[:at]
		} else if kind == 0 {
			kind = now
		}
	}
	return text
}

func isWord(part string) bool {
	return strings.ContainsFunc(part, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
