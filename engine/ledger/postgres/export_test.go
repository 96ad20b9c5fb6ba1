package postgres

import "context"

// Freeze has a sender renew its lease no more, as a process that was stopped.
func (l *Ledger) Freeze() {
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	l.sender.stop()
	l.sender.work.Wait()
}

// Sweep takes over from the senders that are gone, as each sender does now and then.
func (l *Ledger) Sweep(ctx context.Context) error { return l.sweep(ctx) }

// TakeBackRoom takes back the room of dead rows, as each sender does now and then where there are more.
func (l *Ledger) TakeBackRoom(ctx context.Context) error { return l.takeBackRoom(ctx, 0) }

// FormatAfter is the format of a ledger once further migrations were applied.
func FormatAfter(version, oldest int64, files []string) (thenVersion, thenOldest int64) {
	f := format{num(version), num(oldest)}.after(files)
	return int64(f.version), int64(f.oldest)
}
