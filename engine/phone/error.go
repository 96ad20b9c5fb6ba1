package phone

import "fmt"

// Error says why a text is no number.
type Error struct {
	Text    string // as given
	Problem string // what is wrong with it, in words that follow "it"; empty: its country code is missing
	Fix     string // the number that was meant, in its final form; empty where that is not certain
	Hint    string // what to write instead
}

// Error says what is wrong and what to write instead.
func (e *Error) Error() string {
	if e.Problem == "" {
		return e.Summary() + ": " + e.Hint
	}
	return e.Summary() + "; " + e.Hint
}

// Summary says what is wrong.
func (e *Error) Summary() string {
	if e.Problem == "" {
		return fmt.Sprintf("%q has no country code", shorten(e.Text))
	}
	return fmt.Sprintf("%q is not a phone number: %s", shorten(e.Text), e.Problem)
}

// refuse says what is wrong with a text.
func refuse(text, problem string) *Error {
	return &Error{Text: text, Problem: problem, Hint: `write it with the country code and in quotes, such as "+34612345678"`}
}

// lacksCountry refuses digits that may be a number of any country.
func lacksCountry(text string) *Error {
	return &Error{Text: text, Hint: "write +34…, or say recipients.country"}
}

// suggest says which number was meant; "" leaves the hint as it is.
func (e *Error) suggest(fix string) *Error {
	if fix != "" {
		e.Fix, e.Hint = fix, fmt.Sprintf("write %q, with the quotes", fix)
	}
	return e
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}
