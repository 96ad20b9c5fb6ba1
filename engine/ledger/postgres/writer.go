package postgres

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/group"
)

// change is what one caller wants done. apply may run more than once, each time after a rollback of what it did before,
// and must then start afresh. An error of the database undoes it; any other is its answer, and what it wrote stays.
type change interface {
	apply(t *transaction) error
}

type submission = group.Submission[change]

// writer writes the groups of one process, through one connection. The goroutine of its queue alone touches it.
type writer struct {
	l      *Ledger
	conn   *connection // nil: there is none now
	groups group.Wait
	self   self
	lost   *lostGroup // whose commit was not answered

	counts     counts // what the group changes of them
	mets       metCache
	steps      map[stepName]int64 // rows of step and run, as far as they were needed
	runs       map[string]int64
	businesses map[string]int64    // rows of business_number
	moulds     map[mouldName]int64 // rows of mould
	uncertain  map[uncertainScope]bool
	joined     map[int64]bool        // runs that say that this process works at them
	granted    map[delivery.ID]grant // requests that this process may make: exactly those that callers were told of and have not settled
	names      names
	lock       lockState
	pending    bool                      // whether there are statuses that wait for their delivery
	unclaimed  bool                      // whether any of these carries a callback
	recipients bool                      // the index of recipients is there, see indexRecipients
	templates  map[int64]bool            // rows of step that are known to be of templates
	charges    map[delivery.Charge]int64 // rows of charge
	patience   patience                  // with a database that takes no changes
	broken     error                     // nothing more is written
	foreseen   bool                      // whoever opens the ledger next is told that it lost what this process wrote
	tookUp     time.Time                 // when it last had a new connection; zero: it has its first
}

// self is this process as the database has it.
type self struct {
	id      int64
	session int64 // of the connection
	groups  int64 // that were committed
}

// stepName is the part of a Key that many deliveries share.
type stepName struct{ job, scope, path string }

// lockState is the right to send as this process has it.
type lockState struct {
	held  bool
	ended bool // another took this process for dead, and took over
}

// grant is a request that this process was allowed to make.
type grant struct {
	attempt int
	run     int64 // its row
	intent  *delivery.Intent
	at      time.Time
}

// lostGroup is a group of which is not known whether it was committed.
type lostGroup struct {
	t      *transaction // nil: what it did cannot be known, and is looked at again
	batch  []*submission
	notes  []note // that it wrote
	people []engine.Identity
}

func newWriter(l *Ledger) *writer {
	w := &writer{
		l: l, counts: counts{}, steps: map[stepName]int64{}, runs: map[string]int64{}, businesses: map[string]int64{}, moulds: map[mouldName]int64{}, joined: map[int64]bool{}, templates: map[int64]bool{}, charges: map[delivery.Charge]int64{},
		granted: map[delivery.ID]grant{}, patience: patience{now: l.now},
	}
	w.names.forget()
	return w
}

// Groups is what watches how changes arrive; see group.Writer.
func (w *writer) Groups() *group.Wait { return &w.groups }

// Close closes the connection; see group.Writer.
func (w *writer) Close() error {
	if w.conn == nil {
		return nil
	}
	return w.conn.close()
}

func (w *writer) shard() int64 { return w.self.id % shards }

func intends(c change) bool {
	_, is := c.(*intend)
	return is
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

// Write writes a group; see group.Writer. While the database is away it waits, and outcomes wait longest.
func (w *writer) Write(batch []*submission, _ int) {
	wait := busyFor
	switch {
	case holdsEnd(batch):
		wait = busyForEnds
	case w.sends():
		wait = busyForSender
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.patience.left(wait))
	defer cancel()
	left := batch
	var before error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		var err error
		if left, err = w.write(ctx, left); err == nil && len(left) == 0 {
			if w.patience.reached() {
				w.l.log.Warn("the database takes changes again")
			}
			w.l.notifier.Announce()
			return
		}
		if err == nil {
			continue
		}
		if passes(err) {
			w.patience.failed()
		}
		err = reasonOf(err, before)
		if !passes(err) || ctx.Err() != nil {
			w.giveUp(left, err)
			return
		}
		if pause == longestPause && w.patience.tell() {
			w.l.log.Warn("the database is away, or takes no changes: what happened waits to be written", errorAttr(err))
		}
		before = err
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// giveUp answers a group with an error. What it did, if it was committed after all, nobody was told.
func (w *writer) giveUp(left []*submission, err error) {
	if w.lost != nil {
		w.lost.t, w.lost.batch = nil, nil
	}
	err = explain(w.newer(err))
	if errors.Is(err, engine.ErrDamaged) || errors.Is(err, engine.ErrBehind) {
		w.broken = err
	}
	for _, r := range left {
		r.Err = err
	}
}

// write tries to write a group, and returns what is left of it. Without an error, what is left is to be tried again at once.
func (w *writer) write(ctx context.Context, batch []*submission) ([]*submission, error) {
	if w.broken != nil {
		return batch, w.broken
	}
	left, err := w.connected(ctx, batch)
	if err != nil || len(left) == 0 {
		return left, err
	}
	quick, slow := w.split(left)
	if len(quick) > 0 {
		undone, err := w.quick(quick)
		switch {
		case err == nil:
			slow = append(slow, undone...)
		case passes(err):
			return left, err
		default:
			w.l.log.Debug("a group was not written at once", errorAttr(err))
			slow = left
		}
	}
	if len(slow) == 0 {
		return nil, nil
	}
	err = w.together(slow)
	if err != nil && !passes(err) && isSQL(err) && len(slow) > 1 {
		err = w.oneByOne(slow)
	}
	if err != nil {
		return slow, err
	}
	return nil, nil
}

func errorAttr(err error) slog.Attr { return slog.String("error", err.Error()) }
