package dashboard

// What tests look at from outside.
var (
	Percent = percent
	Clean   = clean
	Brief   = brief
	Rate    = rate
	NiceTop = niceTop
)

// Keep is how many entries a cache has at most.
const Keep = maxEntries
