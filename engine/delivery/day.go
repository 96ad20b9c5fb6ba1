package delivery

import (
	"cmp"
	"container/list"
	"slices"
	"time"
)

// Day is how long a person counts who got a template: Meta's limits are of people within 24 hours.
const Day = 24 * time.Hour

// People are those who got a template within the last Day, each by one id and with the moment of the last. The zero value is
// nobody. It is for one goroutine.
type People struct {
	last  map[string]*list.Element // of order, by person
	order list.List                // of who, by their moments
	known struct {                 // what Until told last, while nothing changed
		most  int
		until time.Time
	}
}

// who is a person, and when they got the last template.
type who struct {
	person string
	at     time.Time
}

// NewPeople takes in many at once; a moment may stand for any person several times.
func NewPeople(moments func(yield func(person string, at time.Time) bool)) *People {
	last := map[string]time.Time{}
	for person, at := range moments {
		if was, known := last[person]; !known || at.After(was) {
			last[person] = at
		}
	}
	sorted := make([]who, 0, len(last))
	for person, at := range last {
		sorted = append(sorted, who{person, at})
	}
	slices.SortFunc(sorted, func(a, b who) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.person, b.person)) })
	p := &People{last: make(map[string]*list.Element, len(sorted))}
	for _, w := range sorted {
		p.last[w.person] = p.order.PushBack(w)
	}
	return p
}

// Meet notes that a person gets a template.
func (p *People) Meet(person string, at time.Time) {
	if p.last == nil {
		p.last = map[string]*list.Element{}
	}
	p.known.until = time.Time{}
	if e, known := p.last[person]; known {
		if !at.After(e.Value.(who).at) {
			return
		}
		p.order.Remove(e)
	}
	behind := p.order.Back()
	for behind != nil && behind.Value.(who).at.After(at) {
		behind = behind.Prev()
	}
	if behind == nil {
		p.last[person] = p.order.PushFront(who{person, at})
		return
	}
	p.last[person] = p.order.InsertAfter(who{person, at}, behind)
}

// Count returns how many they are at a moment. Those whose day is over are forgotten.
func (p *People) Count(now time.Time) int {
	for e := p.order.Front(); e != nil && !e.Value.(who).at.Add(Day).After(now); e = p.order.Front() {
		delete(p.last, e.Value.(who).person)
		p.order.Remove(e)
		p.known.until = time.Time{}
	}
	return len(p.last)
}

// Until says when a person may get a template where at most so many people may within a Day; the zero time: now, for they are one of
// those, or there is a place.
func (p *People) Until(person string, most int, now time.Time) time.Time {
	n := p.Count(now)
	if _, among := p.last[person]; among || most <= 0 || n < most {
		return time.Time{}
	}
	if p.known.most == most && !p.known.until.IsZero() {
		return p.known.until
	}
	e := p.order.Front()
	for range n - most {
		e = e.Next()
	}
	p.known.most, p.known.until = most, e.Value.(who).at.Add(Day)
	return p.known.until
}
