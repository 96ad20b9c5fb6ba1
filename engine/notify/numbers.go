package notify

import "waybill/engine/pattern"

// moment is what of a text stays although it has many digits: dates, times after them, and the ids of runs.
const moment = `\b20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:-\d{6}-[0-9a-f]{6}|[T ]\d\d:\d\d(?::\d\d)?)?\b`

//nolint:gochecknoglobals // constant
var (
	moments = pattern.Lazy(`^(?:` + moment + `)$`)
	numbers = pattern.Lazy(moment + `|wamid\.[A-Za-z0-9+/=_-]+|\+?\(?\p{Nd}(?:[ ()./\x{a0}-]{0,2}\p{Nd}){6,}`)
)

// withoutNumbers takes out of a text what could be a person: seven digits or more, also with the signs that people put between them,
// and message ids, which have the number inside.
func withoutNumbers(text string) string {
	return numbers().ReplaceAllStringFunc(text, func(found string) string {
		if moments().MatchString(found) {
			return found
		}
		return "[number]"
	})
}
