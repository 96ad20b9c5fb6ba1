package proof

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Comparison says how the ledger stands to a proof that it made.
type Comparison struct {
	Other     bool // it is not the ledger that the proof was made from; nothing was compared
	Same      int  // deliveries that stand as they stood
	Changed   int  // a webhook, a person or a later run told more since
	Forgotten int  // the ledger keeps nothing that names the person or the item any more
	Pruned    int  // the ledger keeps the delivery, and not all that was known of it
	Gone      int  // not in the ledger any more
	Added     int  // of the run, and made since
	RunGone   bool // the run itself is not in the ledger any more
}

// comparer follows a proof in the ledger: both have the deliveries in the order of their ids.
type comparer struct {
	maker *maker
	found *Comparison
	next  func() (delivery.Delivery, error, bool)
	stop  func()
	held  *delivery.Delivery // read, and not reached by the proof yet
	ended bool

	// doubtful is the first line that is not in the ledger as it stands in the proof: what was forgotten since, if the seal is right.
	doubtful int
}

func newComparer(ctx context.Context, l engine.Reader, h *Header, found *Comparison) *comparer {
	run, err := l.Run(ctx, h.Run)
	if err != nil { // the header's comparison says it
		run = engine.Run{ID: h.Run}
	}
	c := &comparer{maker: newMaker(l, run, h.Recipients == recipientsShown), found: found}
	c.next, c.stop = iter.Pull2(l.Deliveries(ctx, engine.DeliveryFilter{SeenBy: run.ID}))
	return c
}

func (c *comparer) close() {
	if c != nil {
		c.stop()
	}
}

// run compares the header.
func (c *comparer) run(ctx context.Context, h *Header) (what string, err error) {
	run, err := c.maker.ledger.Run(ctx, h.Run)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		c.found.RunGone, c.doubtful = true, 1
		return "", nil
	case err != nil:
		return "", err
	case run.ID != h.Run || run.Job != h.Job || run.Scope != h.Scope || run.Mode != h.Mode ||
		!reflect.DeepEqual(instant(run.StartedAt), h.StartedAt):
		return "the ledger has this run with another job, scope, mode or start", nil
	}
	return "", nil
}

// delivery compares a line with what the ledger would write now.
func (c *comparer) delivery(ctx context.Context, number int, was *deliveryLine) (what string, err error) {
	d, err := c.reach(delivery.ID(was.ID))
	if err != nil {
		return "", err
	}
	var now *deliveryLine
	if d != nil {
		if now, err = c.maker.delivery(ctx, *d); err != nil {
			return "", err
		}
	}
	verdict, what := compareLines(was, now)
	switch verdict {
	case same:
		c.found.Same++
		return "", nil
	case changed:
		c.found.Changed++
		return "", nil
	case forgotten:
		c.found.Forgotten++
	case pruned:
		c.found.Pruned++
	case gone:
		c.found.Gone++
	case different:
		return fmt.Sprintf("step %s, item %q is not as the ledger has it: %s", was.Step, was.Item, what), nil
	}
	if c.doubtful == 0 {
		c.doubtful = number
	}
	return "", nil
}

// reach goes on to a delivery; nil: the ledger does not have it.
func (c *comparer) reach(id delivery.ID) (*delivery.Delivery, error) {
	for {
		if err := c.read(); err != nil || c.held == nil || c.held.ID > id {
			return nil, err
		}
		d := *c.held
		c.held = nil
		if d.ID == id {
			return &d, nil
		}
		c.found.Added++
	}
}

// read has held filled, unless all was read.
func (c *comparer) read() error {
	if c.held != nil || c.ended {
		return nil
	}
	d, err, more := c.next()
	if err != nil {
		return err
	}
	if c.ended = !more; more {
		c.held = &d
	}
	return nil
}

// end compares the seal. line is the one that is wrong.
func (c *comparer) end(number int, was, is string) (line int, what string, err error) {
	for {
		if err := c.read(); err != nil {
			return 0, "", err
		}
		if c.held == nil {
			break
		}
		c.found.Added++
		c.held = nil
	}
	switch {
	case was == is:
		return 0, "", nil
	case c.doubtful > 0:
		return c.doubtful, "it is not in the ledger like that, and the seal in the last line is not the ledger's", nil
	}
	return number, "the seal is not the ledger's: it did not make this file as it is", nil
}
