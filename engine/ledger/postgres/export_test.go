package postgres

import (
	"io/fs"
	"path/filepath"
)

// The errors that tests tell apart.
var (
	ErrBehind = errBehind
	ErrUnsafe = errUnsafe
)

// Freeze has a sender renew its lease no more, as a process that was stopped.
func (l *Ledger) Freeze() {
	l.sender.mu.Lock()
	defer l.sender.mu.Unlock()
	l.sender.stop()
	<-l.sender.done
}

var _ = fs.ErrNotExist
var _ = filepath.Join
