package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

// others is what this process saw of the groups that the other senders wrote. What was seen was committed: a database that has fewer of
// them went back in time, also where this process itself lost nothing by that. The zero value has seen nothing.
type others struct {
	mu     sync.Mutex
	groups map[int64]int64 // by the row of the process
}

// see keeps how many groups each sender wrote, and says whether one has fewer than were seen before: those stay in mind.
func (o *others) see(groups map[int64]int64) (fewer bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, n := range groups {
		fewer = fewer || n < o.groups[id]
		groups[id] = max(n, o.groups[id])
	}
	o.groups = groups
	return fewer
}

// seen returns the senders in order, and the groups of each.
func (o *others) seen() (senders, groups []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	senders = slices.Sorted(maps.Keys(o.groups))
	for _, id := range senders {
		groups = append(groups, o.groups[id])
	}
	return senders, groups
}

// lookAtOthers sees what the senders wrote, and says whether a group is to look closer: one of them is gone, or has written less than before.
func (l *Ledger) lookAtOthers(ctx context.Context) (closer bool, err error) {
	written, gone := map[int64]int64{}, false
	err = l.query(ctx, `SELECT id, groups, `+goneSQL+` FROM waybill.process WHERE sending AND NOT swept`, func(rows pgx.Rows) error {
		var id, groups num
		var its bool
		err := rows.Scan(&id, &groups, &its)
		written[int64(id)], gone = int64(groups), gone || its
		return err
	}, l.lease.Seconds())
	if err != nil {
		return false, err
	}
	return l.others.see(written) || gone, nil
}

// hasOthers refuses a database that lacks what others were seen to have written. One that is not found there may have been taken out.
func (w *writer) hasOthers(c *connection) error {
	senders, groups := w.l.others.seen()
	lacks, err := c.number(`SELECT count(*) FROM waybill.process p JOIN unnest($1::int8[], $2::int8[]) AS k (id, groups) ON p.id = k.id
		WHERE p.groups < k.groups`, senders, groups)
	if err != nil || lacks == 0 {
		return err
	}
	return w.wentBack(c, fmt.Errorf("%w: it lacks what another process had written. Nothing more is sent: messages may have gone out "+
		"unrecorded. See to the database, then `waybill ledger adopt`", engine.ErrBehind))
}
