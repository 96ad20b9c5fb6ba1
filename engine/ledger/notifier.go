package ledger

import (
	"context"
	"database/sql/driver"

	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/watch"
)

// Change blocks until something was committed to the ledger since the call, by any process, or ctx ends. It also
// returns now and then for no reason: look again, and call it again.
func (l *Ledger) Change(ctx context.Context) error { return l.notifier.Change(ctx) }

// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
// One poll looks for all that wait, and none is woken for another's message.
func (l *Ledger) Await(ctx context.Context, messageID string, known int) error {
	return l.notifier.Await(ctx, form.MessageHash(messageID), func() (bool, error) {
		statuses, err := l.Statuses(ctx, messageID)
		return len(statuses) > known, err
	})
}

// poll asks the file whether another process changed it. It knows the newest rows that it has seen.
type poll struct {
	l            *Ledger
	c            *connection
	version      int64 // of the file
	status, news int64
}

// startPolling begins a poll; see watch.New.
func (l *Ledger) startPolling() (watch.Poll, error) {
	c, err := l.readers.get()
	if err != nil {
		return nil, err
	}
	p := &poll{l: l, c: c}
	if p.version, err = c.number("PRAGMA data_version"); err != nil {
		return nil, joinGiveBack(l.readers, c, err)
	}
	err = c.query(context.Background(), `SELECT (SELECT coalesce(max(seq), 0) FROM status), (SELECT coalesce(max(seq), 0) FROM news)`,
		func(v []driver.Value) error {
			p.status, p.news = asInt(v[0]), asInt(v[1])
			return nil
		})
	if err != nil {
		return nil, joinGiveBack(l.readers, c, err)
	}
	return p, nil
}

func joinGiveBack(p *pool, c *connection, err error) error {
	if back := p.giveBack(c); err == nil {
		return back
	}
	return err
}

// End gives the connection back; see watch.Poll.
func (p *poll) End(err error) {
	if err := joinGiveBack(p.l.readers, p.c, err); err != nil {
		p.l.log.Error("watch the ledger", errorAttr(err))
	}
}

// Look wakes those that wait, where the file was changed; see watch.Poll.
func (p *poll) Look(ctx context.Context) error {
	now, err := p.c.number("PRAGMA data_version")
	if err != nil || now == p.version {
		return err
	}
	p.version = now
	p.l.notifier.Announce()
	err = p.c.query(ctx, `SELECT seq, message_hash FROM status WHERE seq > ? ORDER BY seq`, func(v []driver.Value) error {
		p.status = asInt(v[0])
		p.l.notifier.Heard(int32(asInt(v[1]))) //nolint:gosec // it is one
		return nil
	}, p.status)
	if err != nil {
		return err
	}
	var runs []string
	err = p.c.query(ctx, `SELECT n.seq, r.id FROM news n LEFT JOIN run r ON r.seq = n.run WHERE n.seq > ? ORDER BY n.seq`,
		func(v []driver.Value) error {
			p.news = asInt(v[0])
			runs = append(runs, asText(v[1]))
			return nil
		}, p.news)
	p.l.notifier.Tell(runs...)
	return err
}
