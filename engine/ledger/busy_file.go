package ledger

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"waybill/engine"
)

const (
	// busyFor is for how long a change waits while another process, or another handle of this one, writes.
	busyFor = 5 * time.Second
	// busyForEnds is for how much longer a group waits that holds an end: how a request or a run ended is known to this
	// process alone, and a request without an outcome is in doubt for good.
	busyForEnds = 2 * time.Minute
)

// begin begins a transaction. What is in a group beside an end waits with it: an intent is then granted with the time
// at which the wait was over, so that its request is late and is not made.
func (s *writerState) begin(batch []*submission) error {
	const sql = "BEGIN IMMEDIATE"
	_, _, err := s.exec(sql)
	if !errors.Is(err, engine.ErrBusy) || !holdsEnd(batch) {
		return err
	}
	s.ledger.log.Warn("another process keeps the ledger: outcomes wait to be written; a backup or a shell that has it open should be ended",
		slog.Duration("for_at_most", busyForEnds))
	if err := s.waitFor(busyForEnds); err != nil {
		return err
	}
	_, _, err = s.exec(sql)
	if back := s.waitFor(busyFor); err == nil && back != nil {
		return errors.Join(back, s.script("ROLLBACK"))
	}
	return err
}

// waitFor says for how long SQLite waits for others.
func (s *writerState) waitFor(wait time.Duration) error {
	return s.script(fmt.Sprintf("PRAGMA busy_timeout = %d", wait.Milliseconds()))
}

func holdsEnd(batch []*submission) bool {
	for _, r := range batch {
		switch r.Change.(type) {
		case *settle, finishRun:
			return true
		}
	}
	return false
}
