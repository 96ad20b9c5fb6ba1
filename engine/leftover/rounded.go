package leftover

import "waybill/engine/pattern"

// exponent is how a spreadsheet shows, and exports, a number that is longer than its column is wide.
var exponent = pattern.Lazy(`^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}$`) //nolint:gochecknoglobals // constant

// Rounded says whether a value is a long number of which a spreadsheet kept the first digits: 1.23457E+14. Numbers that differ in the
// others look the same.
func Rounded(value string) bool {
	return len(value) > len("1E+0") && value[0] >= '0' && value[0] <= '9' && exponent().MatchString(value)
}
