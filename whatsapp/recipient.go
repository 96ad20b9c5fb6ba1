package whatsapp

import (
	"regexp"
	"strings"
	"sync"
)

// Recipient is who a message goes to: a phone number as "+" and 7 to 15 digits, or a business-scoped user id such
// as "US.13491208655302741918". The zero value is not valid.
type Recipient string

// The number of digits of a phone number. 15 is E.164's limit; 7 is a convention.
const (
	MinPhoneDigits = 7
	MaxPhoneDigits = 15
)

// userIDPattern is compiled when it is first asked: most recipients are numbers.
var userIDPattern = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // constant
	return regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$`)
})

// IsUserID reports whether it is a business-scoped user id rather than a number.
func (r Recipient) IsUserID() bool {
	return !strings.HasPrefix(string(r), "+") && userIDPattern().MatchString(string(r))
}

// Valid reports whether it has one of the two forms.
func (r Recipient) Valid() bool { return isPhone(string(r)) || r.IsUserID() }

// isPhone reports whether a text is a number in its final form. It is called several times a message, hence no regexp.
func isPhone(text string) bool {
	digits, plus := strings.CutPrefix(text, "+")
	if !plus || len(digits) < MinPhoneDigits || len(digits) > MaxPhoneDigits || digits[0] == '0' {
		return false
	}
	return onlyBytes(digits, func(c byte) bool { return c >= '0' && c <= '9' })
}

// onlyBytes reports whether a text holds no other bytes than these.
func onlyBytes(text string, these func(c byte) bool) bool {
	for i := range len(text) {
		if !these(text[i]) {
			return false
		}
	}
	return true
}
