package wording

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"waybill/engine/leftover"
	"waybill/engine/pattern"
)

// Mask stands in for what a person should not read in a place that many can see.
const Mask = "•••"

// example is the number that hints show; it is no person's.
const example = "+34612345678"

//nolint:gochecknoglobals // constant
var (
	// Quotes in which messages show what a cell held.
	quoted = pattern.Lazy(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)'`)
	// A phone number as people write it, with 7 digits or more; a date, which comes first, is none.
	number = pattern.Lazy(`\b(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})\b|\+?\(?\d(?:[ .()/-]{0,2}\d){6,}`)
	date   = pattern.Lazy(`^(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})$`)
)

// MaskText returns a text without a person's data: without each of the values, which are what the cells of their row hold, without
// what stands in quotes, and of numbers of 7 digits or more only the last three. A word for nothing (N/A, NULL, -) stays, for it
// says what is wrong with a cell.
func MaskText(text string, values []string) string {
	text = strings.ReplaceAll(text, example, "\x00")
	text = quoted().ReplaceAllStringFunc(text, func(s string) string {
		if inner := s[1 : len(s)-1]; inner != "\x00" && strings.ContainsFunc(inner, isWordRune) {
			return s[:1] + MaskValue(inner) + s[:1]
		}
		return s
	})
	for _, value := range slices.SortedFunc(slices.Values(values), longest) {
		text = maskWord(text, value)
	}
	return strings.ReplaceAll(MaskNumbers(text), "\x00", example)
}

func longest(a, b string) int { return cmp.Compare(len(b), len(a)) }

// MaskValue returns what may be shown of the value of a cell: the last three digits of a number, a word for nothing, else Mask.
func MaskValue(value string) string {
	value = strings.TrimSpace(value)
	if value == "" || SaysNothing(value) {
		return value
	}
	if number().FindString(value) == value && !date().MatchString(value) {
		return MaskNumbers(value)
	}
	return Mask
}

// MaskNumbers returns a text whose numbers of 7 digits or more, phone numbers among them, are masked but for their last three digits.
func MaskNumbers(text string) string {
	return number().ReplaceAllStringFunc(text, func(s string) string {
		if date().MatchString(s) {
			return s
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		return Mask + digits[len(digits)-3:]
	})
}

// MaskKey returns what may be shown of an item's key: a key that is a digest as it is, the last three digits of a number, else Mask.
func MaskKey(key string) string {
	if digest().MatchString(key) {
		return key
	}
	return MaskValue(key)
}

var digest = pattern.Lazy(`^(?:secret)?#[0-9a-f]{16}$`) //nolint:gochecknoglobals // constant

// SaysNothing tells whether a cell holds what stands for nothing: N/A, NULL, -, an error of a spreadsheet.
func SaysNothing(value string) bool {
	switch word := strings.ToLower(strings.TrimSpace(value)); word {
	case "na", "-", "--", "---", "–", "—", "?":
		return true
	default:
		return leftover.SaysNothing(word)
	}
}

// maskWord masks a value where it stands as a word of its own, whatever the case of its letters. Numbers of up to three digits stay:
// a row's place or a count is no less likely.
func maskWord(text, value string) string {
	value = strings.TrimSpace(value)
	if value == "" || SaysNothing(value) || len(value) <= 3 && strings.Trim(value, "0123456789") == "" {
		return text
	}
	var b strings.Builder
	for {
		at, end := indexFold(text, value)
		if at < 0 {
			return b.String() + text
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		b.WriteString(text[:at])
		if isWordRune(before) || isWordRune(after) {
			b.WriteString(text[at:end])
		} else {
			b.WriteString(MaskValue(value))
		}
		text = text[end:]
	}
}

// indexFold finds a value in a text, whatever the case of its letters.
func indexFold(text, value string) (from, to int) {
	length := utf8.RuneCountInString(value)
	for at := range text {
		end := at
		for n := 0; n < length && end < len(text); n++ {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		if strings.EqualFold(text[at:end], value) {
			return at, end
		}
	}
	return -1, -1
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
