package phone

import "fmt"

// Error says why a text is no number.
type Error struct {
	Text    string // as given
	Problem string // what is wrong with it, in words that follow "it"; empty: its country code is missing
	Fix     string // the number that was meant, in its final form; empty where that is not certain
	Hint    string // what to write instead
	amount  bool   // a program took the number for an amount
	beside  bool   // words beside the number may say more of it than that it is one
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
	return &Error{Text: text, Problem: problem}
}

// lacksCountry refuses digits that may be a number of any country.
func lacksCountry(text string) *Error {
	return &Error{Text: text, Hint: "write +34…, or say recipients.country"}
}

// suggest says which number was meant; "" leaves the hint as it is.
func (e *Error) suggest(fix string) *Error {
	if fix != "" {
		e.Fix, e.Hint = fix, ""
	}
	return e
}

// advise says what to write, where nothing said so yet. In a job file a number stands in quotes, and a cell needs none: there the
// column is at fault when a program took its numbers for amounts.
func (e *Error) advise(literal bool) {
	switch {
	case e.Hint != "":
	case literal && e.Fix != "":
		e.Hint = fmt.Sprintf("write %q, with the quotes", e.Fix)
	case literal:
		e.Hint = `write it with the country code and in quotes, such as "+34612345678"`
	case e.amount && e.Fix != "":
		e.Hint = fmt.Sprintf("write %s, or make the column text and export it again", e.Fix)
	case e.amount:
		e.Hint = "its digits are lost here: make the column text where they are whole, and export it again"
	case e.beside:
		e.Hint = fmt.Sprintf("write %s, unless the words beside it say that it is another's, or is not to be written to", e.Fix)
	case e.Fix != "":
		e.Hint = "write " + e.Fix
	default:
		e.Hint = "write it with its country code, such as +34612345678"
	}
}

// asAmount refuses a number that a program took for an amount. fix is the number that was meant; "": that is not certain.
func asAmount(text, problem, fix string) *Error {
	return &Error{Text: text, Problem: problem, Fix: fix, amount: true}
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return text
}
