package phone

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"waybill/engine/pattern"
)

// runPattern is a run of digits as one number is written.
var runPattern = pattern.Lazy(`\+?[0-9](?:[ ().\-\x{00A0}\x{2010}-\x{2015}]{0,3}[0-9])*`) //nolint:gochecknoglobals // constant

// mostMeant is how many numbers of one text are shown.
const mostMeant = 3

// among returns the valid numbers that stand among the words of a text; none where some digits of it belong to no number.
func (r Reading) among(text string) []string {
	var numbers []string
	for _, run := range runPattern().FindAllString(text, -1) {
		if run == text { // no words are around it
			return nil
		}
		number := r.certain(run)
		if number == "" {
			return nil
		}
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// certain returns the valid number that a text of digits is, or was surely meant to be, where it says its country; else "".
func (r Reading) certain(text string) string {
	n, err := Reading{Country: r.Country}.Read(text)
	if wrong, ok := errors.AsType[*Error](err); ok {
		return wrong.Fix
	}
	if n.Warning != "" {
		return ""
	}
	return n.Text
}

// suggestAmong says which number stands among the words of a text. Of several a person has to choose one.
func (r Reading) suggestAmong(text string, e *Error) *Error {
	numbers := r.among(text)
	switch {
	case len(numbers) == 0:
		return e
	case len(numbers) == 1:
		e.beside = saysMore(text)
		return e.suggest(numbers[0])
	}
	return e.several(numbers)
}

// labels are words that stand beside a number and say nothing but that it is one, in lower case.
const labels = " tel tels telf tlf tfno tfn tlfn telefon telefono teléfono telefone telephone téléphone phone ph mobile mobil mob movil móvil " +
	"móv mov cell cel celular celulare cellulare handy natel gsm portable whatsapp wasap whats wa wsp me api send com http https www home casa " +
	"work contact contacto número numero number num nr m t p c "

// saysMore says whether words stand beside a number that may be about the person: not to be called, somebody else's.
func saysMore(text string) bool {
	words := strings.FieldsFunc(runPattern().ReplaceAllString(text, " "), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(labels, " "+strings.ToLower(word)+" ") })
}

// suggestHalves tells of two numbers of the country with nothing but a separator between them.
func (r Reading) suggestHalves(text string, e *Error) *Error {
	for at, c := range text {
		if !isSeparator(c) {
			continue
		}
		first, _ := r.own(keepDigits(text[:at]))
		second, _ := r.own(keepDigits(text[at:]))
		switch {
		case first.Text == "" || second.Text == "":
		case first.Text == second.Text:
			e.Problem = "it stands there twice"
			return e.suggest(first.Text)
		default:
			return e.several([]string{first.Text, second.Text})
		}
	}
	return e
}

// several says that a text holds these numbers.
func (e *Error) several(numbers []string) *Error {
	quoted := make([]string, 0, mostMeant)
	for _, number := range numbers[:min(len(numbers), mostMeant)] {
		quoted = append(quoted, fmt.Sprintf("%q", number))
	}
	e.Problem = fmt.Sprintf("it holds %d numbers", len(numbers))
	e.Hint = "write one of them: " + strings.Join(quoted, " or ")
	return e
}

// unquoted is a text without the quotation marks around it, and without the apostrophes before it by which a spreadsheet is told to leave
// a number alone: one of them was typed twice, or by a program that makes typographic ones of it.
func unquoted(text string) string {
	if text == "" || !isQuote(firstRune(text)) {
		return text
	}
	inner := strings.TrimFunc(text, func(r rune) bool { return isQuote(r) || unicode.IsSpace(r) || isInvisible(r) })
	if inner == "" {
		return text
	}
	return inner
}

func firstRune(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}

// isQuote says whether a rune is an apostrophe or a quotation mark, or is typed for one.
func isQuote(r rune) bool {
	return unicode.Is(unicode.Quotation_Mark, r) || r == '`' || r == '´' || r == 'ʼ' || r == 'ʹ' || r == '′'
}

// inASCII returns the valid number that a text in the digits of another script is; else "".
func (r Reading) inASCII(text string) string {
	if ascii := asciiDigits(text); ascii != text {
		return r.certain(ascii)
	}
	return ""
}

// asciiDigits writes the digits of other scripts, and what goes with them there, as 0 to 9.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\uFF0B':
			return '+'
		case r == '\uFF0D', r == '\u30FC': // the second is a sign of length that is typed for it
			return '-'
		case r == '\uFF08':
			return '('
		case r == '\uFF09':
			return ')'
		case r > unicode.MaxASCII && unicode.IsDigit(r):
			return '0' + digitValue(r)
		}
		return r
	}, text)
}

// digitValue is what a decimal digit of any script is worth: each ten of them stand one behind the other, from the digit zero.
func digitValue(r rune) rune {
	value := rune(0)
	for value < 9 && unicode.IsDigit(r-value-1) {
		value++
	}
	return value
}
