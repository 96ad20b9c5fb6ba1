package care

import "time"

const (
	// TellingFor is how long who took it to tell how a run ended has for that, before others may take it.
	TellingFor = time.Minute
	// ToldLate is for how long it is told how a run ended. Later it would be no news.
	ToldLate = 7 * 24 * time.Hour
)
