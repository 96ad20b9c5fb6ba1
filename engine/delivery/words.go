package delivery

import (
	"strings"
	"unicode"
)

// Words are how people read the name of a state, an outcome, a result or a run's status: "in doubt" of inDoubt. Words stay as they are.
func Words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
