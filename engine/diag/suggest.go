package diag

import (
	"slices"
	"strings"
)

// longestName bounds the work of Suggest: a name of this length is not mistyped.
const longestName = 64

// Suggest returns the known name that name is most likely meant to be, or "" when none is near: silence is better
// than a wrong guess. Names that differ in case, hyphens or underscores alone are the nearest; where none is near, the only one that begins
// with name is meant.
func Suggest(name string, known []string) string {
	typed := []rune(plain(name))
	if len(typed) == 0 || len(typed) > longestName {
		return ""
	}
	best, nearest := "", 3
	for _, candidate := range sortedNames(known) {
		meant := []rune(plain(candidate))
		if candidate == name || len(meant) == 0 || len(meant) > longestName {
			continue
		}
		// A third of the letters may be wrong, two at most: "to" is not meant by "id".
		limit := min(2, max(len(typed), len(meant))/3)
		if d := distance(typed, meant); d <= limit && d < nearest {
			best, nearest = candidate, d
		}
	}
	if best == "" {
		return onlyLonger(string(typed), known)
	}
	return best
}

// onlyLonger is the one known name that goes on behind what was typed; "" when there are none or several.
func onlyLonger(typed string, known []string) (found string) {
	const fewest = 4 // letters that are a word
	if len(typed) < fewest {
		return ""
	}
	for _, candidate := range known {
		if longer := plain(candidate); longer == typed || !strings.HasPrefix(longer, typed) {
			continue
		}
		if found != "" {
			return ""
		}
		found = candidate
	}
	return found
}

// plain is the name without what people get wrong without misspelling it.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}

func sortedNames(names []string) []string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return sorted
}

// distance counts the letters to insert, delete, change or swap with their neighbour.
func distance(a, b []rune) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
