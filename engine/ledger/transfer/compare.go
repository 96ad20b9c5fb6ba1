package transfer

import (
	"maps"
	"slices"
	"strings"
)

// Compare says what a copy would forget of a schema, or expects and is not there. found are its columns, as TABLE.COLUMN; left are those that
// are left out, and tables that are (TABLE.*), with the reason of each.
func Compare(found map[string]bool, left map[string]string) []string {
	var wrong []string
	copied := map[string]bool{}
	for _, t := range Tables() {
		for _, c := range t.Columns {
			name := t.Name + "." + c.Name
			copied[name] = true
			if !found[name] {
				wrong = append(wrong, name+" is to be copied, and is not in the schema")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		table, _, _ := strings.Cut(name, ".")
		_, column := left[name]
		_, whole := left[table+".*"]
		switch out := column || whole; {
		case !copied[name] && !out:
			wrong = append(wrong, name+" is not copied, and nothing says why")
		case copied[name] && out:
			wrong = append(wrong, name+" is copied, and is said to be left out")
		}
	}
	return wrong
}
