package runner

import "context"

// limited are the first items of a forEach, of which a run takes no more for --limit: the same for all of its waves and processes. Those that
// `where` leaves out are not among them.
type limited struct {
	loop *loop
	met  int
}

// limit begins to count the items of a forEach, in the order of its source.
func (l *loop) limit() limited { return limited{loop: l} }

// takes says whether the next item is one of them, or is left out before the last of them.
func (l *limited) takes(ctx context.Context, e element) bool {
	most := l.loop.x.limit
	if most == 0 {
		return true
	}
	if l.met == most {
		return false
	}
	if wanted, err := l.loop.wants(ctx, e); wanted && err == nil {
		l.met++
	}
	return true
}
