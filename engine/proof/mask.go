package proof

import (
	"regexp"
	"strings"
)

const (
	shownDigits = 3 // of a number that is masked
	leastNumber = 7 // digits that may be a phone number
)

// number finds what may be a phone number in a text: digits with what people write between them.
var number = regexp.MustCompile(`\+?\d[\d ().\-]*\d`)

// masked is a recipient without all but its last three characters.
func masked(recipient string) string {
	letters := []rune(recipient)
	return "…" + string(letters[max(0, len(letters)-shownDigits):])
}

// maskIn masks a recipient where a text holds it, also as it is written without its country; where none is known (empty), all that
// may be a number.
func maskIn(text, recipient string) string {
	if recipient != "" {
		text = strings.ReplaceAll(text, recipient, masked(recipient))
	}
	own := digitsOf(recipient)
	if recipient != "" && len(own) < leastNumber {
		return text
	}
	national := own[max(0, len(own)-leastNumber):]
	return number.ReplaceAllStringFunc(text, func(found string) string {
		digits := digitsOf(found)
		switch {
		case len(digits) < leastNumber || !strings.Contains(digits, national):
			return found
		case recipient != "":
			return masked(recipient)
		}
		return masked(digits)
	})
}

// digitsOf is what remains of a text without all but its digits.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
