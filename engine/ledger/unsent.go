package ledger

import (
	"context"
	"iter"
	"time"

	"waybill/engine"
)

// Note keeps rows of a run that became no request; see engine.Dispatcher.
func (l *Ledger) Note(context.Context, string, []engine.Unsent) error { return nil }

// Unsent yields such rows; see engine.Reader.
func (l *Ledger) Unsent(context.Context, engine.UnsentFilter) iter.Seq2[engine.Unsent, error] {
	return func(func(engine.Unsent, error) bool) {}
}

// Give keeps a person's order to a run; see engine.Recorder.
func (l *Ledger) Give(context.Context, string, engine.Order) error { return nil }

// Ordered returns it; see engine.Reader.
func (l *Ledger) Ordered(context.Context, string) (*engine.Order, error) { return nil, nil }

// Listen says that a receiver is alive; see engine.Recorder.
func (l *Ledger) Listen(context.Context, time.Time) error { return nil }

// Listening says until when; see engine.Reader.
func (l *Ledger) Listening(context.Context) (time.Time, error) { return time.Time{}, nil }

// Watch blocks until there are news of a run; see engine.Waiter.
func (l *Ledger) Watch(ctx context.Context, _ string, after int64) (engine.News, error) {
	<-ctx.Done()
	return engine.News{Cursor: after}, ctx.Err()
}
