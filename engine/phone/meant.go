package phone

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// meantBy returns the one valid number that an invalid one of a country was before the country changed its numbers, or is when it
// is dialled from somewhere; "" where none is certain.
func meantBy(region, national string) string {
	switch region {
	case "MX": // mobile numbers were dialled with 1, 044 or 045 until 2019, others with 01
		for _, prefix := range []string{"1", "044", "045", "01"} {
			if rest, ok := strings.CutPrefix(national, prefix); ok && len(rest) == 10 {
				return validOf(region, rest)
			}
		}
	case "BR": // mobile numbers have a ninth digit, 9, since 2016
		national = strings.TrimPrefix(national, "0")
		if len(national) == 10 && national[2] >= '6' {
			return validOf(region, national[:2]+"9"+national[2:])
		}
	case "CI": // since 2021 a number of 8 digits begins with two that tell its network
		if len(national) == 8 && strings.IndexByte("014567 89", national[0]) >= 0 {
			return validOf(region, ivorianNetwork(national[1])+national)
		}
	case "AR": // 15 stands behind the area code, whose length is not known without it: 11 15 2345 6789 is read, this is not
		if rest, ok := strings.CutPrefix(national, "15"); ok && len(rest) == 10 {
			return validOf(region, "9"+rest)
		}
	}
	return ""
}

// ivorianNetwork returns what stands since 2021 before a mobile number, by its second digit.
func ivorianNetwork(second byte) string {
	switch {
	case second <= '3':
		return "01"
	case second <= '6':
		return "05"
	}
	return "07"
}

// validOf returns a number of a region in its final form when it is valid, else "".
func validOf(region, national string) string {
	code := phonenumbers.GetCountryCodeForRegion(region)
	shared := plansOf(code)
	if len(shared) == 0 {
		return ""
	}
	if _, valid := regionOf(shared, national); !valid {
		return ""
	}
	return "+" + strconv.Itoa(code) + national
}
