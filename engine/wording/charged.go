package wording

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Charged says how messages were charged, by their category: "charged: 118 marketing, 2 utility; free: 3 service"; empty where nothing is
// known.
func Charged(charged, free map[string]int) string {
	var parts []string
	if len(charged) > 0 {
		parts = append(parts, "charged: "+categories(charged))
	}
	if len(free) > 0 {
		parts = append(parts, "free: "+categories(free))
	}
	return strings.Join(parts, "; ")
}

// categories counts them, the most first.
func categories(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for i, name := range names {
		names[i] = Number(counts[name]) + " " + name
	}
	return strings.Join(names, ", ")
}
