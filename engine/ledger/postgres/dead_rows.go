package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lookForRoom is how often a sender looks whether there is room to take back.
	lookForRoom = 2 * time.Second
	// deadMost is how many dead rows the table delivery may hold beside a share of those that live.
	deadMost = 5000
	// liveMost is how many rows may live where a sender takes back room: in a larger table it takes longer, and autovacuum does it more gently.
	liveMost = 2_000_000
)

// keepRoom takes back the room of dead rows while this process sends. Each outcome leaves one, where its intent stood. Autovacuum looks once a
// minute, in which many senders fill more pages than their messages need.
func (l *Ledger) keepRoom(ctx context.Context) {
	tick := time.NewTicker(lookForRoom)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.takeBackRoom(ctx, deadMost); err != nil && ctx.Err() == nil {
				l.log.Debug("the room of dead rows was not taken back", errorAttr(err)) // autovacuum does later
			}
		}
	}
}

// takeBackRoom does what autovacuum would, if more rows of the table delivery are dead than most and a twentieth of those that live. One
// process does at a time; where the ledger's user is not the owner of the table, nobody does.
func (l *Ledger) takeBackRoom(ctx context.Context, most int64) error {
	due := false
	err := l.query(ctx, `SELECT n_dead_tup > $1 + n_live_tup / 20 AND n_live_tup < $2 FROM pg_stat_user_tables WHERE relid = to_regclass('waybill.delivery')`,
		func(rows pgx.Rows) error { return rows.Scan(&due) }, most, int64(liveMost))
	if err == nil && due {
		_, err = l.pool.Exec(ctx, `VACUUM (SKIP_LOCKED, TRUNCATE off) waybill.delivery`)
	}
	return err
}
