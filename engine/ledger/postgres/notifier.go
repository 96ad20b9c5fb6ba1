package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/watch"
)

// Change blocks until something was committed to the ledger since the call, by any process, or ctx ends. It also
// returns now and then for no reason: look again, and call it again.
func (l *Ledger) Change(ctx context.Context) error { return l.notifier.Change(ctx) }

// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
func (l *Ledger) Await(ctx context.Context, messageID string, known int) error {
	return l.notifier.Await(ctx, form.MessageHash(messageID), func() (bool, error) {
		statuses, err := l.Statuses(ctx, messageID)
		return len(statuses) > known, err
	})
}

// poll asks the database whether anything was committed. A NOTIFY would have all commits of the server take turns.
type poll struct {
	l        *Ledger
	snapshot string
	counted  map[int32]int64 // statuses of messages that are waited for, by the hash of their ids
}

func (l *Ledger) startPolling() (watch.Poll, error) {
	return &poll{l: l, counted: map[int32]int64{}}, nil
}

// End has nothing to give back; see watch.Poll.
func (*poll) End(error) {}

// Look wakes those that wait, where anything was committed; see watch.Poll. The text of the current snapshot changes with each commit of the
// cluster, and costs nearly nothing to ask for, through a pooler too. While the database is away there is nothing to tell: those that
// wait look by themselves, and see.
func (p *poll) Look(ctx context.Context) error {
	var now string
	err := p.l.query(ctx, `SELECT pg_current_snapshot()::text`, func(rows pgx.Rows) error { return rows.Scan(&now) })
	if err != nil || now == p.snapshot {
		return nil //nolint:nilerr // see above
	}
	p.l.notifier.Tell(watch.EveryRun)
	if err := p.count(ctx, p.l.notifier.Awaited()); err == nil {
		p.snapshot = now
	}
	p.l.notifier.Announce()
	return nil
}

// count wakes those that wait for a status of a message, of which there are other than were counted last.
func (p *poll) count(ctx context.Context, hashes []int32) error {
	for h := range p.counted {
		if !slices.Contains(hashes, h) {
			delete(p.counted, h)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	return p.l.query(ctx, `SELECT h, (SELECT count(*) FROM waybill.status s WHERE s.message_hash = h) FROM unnest($1::int4[]) AS h`,
		func(rows pgx.Rows) error {
			var h, found num
			if err := rows.Scan(&h, &found); err != nil {
				return err
			}
			hash := int32(h) //nolint:gosec // it is one
			before, known := p.counted[hash]
			p.counted[hash] = int64(found)
			if !known || before != int64(found) {
				p.l.notifier.Heard(hash)
			}
			return nil
		}, hashes)
}
