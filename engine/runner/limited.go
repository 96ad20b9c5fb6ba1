package runner

import (
	"context"

	"waybill/engine/eval"
)

// limited are the first items of a forEach, of which a run takes no more for --limit: the same for all of its waves and processes. Those that
// `where` leaves out are not among them. The zero value takes all.
type limited struct {
	most, met int
	where     *eval.Template
}

// limit begins to count the items of a forEach, in the order of its source.
func (l *loop) limit() limited { return limited{most: l.x.limit, where: l.step.ForEach.Where} }

// takes says whether the next item is one of them, or is left out before the last of them.
func (l *limited) takes(ctx context.Context, e element) bool {
	if l.most == 0 {
		return true
	}
	if l.met == l.most {
		return false
	}
	if e.err == nil && l.where != nil {
		if wanted, err := l.where.Truth(ctx, e.Names); err != nil || !wanted {
			return true
		}
	}
	l.met++
	return true
}
