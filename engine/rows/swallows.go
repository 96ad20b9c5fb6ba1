package rows

import "strings"

// swallows returns the number, from 1, of a field of several lines that is the end of one row and the beginning of another, between two quotes
// that stand there by mistake; 0: there is none. Its first line holds as many cells as a row has behind that field, its last one those before it,
// and they have numbers, such as telephones and days, in the columns in which the record has some.
func swallows(fields []string, delimiter byte) int {
	for i, field := range fields {
		begin, last := strings.IndexByte(field, '\n'), strings.LastIndexByte(field, '\n')
		if begin < 0 {
			continue
		}
		end, next := strings.Split(field[:begin], string(delimiter)), strings.Split(field[last+1:], string(delimiter))
		if len(end) != len(fields)-i || len(next) != i+1 {
			continue
		}
		behind, ok := numbersAlike(end[1:], fields[i+1:])
		before, too := numbersAlike(next[:i], fields[:i])
		if ok && too && behind+before > 0 {
			return i + 1
		}
	}
	return 0
}

// numbersAlike counts the columns in which both have numbers. It is false where one has a number and the other has none.
func numbersAlike(some, others []string) (n int, alike bool) {
	for i := range some {
		switch a, b := isLong(some[i]), isLong(others[i]); {
		case a != b:
			return 0, false
		case a:
			n++
		}
	}
	return n, true
}

// isLong says whether a cell has as many digits as a telephone number.
func isLong(cell string) bool {
	const fewest = 7
	digits := 0
	for i := range len(cell) {
		if cell[i] >= '0' && cell[i] <= '9' {
			digits++
		}
	}
	return digits >= fewest
}
