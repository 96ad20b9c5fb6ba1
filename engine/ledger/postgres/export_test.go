package postgres

// ErrBehind is of a database that went back in time.
var ErrBehind = errBehind

// Freeze has a sender renew its lease no more, as a process that was stopped.
func (l *Ledger) Freeze() {
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	l.sender.stop()
	<-l.sender.done
}
