package phone

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
)

// Country says how numbers without + are read: a country's two letters of ISO 3166, in capitals, or International. ParseCountry
// makes one. The zero value says nothing.
type Country string

// International is the Country of numbers that begin with their country code.
const International Country = "international"

// CountryError says why a text names no country.
type CountryError struct {
	Text string // as given
	Hint string // what to write instead
}

func (e *CountryError) Error() string { return e.Summary() + ": " + e.Hint }

// Summary says what is wrong.
func (e *CountryError) Summary() string { return fmt.Sprintf("%q is no country", shorten(e.Text)) }

// ParseCountry reads a country, in any case. Text without anything in it says nothing and is no error; any other error is a
// *CountryError.
func ParseCountry(text string) (Country, error) {
	trimmed := strings.TrimSpace(text)
	upper := strings.ToUpper(trimmed)
	switch {
	case trimmed == "":
		return "", nil
	case strings.EqualFold(trimmed, string(International)):
		return International, nil
	case len(upper) == 2 && phonenumbers.GetSupportedRegions()[upper]:
		return Country(upper), nil
	}
	hint := "write its two letters, such as ES, or international"
	if meant := meantCountry(upper); meant != "" {
		hint = "did you mean " + string(meant) + "?"
	}
	return "", &CountryError{Text: text, Hint: hint}
}

// meantCountry guesses from what else people write: three letters, UK, a country code, a part of the word international, its name in
// some language, a locale; "" for anything else.
func meantCountry(upper string) Country {
	if code, err := strconv.Atoi(strings.TrimLeft(upper, "+0")); err == nil {
		if region := phonenumbers.GetRegionCodeForCountryCode(code); phonenumbers.GetSupportedRegions()[region] {
			return Country(region)
		}
		return ""
	}
	if strings.HasPrefix(upper, "INT") {
		return International
	}
	if len(upper) > 3 {
		return namedCountry(upper)
	}
	region, err := language.ParseRegion(upper)
	if err != nil {
		return ""
	}
	if name := region.Canonicalize().String(); phonenumbers.GetSupportedRegions()[name] {
		return Country(name)
	}
	return ""
}
