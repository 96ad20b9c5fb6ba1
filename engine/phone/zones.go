package phone

import (
	"fmt"
	"slices"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// Zones returns the IANA time zones of a number in its final form by its area, or by its country where the area has none of its
// own; of a user id those of its country. None: they are not known.
func Zones(number string) []string {
	if digits, ok := digitsOf(number); ok {
		return zonesOf(digits)
	}
	if isUserID(number) {
		return zonesOfRegion(number[:2])
	}
	return nil
}

// zonesOf returns the zones of the numbers that begin with these digits.
func zonesOf(digits string) []string {
	zones, err := phonenumbers.GetTimezonesForPrefix(digits)
	if err != nil || slices.Contains(zones, phonenumbers.UNKNOWN_TIMEZONE) {
		return nil
	}
	return slices.Clone(zones)
}

var regionZones sync.Map //nolint:gochecknoglobals // a memo of constant tables: region → []string

// zonesOfRegion returns all zones of a region. The library's table knows numbers alone, so a region that shares its country code
// is asked area by area.
func zonesOfRegion(region string) []string {
	if known, ok := regionZones.Load(region); ok {
		zones, _ := known.([]string)
		return slices.Clone(zones)
	}
	code := phonenumbers.GetCountryCodeForRegion(region)
	if code == 0 {
		return nil
	}
	zones := zonesOf(fmt.Sprint(code))
	if shared := plansOf(code); len(shared) > 1 {
		zones = zonesByArea(code, region, shared)
	}
	regionZones.Store(region, zones)
	return slices.Clone(zones)
}

// zonesByArea gathers the zones of the areas whose numbers are a region's.
func zonesByArea(code int, region string, shared []*plan) []string {
	var zones []string
	example := phonenumbers.GetExampleNumber(region)
	if example == nil {
		return nil
	}
	length := len(phonenumbers.GetNationalSignificantNumber(example))
	everywhere := zonesOf(fmt.Sprint(code))
	for area := range 1000 {
		national := fmt.Sprintf("%03d%s", area, "23456789012")[:max(length, 3)]
		found, valid := regionOf(shared, national)
		if found != region || !valid {
			continue
		}
		if here := zonesOf(fmt.Sprint(code) + national); !slices.Equal(here, everywhere) { // free numbers are of no area
			zones = append(zones, here...)
		}
	}
	if len(zones) == 0 {
		zones = zonesOf(fmt.Sprint(code) + phonenumbers.GetNationalSignificantNumber(example))
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
