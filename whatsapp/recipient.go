package whatsapp

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Recipient is who a message goes to: a phone number as "+" and 7 to 15 digits, or a business-scoped user id such
// as "US.13491208655302741918". ParseRecipient makes one. The zero value is not valid.
type Recipient string

// The number of digits of a phone number. 15 is E.164's limit; 7 is a convention.
const (
	MinPhoneDigits = 7
	MaxPhoneDigits = 15

	maxRecipient = 256 // bytes; no number and no user id is as long, however it is written
)

var (
	userIDPattern   = regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$`)
	exponentPattern = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})$`)
	decimalPattern  = regexp.MustCompile(`^\+?([0-9]{7,})[.,]0+$`)
	groupedPattern  = regexp.MustCompile(`^\+?[0-9]{1,3}([,_'’][0-9]{3})+$`)
	trunkPattern    = regexp.MustCompile(`\(0\)`)
	cleanPattern    = regexp.MustCompile(`^\+?[0-9 ()-]+$`)
	datePattern     = regexp.MustCompile(`^(?:(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3][0-9][-.][01][0-9][-.](?:19|20)[0-9]{2})$`)
	prefixPattern   = regexp.MustCompile(`^(?i:tel|whatsapp|phone|mobile):`)
)

// IsUserID reports whether it is a business-scoped user id rather than a number.
func (r Recipient) IsUserID() bool {
	return !strings.HasPrefix(string(r), "+") && userIDPattern.MatchString(string(r))
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

// RecipientError says why a text is not a recipient.
type RecipientError struct {
	Text    string // as given
	Problem string // what is wrong with it
	Fix     string // the number that was meant; empty where that is not certain
	Hint    string // what to write instead
}

// Error says what is wrong and what to write instead.
func (e *RecipientError) Error() string {
	return fmt.Sprintf("%q is not a phone number: %s; %s", shorten(e.Text), e.Problem, e.Hint)
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}

// ParseRecipient reads a number as people write it, "+34 612-345-678" or "0034 (612) 345.678", or a
// business-scoped user id. A number without a plus is taken to begin with its country code. The error is a
// *RecipientError: a wrong guess would message a stranger, so what is ambiguous is refused.
func ParseRecipient(text string) (Recipient, error) {
	trimmed := strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
	if len(trimmed) > maxRecipient {
		return "", refuse(text, fmt.Sprintf("it has %d characters", utf8.RuneCountInString(trimmed)), "")
	}
	if Recipient(trimmed).Valid() { // most lists are clean
		return Recipient(trimmed), nil
	}
	if err := checkMisread(text, trimmed); err != nil {
		return "", err
	}
	digits, plus, err := collectDigits(text, trimmed)
	if err != nil {
		return "", err
	}
	if !plus && strings.HasPrefix(digits, "00") {
		digits = digits[2:]
	}
	switch {
	case digits == "":
		return "", refuse(text, "it holds no digits", "")
	case digits[0] == '0':
		return "", refuse(text, "it begins with 0, so the country code is missing", "")
	case len(digits) < MinPhoneDigits:
		return "", refuse(text, fmt.Sprintf("it has %d digits, a number has at least %d", len(digits), MinPhoneDigits), "")
	case len(digits) > MaxPhoneDigits:
		return "", refuse(text, fmt.Sprintf("it has %d digits, a number has at most %d", len(digits), MaxPhoneDigits), "")
	}
	return Recipient("+" + digits), nil
}

// refuse returns a *RecipientError; a fix that is not a valid recipient itself is left out.
func refuse(text, problem, fix string) error {
	e := &RecipientError{Text: text, Problem: problem, Hint: `write it with the country code and in quotes, such as "+34612345678"`}
	if Recipient(fix).Valid() {
		e.Fix, e.Hint = fix, fmt.Sprintf("write %q, with the quotes", fix)
	}
	return e
}

// checkMisread refuses texts whose digits are not the number's, or not all of them.
func checkMisread(text, trimmed string) error {
	switch {
	case trimmed == "":
		return refuse(text, "it is empty", "")
	case datePattern.MatchString(trimmed):
		return refuse(text, "it is a date", "")
	case exponentPattern.MatchString(trimmed):
		return refuse(text, "a spreadsheet or a YAML reader made an exponent of it", fromExponent(trimmed))
	case decimalPattern.MatchString(trimmed):
		return refuse(text, "it was read as a decimal number", "+"+decimalPattern.FindStringSubmatch(trimmed)[1])
	case groupedPattern.MatchString(trimmed):
		return refuse(text, "it was written with thousands separators", "+"+keepDigits(trimmed))
	case trunkPattern.MatchString(trimmed):
		return refuse(text, "the (0) is dialled inside the country only", cleanNumber(trunkPattern.ReplaceAllString(trimmed, "")))
	case prefixPattern.MatchString(trimmed):
		return refuse(text, "it has a prefix", cleanNumber(prefixPattern.ReplaceAllString(trimmed, "")))
	}
	return nil
}

// fromExponent returns the number when the mantissa holds all its digits, else "": 3.4612345678E+10, not 4.479E+11.
func fromExponent(text string) string {
	parts := exponentPattern.FindStringSubmatch(text)
	if want := fmt.Sprint(len(parts[2])); strings.TrimLeft(parts[3], "0") != want {
		return ""
	}
	return "+" + parts[1] + parts[2]
}

// cleanNumber returns the number in a text that holds nothing else, such as an extension; "" where it does.
func cleanNumber(text string) string {
	if !cleanPattern.MatchString(text) || trunkPattern.MatchString(text) {
		return ""
	}
	return "+" + strings.TrimPrefix(keepDigits(text), "00")
}

func keepDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// collectDigits returns the digits of a text that holds only digits, separators and a leading plus.
func collectDigits(text, trimmed string) (digits string, plus bool, err error) {
	var b strings.Builder
	for i, r := range trimmed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0 && !plus:
			plus = true
		case i > 0 && isSeparator(r), r == '(', r == '.' && i > 0, isInvisible(r):
		case r == '+':
			return "", false, refuse(text, "the plus stands inside it; are these two numbers?", "")
		case unicode.IsDigit(r):
			return "", false, refuse(text, fmt.Sprintf("%q is a digit of another script; use 0 to 9", r), "")
		case unicode.IsLetter(r):
			return "", false, refuse(text, fmt.Sprintf("it holds the letter %q", r), "")
		case r == ',' || r == ';' || r == '/':
			return "", false, refuse(text, fmt.Sprintf("it holds %q; are these two numbers?", r), "")
		default:
			return "", false, refuse(text, fmt.Sprintf("it holds %q", r), "")
		}
	}
	return b.String(), plus, nil
}

// isSeparator reports whether a rune separates digits: blanks, hyphens and dashes of every width, a closing parenthesis, but not the dot.
func isSeparator(r rune) bool {
	return r == ')' || r == '-' || r == '\u2212' || (r >= '\u2010' && r <= '\u2015') || r == '\t' || unicode.Is(unicode.Zs, r)
}

// isInvisible reports whether a rune is a mark of writing direction or width, as copied
// along with numbers of an address book.
func isInvisible(r rune) bool {
	switch r {
	case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	default:
		return (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
	}
}
