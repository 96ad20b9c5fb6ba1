package whatsapp

// Remembered is the number of recipients that a Limiter holds.
func (l *Limiter) Remembered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pairs.open)
}
