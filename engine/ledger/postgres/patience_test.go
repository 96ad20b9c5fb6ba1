package postgres

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPatienceIsShared waits for a database that is away with one change after the other: all together no longer than one, and then each so
// long that it is tried.
func TestPatienceIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := patience{now: time.Now}
		began := time.Now()
		for range 8 {
			for end := time.Now().Add(p.left(busyForEnds)); time.Now().Before(end); time.Sleep(longestPause) {
				p.failed()
			}
		}
		if took, most := time.Since(began), busyForEnds+8*(busyAtLeast+longestPause); took > most {
			t.Errorf("eight changes waited %s, want at most %s", took, most)
		}
		if !p.tell() || p.tell() {
			t.Error("a person is not told once")
		}
		if !p.reached() || p.reached() {
			t.Error("a person is not told once that it is there again")
		}
		if got := p.left(busyForEnds); got != busyForEnds {
			t.Errorf("after the database answered %s are left, want all %s", got, busyForEnds)
		}
		p.failed()
		time.Sleep(time.Hour)
		if got := p.left(busyFor); got != busyFor {
			t.Errorf("an hour after the newest try %s are left, want all %s", got, busyFor)
		}
		p.failed()
		if got := p.left(busyFor); got != busyFor {
			t.Errorf("when it is missed anew %s are left, want all %s", got, busyFor)
		}
	})
}
