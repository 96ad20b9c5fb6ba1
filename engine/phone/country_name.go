package phone

import (
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryNames are the countries by what they are called in each language that display knows. A name that means two of them means none.
var countryNames = sync.OnceValue(func() map[string]Country { //nolint:gochecknoglobals // a memo of constant tables
	names := map[string]Country{}
	for _, tag := range display.Supported.Tags() {
		regions := display.Regions(tag)
		if regions == nil {
			continue
		}
		for name := range phonenumbers.GetSupportedRegions() {
			region, err := language.ParseRegion(name)
			if err != nil {
				continue
			}
			called := strings.ToUpper(regions.Name(region))
			if known, twice := names[called]; twice && known != Country(name) {
				names[called] = ""
				continue
			}
			names[called] = Country(name)
		}
	}
	return names
})

// namedCountry is the country that is called so in some language, or the region of a locale such as es-ES; empty: there is none.
func namedCountry(upper string) Country {
	if country := countryNames()[upper]; country != "" {
		return country
	}
	tag, err := language.Parse(upper)
	if err != nil {
		return ""
	}
	region, confidence := tag.Region()
	if name := region.String(); confidence == language.Exact && phonenumbers.GetSupportedRegions()[name] {
		return Country(name)
	}
	return ""
}
