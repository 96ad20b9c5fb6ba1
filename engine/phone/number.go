package phone

import (
	"regexp"
	"strings"
)

// Number is who a text means: a telephone number, or a business-scoped user id.
type Number struct {
	Text    string // "+34612345678", or "US.13491208655302741918"
	Region  string // two letters of ISO 3166: "ES"; empty: of no country, or of an unknown one
	Assumed bool   // it was written without + and 00, and no country was said: its first digits are taken for the country code
	Warning string // why libphonenumber finds it invalid, and what may have been meant; empty: it is valid
}

// The number of digits of a telephone number. 15 is E.164's limit; 7 is a convention.
const (
	minDigits = 7
	maxDigits = 15
)

var userIDPattern = regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$`)

// isUserID reports whether a text is a business-scoped user id.
func isUserID(text string) bool {
	return len(text) > 3 && text[0] >= 'A' && text[0] <= 'Z' && userIDPattern.MatchString(text)
}

// IsID reports whether a text is a number in its final form, or a business-scoped user id, and nothing else.
func IsID(text string) bool {
	_, number := digitsOf(text)
	return number || isUserID(text)
}

// MayBeID is false of a text that Reading.Read refuses for certain: a letter of Latin is in it, and no dot, which each user id has. It
// costs much less than reading, and nearly all keys of rows are of this kind.
func MayBeID(text string) bool {
	letter := false
	for i := range len(text) {
		c := text[i] | 0x20
		letter = letter || c >= 'a' && c <= 'z'
		if text[i] == '.' {
			return true
		}
	}
	return !letter
}

// digitsOf returns the digits of a number in its final form; ok is false for anything else.
func digitsOf(text string) (digits string, ok bool) {
	digits, plus := strings.CutPrefix(text, "+")
	if !plus || len(digits) < minDigits || len(digits) > maxDigits || digits[0] == '0' {
		return "", false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", false
		}
	}
	return digits, true
}

// Region returns the country of a number in its final form or of a user id: two letters of ISO 3166, or "" for none. Of a number
// that is invalid it is the country with most of its country code's numbers.
func Region(number string) string {
	if digits, ok := digitsOf(number); ok {
		return international(digits).Region
	}
	if isUserID(number) {
		return number[:2]
	}
	return ""
}
