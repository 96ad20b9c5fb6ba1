package phone

import (
	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// SharedCode says of a region whose country code is another's first what that code is, whose it is, and what the region is called in
// English: 44, GB and Guernsey of GG. main is empty for a region that has its code for itself, or is the first to have it.
func SharedCode(region string) (code int, main, name string) {
	code = phonenumbers.GetCountryCodeForRegion(region)
	if code == 0 {
		return 0, "", ""
	}
	main = phonenumbers.GetRegionCodeForCountryCode(code)
	parsed, err := language.ParseRegion(region)
	if main == region || err != nil {
		return code, "", ""
	}
	return code, main, display.English.Regions().Name(parsed)
}
