package leftover

import "strings"

// DateOrder is the order in which a date of numbers is written.
type DateOrder uint8

// The orders of a date's numbers. Zero: the text does not begin with such a date.
const (
	YearFirst  DateOrder = iota + 1 // 2026-04-13
	YearLast                        // 3/4/2026: of the day and the month either may come first
	DayFirst                        // 13/04/2026
	MonthFirst                      // 4.13.26
)

// Date says in which order the date is written with which a text begins.
func Date(text string) DateOrder {
	day, _, _ := strings.Cut(text, " ")
	day, _, _ = strings.Cut(day, "T")
	at := strings.IndexAny(day, "-/.")
	if at < 1 || at > 4 {
		return 0 // nearly all texts
	}
	parts := strings.Split(day, day[at:at+1])
	if len(parts) != 3 {
		return 0
	}
	first, second, third := digits(parts[0]), digits(parts[1]), digits(parts[2])
	switch {
	case first == 4 && oneOrTwo(second) && oneOrTwo(third) && !over(parts[1], "12") && !over(parts[2], "31"):
		return YearFirst
	case third != 2 && third != 4 || !oneOrTwo(first) || !oneOrTwo(second) || over(parts[0], "31") || over(parts[1], "31"):
		return 0
	}
	switch dayFirst, monthFirst := over(parts[0], "12"), over(parts[1], "12"); {
	case dayFirst && monthFirst:
		return 0
	case dayFirst:
		return DayFirst
	case monthFirst:
		return MonthFirst
	}
	return YearLast
}

// digits is how many digits a text has; -1: it has something else.
func digits(text string) int {
	if strings.Trim(text, "0123456789") != "" {
		return -1
	}
	return len(text)
}

func oneOrTwo(n int) bool { return n == 1 || n == 2 }

// over says whether a number of at most two digits is greater than one of two.
func over(number, most string) bool { return len(number) == len(most) && number > most }
