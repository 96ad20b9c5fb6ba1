package price

import (
	_ "embed"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// marketsFile is which countries belong to a market of several. Its first lines say whence it is, and of when.
//
//go:embed markets.csv
var marketsFile string

// MarketOther is the market of countries that no other has.
const MarketOther = "Other"

// market returns the market of several countries that a country is in.
func market(country string) string {
	if name, ok := regions()[country]; ok {
		return name
	}
	return MarketOther
}

// regions are the markets of several countries, by country.
var regions = sync.OnceValue(func() map[string]string { //nolint:gochecknoglobals // data that is read once
	found := map[string]string{}
	for line := range strings.Lines(marketsFile) {
		name, countries, ok := strings.Cut(strings.TrimSpace(line), ",")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		for country := range strings.FieldsSeq(countries) {
			found[country] = name
		}
	}
	return found
})

// marketNames are all names by which a rate card may call a market, as sameName compares them.
var marketNames = sync.OnceValue(func() map[string]bool { //nolint:gochecknoglobals // data that is made once
	found := map[string]bool{sameName(MarketOther): true}
	for _, name := range regions() {
		found[sameName(name)] = true
	}
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string([]rune{first, second})
			if region, err := language.ParseRegion(code); err != nil || !region.IsCountry() {
				continue
			}
			for _, name := range countryNames(code) {
				found[name] = true
			}
		}
	}
	return found
})

// countryNames returns the names by which a rate card may call a country, as sameName compares them.
func countryNames(country string) []string {
	var names []string
	if region, err := language.ParseRegion(country); err == nil && region.IsCountry() {
		names = append(names, sameName(display.English.Regions().Name(region)))
	}
	for name, code := range otherNames {
		if code == country {
			names = append(names, sameName(name))
		}
	}
	return append(names, sameName(country))
}

// otherNames are countries by names that differ from those of the Unicode tables.
var otherNames = map[string]string{ //nolint:gochecknoglobals // a table
	"Turkey": "TR", "Russian Federation": "RU", "UAE": "AE", "UK": "GB", "Great Britain": "GB", "USA": "US", "United States of America": "US",
	"Czech Republic": "CZ", "Ivory Coast": "CI", "Swaziland": "SZ", "Macedonia": "MK", "Hong Kong": "HK", "Macau": "MO",
	"South Korea": "KR", "Korea": "KR", "Viet Nam": "VN", "Congo": "CG", "Burma": "MM", "KSA": "SA",
}

// sameName is a name as it is compared: letters and digits, without accents, in small letters, "and" for &.
func sameName(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(strings.ReplaceAll(text, "&", "and"))) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
