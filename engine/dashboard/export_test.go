package dashboard

// What tests look at from outside.
var (
	Plural  = plural
	Percent = percent
	Span    = span
	Ago     = ago
	Clean   = clean
	Brief   = brief
	Number  = number
	Rate    = rate
	NiceTop = niceTop
)

// Keep is how many entries a cache has at most.
const Keep = mostEntries
