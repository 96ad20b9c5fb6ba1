package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// Recipients is what a job says of the people it sends to. The zero value says nothing.
type Recipients struct {
	Country       *eval.Tree  // of numbers without +: two letters of ISO 3166 in any case, or "international"; may differ from item to item; nil: not said
	Once          bool        // one message of a step to a person, whatever the keys say
	Exclude       []Exclusion // lists of people who get nothing
	IgnoreOptOuts bool        // who left is written to all the same
	QuietHours    *QuietHours // nil: every hour will do
	AtMost        *AtMost     // nil: any number of messages
	Range         diag.Range  // of the entry
}

// Exclusion is a list of people who get nothing.
type Exclusion struct {
	Source      *ForEach // where its entries come from; nothing else of it counts
	Column      string   // the column, or the key of a JSON object, that holds the number or user id; empty: there is one alone
	SkipInvalid bool     // an entry that names nobody is passed over, and not a finding
	Range       diag.Range
}

// QuietHours are the hours of the day in which nobody is messaged.
type QuietHours struct {
	From, To int            // minutes since midnight, as the clock on the wall shows them; From after To: over midnight
	Zone     *time.Location // nil: the recipient's own, by the number
	Skip     bool           // a message that meets them is left out, and does not wait
	Range    diag.Range
}

// AtMost bounds how often one person is messaged, by all jobs of a ledger.
type AtMost struct {
	Messages int
	Per      time.Duration
	Skip     bool // a message beyond it is left out, and does not wait
	Range    diag.Range
}

// Country reads the value of Recipients.Country. What is empty says nothing; the error says what to write.
func Country(value any) (phone.Country, error) {
	if value == nil {
		return "", nil
	}
	text, err := eval.Text(value)
	if err != nil {
		return "", fmt.Errorf("recipients.country %w", err)
	}
	country, err := phone.ParseCountry(text)
	if err != nil {
		return "", fmt.Errorf("recipients.country: %w", err)
	}
	return country, nil
}

// CountryNote says of a country whose numbers look like another's how they come to be its: "Guernsey: +44, as GB" of GG. Empty: they do
// not, or it is no country.
func CountryNote(country string) string {
	code, main, name := phone.SharedCode(country)
	if main == "" {
		return ""
	}
	return fmt.Sprintf("%s: +%d, as %s", name, code, main)
}

// ReadPhone is phone(x) of expressions. country is a phone.Country, or the error of an item that has none; nil: none is said.
func ReadPhone(text string, country any) (string, error) {
	if err, bad := country.(error); bad {
		return "", err
	}
	said, _ := country.(phone.Country)
	number, err := phone.Reading{Country: said}.Read(text)
	return number.Text, err
}

// Reading returns how the numbers of a parameter are read where this is the country. What is made of rows of a file is no text that
// somebody wrote for this run.
func (s *Step) Reading(parameter string, country phone.Country) phone.Reading {
	return phone.Reading{Country: country, Literal: !slices.Contains(s.FromRows, parameter)}
}

// LiteralReading returns how a number that stands in the file is read; known is false where the country differs from item to item,
// or is not valid itself.
func (s *Step) LiteralReading() (reading phone.Reading, known bool) {
	value, known := s.Country.Constant()
	if !known {
		return phone.Reading{Literal: true}, false
	}
	country, err := Country(value)
	return phone.Reading{Country: country, Literal: true}, err == nil
}

// ReadNumber reads a number that a parameter of the call is. A text that was read before, as an item's key, is not read again.
func (c *Call) ReadNumber(parameter, text string) (phone.Number, error) {
	reading := c.Step.Reading(parameter, c.Country)
	if c.Known.Text == text && c.Known.Reading == reading && text != "" {
		return c.Known.Number, nil
	}
	number, err := reading.Read(text)
	if wrong, ok := errors.AsType[*phone.Error](err); ok && wrong.Problem == "" && c.Step.Country != nil && c.Country == "" {
		return number, c.unsaid(wrong)
	}
	return number, err
}

// unsaid is the error of a number whose country recipients.country does not say for this item.
func (c *Call) unsaid(wrong *phone.Error) *phone.Error {
	e := *wrong
	e.Hint = "recipients.country is empty here: write +34…, or its country"
	if column := Column(c.Step.Country.Template()); column != "" {
		e.Hint = fmt.Sprintf("recipients.country is empty here: write +34…, or fill in the column %s", column)
	}
	return &e
}

// Column is the column that an expression is; empty: it is no column alone.
func Column(t *eval.Template) string {
	path := t.Path()
	if len(path) < 2 {
		return ""
	}
	return strings.Join(path[1:], ".")
}

// KnownNumber is a text that was read. The zero value: none was.
type KnownNumber struct {
	Text    string
	Reading phone.Reading
	Number  phone.Number
}
