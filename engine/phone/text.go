package phone

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"waybill/engine/pattern"
)

const longestExtension = 6 // digits; more are another number

const maxText = 256 // bytes; no number and no user id is as long, however it is written

//nolint:gochecknoglobals // constant
var (
	exponentPattern = pattern.Lazy(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})$`)
	decimalPattern  = pattern.Lazy(`^\+?([0-9]{7,})[.,]0+$`)
	groupedPattern  = pattern.Lazy(`^\+?[0-9]{1,3}([,_'’][0-9]{3})+$`)
	datePattern     = pattern.Lazy(`^(?:(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|[0-3][0-9][-.][01][0-9][-.](?:19|20)[0-9]{2})$`)
	prefixPattern   = pattern.Lazy(`^(?i:tel|whatsapp|phone|mobile):`)
)

// trunk is how some write the 0 that is dialled inside the country only.
const trunk = "(0)"

func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
}

// refuseMisread refuses texts whose digits are not the number's, or not all of them.
func (r Reading) refuseMisread(text, trimmed string) error {
	switch {
	case trimmed == "":
		return refuse(text, "it is empty")
	case len(trimmed) > maxText:
		return refuse(text, fmt.Sprintf("it has %d characters", utf8.RuneCountInString(trimmed)))
	case plain(trimmed): // none of the following
		return nil
	case datePattern().MatchString(trimmed):
		return refuse(text, "it is a date")
	case exponentPattern().MatchString(trimmed):
		return asAmount(text, "a spreadsheet or a YAML reader made an exponent of it", r.meant(fromExponent(trimmed)))
	case decimalPattern().MatchString(trimmed):
		return asAmount(text, "it was read as a decimal number", r.meant(decimalPattern().FindStringSubmatch(trimmed)[1]))
	case groupedPattern().MatchString(trimmed):
		return asAmount(text, "it was written with thousands separators", r.meant(keepDigits(trimmed)))
	case strings.Contains(trimmed, trunk):
		e := refuse(text, "the (0) is dialled inside the country only")
		if fix := r.withoutTrunk(trimmed); fix != "" {
			return e.suggest(fix)
		}
		return r.suggestAmong(trimmed, e)
	case prefixPattern().MatchString(trimmed):
		return refuse(text, "it has a prefix").suggest(r.meant(prefixPattern().ReplaceAllString(trimmed, "")))
	}
	return nil
}

// plain reports whether a text holds only digits, blanks and a leading plus.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && c != ' ' && (c != '+' || i > 0) {
			return false
		}
	}
	return true
}

// meant returns the number that a part of a text is, when it is a valid one; else "".
func (r Reading) meant(part string) string {
	if part == "" {
		return ""
	}
	n, err := Reading{Country: r.Country, Literal: true}.Read(part)
	if err != nil || n.Warning != "" {
		return ""
	}
	return n.Text
}

// withoutTrunk returns the number that is meant where the 0 stands in parentheses; Italy's is a part of the number.
func (r Reading) withoutTrunk(text string) string {
	if fix := r.meant(strings.Replace(text, trunk, "", 1)); fix != "" {
		return fix
	}
	return r.meant(strings.Replace(text, trunk, "0", 1))
}

// fromExponent returns the number when the mantissa holds all its digits, else "": 3.4612345678E+10, not 4.479E+11.
func fromExponent(text string) string {
	parts := exponentPattern().FindStringSubmatch(text)
	if want := fmt.Sprint(len(parts[2])); strings.TrimLeft(parts[3], "0") != want {
		return ""
	}
	return parts[1] + parts[2]
}

func keepDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// digits returns the digits of a text that holds only digits, separators and a leading plus.
func (r Reading) digits(text, trimmed string) (digits string, plus bool, err error) {
	var b strings.Builder
	for i, c := range trimmed {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == '+' && b.Len() == 0 && !plus:
			plus = true
		case i > 0 && isSeparator(c), c == '(', c == '.' && i > 0, isInvisible(c):
		default:
			return "", false, r.refuseRune(text, trimmed, i, c)
		}
	}
	return b.String(), plus, nil
}

// refuseRune refuses a text for what is no part of a number, and stands at a byte of it.
func (r Reading) refuseRune(text, trimmed string, at int, c rune) error {
	if !strings.ContainsFunc(trimmed, unicode.IsDigit) {
		return refuse(text, "it holds no digits")
	}
	var number, extension string
	if at > 0 || c > unicode.MaxASCII || !unicode.IsLetter(c) { // an extension stands behind a number, and to look for one is dear
		number, extension = phonenumbers.MaybeSeparateExtensionFromPhone(trimmed)
	}
	if extension != "" && c != ',' && len(extension) <= longestExtension { // behind a comma more likely a second number
		e := refuse(text, fmt.Sprintf("it has the extension %s, which WhatsApp cannot reach", extension))
		return e.suggest(r.meant(strings.TrimRight(number, " ,;")))
	}
	switch {
	case c == '+':
		if before := strings.TrimSpace(trimmed[:at]); before != "" && strings.HasPrefix(trimmed[at:], before) {
			if fix := r.certain(trimmed[at:]); fix != "" {
				return refuse(text, "its country code stands twice").suggest(fix)
			}
		}
		return r.suggestAmong(trimmed, refuse(text, "the plus stands inside it; are these two numbers?"))
	case unicode.IsDigit(c):
		return refuse(text, fmt.Sprintf("%q is a digit of another script; use 0 to 9", c)).suggest(r.inASCII(trimmed))
	case unicode.IsLetter(c):
		return r.suggestAmong(trimmed, refuse(text, fmt.Sprintf("it holds the letter %q", c)))
	case strings.ContainsRune(",;/|:\n\r", c):
		e := refuse(text, fmt.Sprintf("it holds %q; are these two numbers?", c))
		if r.Literal {
			e.Hint = "write one of them: a step writes to one person, and one with a forEach to each of several"
			return e
		}
		e.Hint = fmt.Sprintf("take the first of them: split(…, %q)[0]", separatorIn(trimmed, c))
		return e
	}
	e := refuse(text, fmt.Sprintf("it holds %q", c))
	if fix := r.inASCII(trimmed); fix != "" {
		return e.suggest(fix)
	}
	return r.suggestAmong(trimmed, e)
}

// separatorIn returns what parts two numbers: Google's " ::: ", or the character by itself.
func separatorIn(text string, c rune) string {
	if strings.Contains(text, " ::: ") {
		return " ::: "
	}
	return string(c)
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
