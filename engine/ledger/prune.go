package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/internal/care"
)

// Prune takes out what is old; see engine.Keeper. The file is made anew at the end, unless somebody sends.
func (l *Ledger) Prune(ctx context.Context, before time.Time, look bool) (engine.Pruned, error) {
	var p engine.Pruned
	at := before.UnixMilli()
	count := func(sql string, at int64, into *int) error {
		return l.readers.query(ctx, named(sql), func(v []driver.Value) error {
			*into += int(asInt(v[0]))
			return nil
		}, at)
	}
	err := count(`SELECT count(*) FROM .inbox WHERE received_at < ?`, at, &p.Webhooks)
	for _, o := range care.OverdueTexts(before) { // Compact takes them out
		if err == nil {
			err = count(o.Number(), l.now().UnixMilli(), o.Count(&p))
		}
	}
	for _, o := range care.AllOld() {
		if err == nil {
			err = count(o.Number(), at, o.Count(&p))
		}
		if err == nil && !look {
			err = l.inSlices(ctx, at, named(o.Find()), named(o.Change(`IN (SELECT value FROM json_each(?))`)))
		}
	}
	if err == nil && !look {
		err = l.Compact(ctx, before)
	}
	if err == nil && !look {
		p.Freed, p.Kept, err = l.giveBack(ctx)
	}
	if err != nil {
		return p, fmt.Errorf("prune the ledger: %w", err)
	}
	return p, nil
}

// named writes the tables of a query as they are named here.
func named(sql string) string { return strings.ReplaceAll(sql, " .", " ") }

// giveBack makes the file as small as what is in it. A sender would wait for it: while there is one, nothing is done.
func (l *Ledger) giveBack(ctx context.Context) (freed int64, kept bool, err error) {
	release, err := l.Lock(ctx, "waybill ledger prune")
	if _, locked := errors.AsType[*engine.LockedError](err); locked {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, release()) }()
	was, err := os.Stat(l.path)
	if err == nil {
		err = l.wipe(ctx)
	}
	if err != nil {
		return 0, false, err
	}
	is, err := os.Stat(l.path)
	if err != nil {
		return 0, false, err
	}
	return max(0, was.Size()-is.Size()), false, nil
}

// Examine looks at every row; see engine.Keeper.
func (l *Ledger) Examine(ctx context.Context) (wrong []string, err error) {
	err = l.readers.use(func(c *connection) error {
		wrong, err = c.examine(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("examine the ledger: %w", err)
	}
	return wrong, nil
}

// examine reads all of one moment: what a sender writes meanwhile is no contradiction.
func (c *connection) examine(ctx context.Context) (wrong []string, err error) {
	if err := c.script("BEGIN"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.script("ROLLBACK")) }()
	err = c.query(ctx, `PRAGMA integrity_check(20)`, func(v []driver.Value) error {
		if text := asText(v[0]); text != "ok" {
			wrong = append(wrong, "the file is damaged: "+text)
		}
		return nil
	})
	if errors.Is(err, engine.ErrDamaged) {
		return append(wrong, err.Error()), nil
	}
	if err != nil || len(wrong) > 0 {
		return wrong, err
	}
	for _, r := range care.Relations() {
		n := int64(0)
		err := c.query(ctx, named(r.Broken), func(v []driver.Value) error {
			n = asInt(v[0])
			return nil
		})
		if err != nil {
			return nil, err
		}
		wrong = r.Found(n, wrong)
	}
	var counts care.Counts
	for sql, each := range map[string]rowFunc{
		care.Counted: func(v []driver.Value) error { counts.Count(asInt(v[0]), asInt(v[1]), asInt(v[2])); return nil },
		care.Current: func(v []driver.Value) error {
			counts.Find(asInt(v[0]), asInt(v[1]), asInt(v[2]) != 0, asInt(v[3]))
			return nil
		},
		care.Former: func(v []driver.Value) error { counts.Leave(asInt(v[0])); return nil },
	} {
		if err := c.query(ctx, named(sql), each); err != nil {
			return nil, err
		}
	}
	return counts.Wrong(wrong), nil
}
