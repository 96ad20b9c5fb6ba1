package whatsapp

import "time"

// maxWindowSize bounds the departures that are remembered one by one. Above as many a second the window is a part of
// a second.
const maxWindowSize = 4096

// window remembers the moments of a number's last departures in a ring. The zero value remembers none.
type rateWindow struct {
	ring   []time.Time
	newest int // place of the newest
}

// capacity is how many messages may leave within a window.
func capacity(rate float64) int { return int(max(1, min(rate, maxWindowSize))) }

// windowLength is how long a window is: as the paced share does for the line, a little longer than the second that it keeps.
func windowLength(rate float64) time.Duration {
	return interval(max(min(rate, 1), rate/maxWindowSize))
}

// grow makes room for a throughput. What is remembered stays.
func (w *rateWindow) grow(perSecond float64) {
	n := capacity(perSecond)
	if n <= len(w.ring) {
		return
	}
	ring := make([]time.Time, 0, n)
	for i := range w.ring {
		ring = append(ring, w.ring[(w.newest+1+i)%len(w.ring)])
	}
	w.newest = max(0, len(ring)-1)
	w.ring = ring[:n]
}

// admit counts a departure now, or says how long it must wait.
func (w *rateWindow) admit(now time.Time, rate float64) time.Duration {
	// The departure that must be a window old is as many places back as may leave in one.
	oldest := w.ring[(w.newest-capacity(rate)+1+len(w.ring))%len(w.ring)]
	if wait := oldest.Add(windowLength(rate)).Sub(now); !oldest.IsZero() && wait > 0 {
		return wait
	}
	w.newest = (w.newest + 1) % len(w.ring)
	w.ring[w.newest] = now
	return 0
}
