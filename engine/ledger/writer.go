package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/ledger/internal/group"
)

// change is what one caller wants done. apply may run more than once, each time after a rollback of what it did before,
// and must then start afresh. An error of SQLite's undoes it; any other is its answer, and what it wrote stays.
type change interface {
	apply(t *transaction) error
}

type submission = group.Submission[change]

// writer owns the one connection that writes. The goroutine of its queue alone touches state and space.
type writer struct {
	queue  *group.Queue[change]
	ledger *Ledger
	state  *writerState
	space  *space
	place  whereabouts
}

// startWriter starts the goroutine. stop waits for it.
func startWriter(c *connection, l *Ledger, minFree int64, where whereabouts) *writer {
	w := &writer{ledger: l, state: newWriterState(c, l), space: &space{path: l.path, min: minFree}, place: where}
	w.queue = group.Start(w, intends, l.now)
	return w
}

func intends(c change) bool {
	_, is := c.(*intend)
	return is
}

// stop ends the goroutine after what waits is written, and closes the connection.
func (w *writer) stop() error { return w.queue.Stop() }

func (w *writer) isStopped() bool { return w.queue.Stopped() }

// do hands over a change and waits for the commit that holds it; see group.Queue.
func (w *writer) do(ctx context.Context, c change) error { return w.queue.Do(ctx, c) }

// Groups is what watches how changes arrive; see group.Writer.
func (w *writer) Groups() *group.Wait { return &w.state.groups }

// Close closes the connection; see group.Writer.
func (w *writer) Close() error { return w.state.close() }

// Write writes a group in one transaction. Each submission has its answer afterwards, also when something went wrong.
func (w *writer) Write(batch []*submission, _ int) {
	full := cmp.Or(w.place.kept(), w.space.short(len(batch)))
	err := w.state.together(batch, full)
	if err != nil && (isFull(err) || isDiskFull(err)) {
		// What was sent must be written down: the ballast gives room for it, and nothing more is allowed.
		w.ledger.log.Error("the disk is full: nothing more is sent until there is room", errorAttr(err))
		w.space.drop()
		full = fmt.Errorf("%w: make room on it and run the command again: %w", engine.ErrFull, err)
		err = w.state.together(batch, full)
	}
	if err != nil && len(batch) > 1 && !errors.Is(err, engine.ErrBusy) && !errors.Is(err, engine.ErrDamaged) {
		err = w.state.oneByOne(batch, full)
	}
	if err != nil {
		for _, r := range batch {
			r.Err = err
		}
		return
	}
	if w.state.lock.held {
		w.space.keep(w.ledger.log)
	}
	w.ledger.notifier.Announce()
}
