//go:build unix

package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestMetLockIsWaitedFor holds that a group waits for whoever counts what an apply met, which may be a million deliveries, for longer than for
// other locks, for which it waits as long as before then.
func TestMetLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	url := theServer(t).URL(newDatabase(t))
	connect := func() *pgx.Conn {
		t.Helper()
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return c
	}
	counts, waits := connect(), connect()
	must := func(c *pgx.Conn, sql string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	must(counts, `BEGIN`)
	must(counts, `SELECT waybill.group_facts(1, true)`)
	must(waits, `BEGIN`)
	must(waits, `SET LOCAL lock_timeout = '20ms'`)
	waited := make(chan error, 1)
	go func() {
		_, err := waits.Exec(t.Context(), `SELECT waybill.group_facts(1, false)`)
		waited <- err
	}()
	must(counts, `DO $$ BEGIN
		FOR n IN 1..1000 LOOP
			EXIT WHEN EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database()
				AND l.locktype = 'advisory' AND l.waitstart < clock_timestamp() - interval '100 ms');
			PERFORM pg_sleep(0.01);
		END LOOP;
	END $$`)
	must(counts, `COMMIT`)
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	var left string
	if err := waits.QueryRow(t.Context(), `SHOW lock_timeout`).Scan(&left); err != nil || left != "20ms" {
		t.Errorf("for other locks it waits %s, %v", left, err)
	}
}
