//go:build unix

package postgres_test

import (
	"testing"
	"time"
)

// TestRoomOfDeadRows has a sender take back the room of what its outcomes left: the database does not wait for the minute of its autovacuum.
func TestRoomOfDeadRows(t *testing.T) {
	t.Parallel()
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	const taken = `SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'waybill.delivery'::regclass`
	// What is counted as dead is told by the server once a second at most.
	for n := range 100 {
		if number(t, url, taken) > 0 {
			return
		}
		sendFrom(t, l, n*100, 100, 32)
		if err := l.TakeBackRoom(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("no room was taken back")
}
