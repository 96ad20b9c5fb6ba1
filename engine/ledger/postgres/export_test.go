package postgres

// Freeze has a sender renew its lease no more, as a process that was stopped.
func (l *Ledger) Freeze() {
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	l.sender.stop()
	<-l.sender.done
}
