package phone

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Reading is how texts are read. The zero value is that of rows where no country is said.
type Reading struct {
	Country Country // of numbers without +; empty: none is said
	Literal bool    // somebody wrote the text for this run: into the job, or as an input
}

// Read reads a number as people write it, "+34 612-345-678" or "0034 (612) 345.678", or a business-scoped user id. The error is an
// *Error.
func (r Reading) Read(text string) (Number, error) {
	n, err := r.read(text)
	if wrong, ok := errors.AsType[*Error](err); ok {
		wrong.advise(r.Literal)
	}
	return n, err
}

func (r Reading) read(text string) (Number, error) {
	trimmed := trim(text)
	if isUserID(trimmed) {
		return Number{Text: trimmed, Region: trimmed[:2]}, nil
	}
	if digits, ok := digitsOf(trimmed); ok { // most lists are clean
		return r.explained(international(digits), digits), nil
	}
	if trimmed = unquoted(trimmed); isUserID(trimmed) {
		return Number{Text: trimmed, Region: trimmed[:2]}, nil
	}
	if err := r.refuseMisread(text, trimmed); err != nil {
		return Number{}, err
	}
	digits, plus, err := r.digits(text, trimmed)
	switch {
	case err != nil:
		return Number{}, err
	case digits == "":
		return Number{}, refuse(text, "it holds no digits")
	case plus:
		n, err := abroad(text, digits)
		return r.explained(n, digits), err
	case r.Country == "" || r.Country == International:
		return r.withoutPlus(text, digits)
	}
	return r.dialled(text, digits)
}

// withoutPlus reads digits of which no country is said, or of which it is said that they begin with their country code.
func (r Reading) withoutPlus(text, digits string) (Number, error) {
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		return abroad(text, rest)
	}
	err := checkLength(text, digits)
	if err != nil && (len(digits) < minDigits || len(digits) > maxDigits) {
		return Number{}, err // no country makes a number of it
	}
	if r.Country == "" && !r.Literal {
		return Number{}, lacksCountry(text)
	}
	if err == nil {
		if n := international(digits); n.Warning == "" {
			n.Assumed = r.Country == ""
			return n, nil
		}
	}
	if r.Country == International {
		return Number{}, refuse(text, "with its first digits as the country code it is no valid number")
	}
	return Number{}, lacksCountry(text)
}

// abroad reads what stands behind + or 00.
func abroad(text, digits string) (Number, error) {
	if err := checkLength(text, digits); err != nil {
		return Number{}, err
	}
	return international(digits), nil
}

// checkLength refuses what cannot be a number with its country code.
func checkLength(text, digits string) error {
	switch {
	case digits == "":
		return refuse(text, "it holds no digits")
	case digits[0] == '0':
		return refuse(text, "it begins with 0, so the country code is missing")
	case len(digits) < minDigits:
		return refuse(text, fmt.Sprintf("it has %d digits, a number has at least %d", len(digits), minDigits))
	case len(digits) > maxDigits:
		return refuse(text, fmt.Sprintf("it has %d digits, a number has at most %d", len(digits), maxDigits))
	}
	return nil
}

// international reads digits that begin with a country code, as libphonenumber does: what is dialled only inside the country is
// taken out (Argentina's 15, a 0 behind +44).
func international(digits string) Number {
	shared, national := split(digits)
	if len(shared) == 0 {
		return Number{Text: "+" + digits, Warning: "no country has a code that it begins with"}
	}
	if p := shared[0].prefix; p != nil && p().MatchString(national) {
		if parsed, err := phonenumbers.Parse("+"+digits, phonenumbers.UNKNOWN_REGION); err == nil {
			national = phonenumbers.GetNationalSignificantNumber(parsed)
		}
	}
	n := Number{Text: "+" + strconv.Itoa(shared[0].code) + national}
	region, valid := regionOf(shared, national)
	if region != noCountry {
		n.Region = region
	}
	if !valid {
		n.Warning = "it is no valid number" + ofRegion(n.Region)
		if meant := meantBy(shared[0].region, national); meant != "" {
			n.Warning += "; did you mean " + meant + "?"
		}
	}
	return n
}

// ofRegion is " of ES"; nothing for no region.
func ofRegion(region string) string {
	if region == "" {
		return ""
	}
	return " of " + region
}

// dialled reads digits as they are dialled in a country.
func (r Reading) dialled(text, digits string) (Number, error) {
	own, isAbroad := r.own(digits)
	rest, zeros := strings.CutPrefix(digits, "00")
	if !zeros || checkLength(text, rest) != nil {
		if own.Text == "" {
			return Number{}, r.notOf(text, digits)
		}
		return own, nil
	}
	by00 := international(rest)
	switch {
	case own.Text == "":
		return r.explained(by00, rest), nil
	case isAbroad && by00.Warning == "" && by00.Region == string(r.Country) && by00.Text != own.Text:
		// Colombia's 005 makes a Russian of 0057 301 234 5678.
		return Number{}, refuse(text, fmt.Sprintf("it is %s by an international prefix of %s, and %s by 00", own.Text, r.Country, by00.Text))
	}
	return own, nil
}

// explained says of an invalid number what it is without its plus, where a plus was put before a number of the country.
func (r Reading) explained(n Number, digits string) Number {
	if n.Warning == "" || r.Country == "" || r.Country == International {
		return n
	}
	if own, isAbroad := r.own(digits); own.Text != "" && !isAbroad && own.Text != n.Text {
		n.Warning += fmt.Sprintf("; is it %s of %s?", own.Text, r.Country)
	}
	return n
}

// own reads digits by the rules of the country alone; a Number without Text: they are no valid number. isAbroad says that they begin
// with one of the country's international prefixes.
func (r Reading) own(digits string) (n Number, isAbroad bool) {
	parsed, err := phonenumbers.ParseAndKeepRawInput(digits, string(r.Country))
	if err != nil {
		return Number{}, false
	}
	code, national := int(parsed.GetCountryCode()), phonenumbers.GetNationalSignificantNumber(parsed)
	shared := plansOf(code)
	if len(shared) == 0 {
		return Number{}, false
	}
	region, valid := regionOf(shared, national)
	if !valid {
		return Number{}, false
	}
	if region != noCountry {
		n.Region = region
	}
	n.Text = "+" + strconv.Itoa(code) + national
	return n, parsed.GetCountryCodeSource() == phonenumbers.PhoneNumber_FROM_NUMBER_WITH_IDD
}

// notOf refuses what is no number of the country.
func (r Reading) notOf(text, digits string) error {
	region := string(r.Country)
	e := refuse(text, fmt.Sprintf("it is no valid number of %s", region))
	e.Hint = "write it with + and its country code where it is another country's"
	if meant := meantBy(region, digits); meant != "" {
		return e.suggest(meant)
	}
	return r.suggestHalves(text, e)
}
