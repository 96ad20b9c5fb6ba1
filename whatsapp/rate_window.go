package whatsapp

import "time"

// maxWindowSize bounds the messages whose times a rateWindow holds. At a higher rate the window is shorter than a second.
const maxWindowSize = 4096

// rateWindow is a sliding window over a number's messages: a ring of the times at which the newest of them left. The zero
// value holds none; grow comes before admit.
type rateWindow struct {
	ring   []time.Time
	newest int // index in ring
}

// capacity returns how many messages may leave within a window.
func capacity(rate float64) int { return int(max(1, min(rate, maxWindowSize))) }

// windowLength returns how long a window is: like interval a little longer than the second that it keeps.
func windowLength(rate float64) time.Duration {
	return interval(max(min(rate, 1), rate/maxWindowSize))
}

// grow makes room for a throughput, and keeps the times that it holds.
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

// admit counts a message that leaves now, or returns how long it must wait.
func (w *rateWindow) admit(now time.Time, rate float64) time.Duration {
	if wait := w.freeAt(rate).Sub(now); wait > 0 {
		return wait
	}
	w.newest = (w.newest + 1) % len(w.ring)
	w.ring[w.newest] = now
	return 0
}

// freeAt returns from when on one more message may leave, by those that left; the zero time: there are too few to matter.
func (w *rateWindow) freeAt(rate float64) time.Time {
	back := capacity(rate) - 1 // so many messages before the newest is the one that has to lie outside the window
	if back >= len(w.ring) {
		return time.Time{}
	}
	oldest := w.ring[(w.newest-back+len(w.ring))%len(w.ring)]
	if oldest.IsZero() {
		return time.Time{}
	}
	return oldest.Add(windowLength(rate))
}
