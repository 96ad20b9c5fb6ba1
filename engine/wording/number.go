package wording

import (
	"strconv"
	"strings"
)

// Number returns n with its digits in groups of three: "1,234,567".
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Agree returns the words that agree in number with n: one of one, many of none and of several.
func Agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// People returns a number of people: "1 person", "1,200 people".
func People(n int) string { return Number(n) + " " + Agree(n, "person", "people") }

// Plural returns a number with its noun, which is given in the singular and ends like a regular one: "1 delivery",
// "2 deliveries", "1,200 days".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, found := strings.CutSuffix(noun, "y"); found && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return Number(n) + " " + stem + "ies"
	}
	return Number(n) + " " + noun + "s"
}
