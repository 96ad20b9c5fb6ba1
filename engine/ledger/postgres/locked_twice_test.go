//go:build unix

package postgres_test

import (
	"sync"
	"testing"
	"time"

	"waybill/engine"
)

// Several runs of one process ask for the lock at the same time, while something else is written: one of them gets it.
func TestLockedOnceByOneProcess(t *testing.T) {
	l := open(t, theServer(t).URL(newDatabase(t)))
	for range 20 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var releases []func() error
		for range 4 {
			wg.Go(func() {
				if err := l.OptOut(t.Context(), []engine.OptOut{{Person: "+34600000001", Scope: engine.ScopeAll, Source: engine.SourceHand, At: time.Now()}}); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if release, err := l.Lock(t.Context(), "job"); err == nil {
					mu.Lock()
					defer mu.Unlock()
					releases = append(releases, release)
				}
			})
		}
		wg.Wait()
		if len(releases) != 1 {
			t.Fatalf("locked %d times by one process", len(releases))
		}
		if err := releases[0](); err != nil {
			t.Error(err)
		}
		if who, err := l.Holder(t.Context()); err != nil || who != "" {
			t.Fatalf("held after its release: %q, %v", who, err)
		}
	}
}
