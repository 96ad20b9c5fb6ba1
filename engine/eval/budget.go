package eval

import (
	"context"
	"errors"
)

// The bounds of one expression and of one rendering.
const (
	maxSource = 4 << 10   // bytes of an expression
	maxNodes  = 500       // nodes of its tree
	maxText   = 64 << 10  // bytes of a text that an expression or a template makes
	maxRange  = 10_000    // elements of a range: 1..10000
	maxMemory = 100_000   // elements of the lists and maps that one rendering makes
	maxWork   = 1_500_000 // steps of one rendering, of 20 to 50 ns each
)

var (
	errTooMuch = errors.New("the expression does too much work")
	errTooLong = errors.New("the text grows beyond 64 KiB")
)

// budgetName is the name under which our functions get the budget. No expression can spell it.
const budgetName = "budget()"

// budget is the work that one rendering may still do. expr's machine cannot be stopped, so loops (each), calls and
// whatever walks through a value (spendOn) pay here first. It counts steps and not time, so that a file means the
// same everywhere.
type budget struct {
	left int
	done <-chan struct{}
	why  func() error
}

func (b *budget) start(ctx context.Context) {
	b.left, b.done, b.why = maxWork, ctx.Done(), ctx.Err
}

// spend takes n steps from the budget. Its error ends the expression.
func (b *budget) spend(n int) error {
	if n < 0 || n >= b.left {
		b.left = 0
		return errTooMuch
	}
	b.left -= n + 1
	select {
	case <-b.done:
		return b.why()
	default:
		return nil
	}
}

// measure is what handling v as a whole costs: a step for each element, and for every eight bytes of text.
func measure(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) / 8
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}

// spendOn pays for walking through v and all that is in it. A list that is built of itself again and again is small
// and has no end.
func (b *budget) spendOn(v any) error {
	err := b.spend(measure(v))
	each := func(element any) {
		if err == nil {
			err = b.spendOn(element)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			each(element)
		}
	case map[string]any:
		for _, element := range v {
			each(element)
		}
	case map[any][]any: // of groupBy
		for _, group := range v {
			each(group)
		}
	}
	return err
}
