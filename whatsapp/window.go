package whatsapp

import "time"

// mostRemembered bounds the departures that are remembered one by one. Above as many a second the window is a part of
// a second.
const mostRemembered = 4096

// window remembers the moments of a number's last departures in a ring. The zero value remembers none.
type window struct {
	ring []time.Time
	last int // place of the newest
}

// places is how many messages may leave within a window.
func places(rate float64) int { return int(max(1, min(rate, mostRemembered))) }

// span is how long a window is: as the paced share does for the line, a little longer than the second that it keeps.
func span(rate float64) time.Duration {
	return apart(max(min(rate, 1), rate/mostRemembered))
}

// hold makes room for a throughput. What is remembered stays.
func (w *window) hold(perSecond float64) {
	n := places(perSecond)
	if n <= len(w.ring) {
		return
	}
	ring := make([]time.Time, 0, n)
	for i := range w.ring {
		ring = append(ring, w.ring[(w.last+1+i)%len(w.ring)])
	}
	w.last = max(0, len(ring)-1)
	w.ring = ring[:n]
}

// leave counts a departure now, or says how long it must wait.
func (w *window) leave(now time.Time, rate float64) time.Duration {
	// The departure that must be a window old is as many places back as may leave in one.
	oldest := w.ring[(w.last-places(rate)+1+len(w.ring))%len(w.ring)]
	if wait := oldest.Add(span(rate)).Sub(now); !oldest.IsZero() && wait > 0 {
		return wait
	}
	w.last = (w.last + 1) % len(w.ring)
	w.ring[w.last] = now
	return 0
}
