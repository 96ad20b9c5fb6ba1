package rows

import (
	"fmt"
	"slices"
	"strings"
)

// Twice is a name that several columns have. No row has a value under it, for nobody can tell which of them is meant.
type Twice struct {
	Name   string
	Places []int // of the columns, from 1; at least two
}

// String says which columns it is about: columns 4 and 5 (D and E) are both called "Notes".
func (t Twice) String() string {
	var numbers, letters []string
	for _, place := range t.Places {
		numbers, letters = append(numbers, fmt.Sprint(place)), append(letters, Letters(place))
	}
	all := "all"
	if len(t.Places) == 2 {
		all = "both"
	}
	return fmt.Sprintf("columns %s (%s) are %s called %q", listed(numbers), listed(letters), all, t.Name)
}

func listed(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// twiceIn finds the names that have several places, in the order of the columns.
func twiceIn(columns []string, places map[string][]int) []Twice {
	var all []Twice
	for i, name := range columns {
		if at := places[name]; len(at) > 1 && at[0] == i+1 {
			all = append(all, Twice{name, at})
		}
	}
	return all
}

// LeaveOut takes the values of names that several columns have out of a row.
func LeaveOut(twice []Twice, row map[string]any) {
	for _, t := range twice {
		delete(row, t.Name)
	}
}

// Named returns the names by which a row has values: each that one column has.
func Named(columns []string, twice []Twice) []string {
	several := func(name string) bool {
		return slices.ContainsFunc(twice, func(t Twice) bool { return t.Name == name })
	}
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool { return name == "" || several(name) })
}

// Letters is the name that a spreadsheet has for a column, which is counted from 1.
func Letters(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
