package whatsapp

import "slices"

// Remembered is the number of recipients that a Limiter holds.
func (l *Limiter) Remembered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pairs.open)
}

// Rate is the present rate in messages a second; +Inf without a limit.
func (l *Limiter) Rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rate
}

// Codes is the whole table in the order of the codes.
func Codes() []Code { return slices.Clone(codes()) }
