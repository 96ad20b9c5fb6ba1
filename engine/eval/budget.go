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

// budget is the work that one rendering may still do. expr's machine cannot be stopped, so whatever takes time in
// proportion to its input pays here first. It counts steps and not time, so that a file means the same everywhere.
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

// spendOn pays for walking through v: a step for each element, and for every few bytes of text.
func (b *budget) spendOn(v any) error {
	switch v := v.(type) {
	case string:
		return b.spend(len(v) / 8)
	case []any:
		if err := b.spend(len(v)); err != nil {
			return err
		}
		for _, element := range v {
			if err := b.spendOn(element); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := b.spend(2 * len(v)); err != nil {
			return err
		}
		for _, element := range v {
			if err := b.spendOn(element); err != nil {
				return err
			}
		}
	case map[any][]any:
		for _, group := range v {
			if err := b.spendOn(group); err != nil {
				return err
			}
		}
	case []int:
		return b.spend(len(v))
	case []string:
		return b.spend(2 * len(v))
	}
	return b.spend(1)
}
