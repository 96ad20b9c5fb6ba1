package audience

import (
	"sync"

	"waybill/engine"
)

// Excluded are people who get nothing. It is filled and expanded as a Set; then it is asked by many goroutines, while it is learned that
// some of them are known by further ids. The zero value is empty.
type Excluded struct {
	Set
	joined sync.Map // id → true: what was learned since
}

// Has says whether an id is one of theirs.
func (e *Excluded) Has(text string) bool {
	if len(e.ids) == 0 {
		return false
	}
	if i := idOf(text); !e.has(i) {
		_, joined := e.joined.Load(i)
		return joined
	}
	return true
}

// Join takes in that ids are one person's: where one of them is in, all are. Empty ones are nobody's. It says whether that is news.
func (e *Excluded) Join(ids ...string) (news bool) {
	in := false
	for _, text := range ids {
		in = in || text != "" && e.Has(text)
	}
	for _, text := range ids {
		if in && text != "" && !e.Has(text) {
			e.joined.Store(idOf(text), true)
			news = true
		}
	}
	return news
}

// Follow takes in that somebody moved: where they are in by an id of before, they are by those of now. It says whether that is news.
func (e *Excluded) Follow(m engine.Moved) (news bool) {
	for _, was := range []string{m.WasNumber, m.WasUserID} {
		if was != "" && e.Has(was) {
			news = e.Join(was, m.Number, m.UserID) || news
		}
	}
	return news
}
