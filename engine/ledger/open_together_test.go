package ledger_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"waybill/engine/ledger"
)

// Processes that find no ledger at the same moment make one together; none takes it for another program's file.
func TestMadeTogether(t *testing.T) {
	const rounds, makers = 25, 8
	for range rounds {
		path := filepath.Join(t.TempDir(), ".waybill", "ledger.db")
		start := make(chan struct{})
		var all sync.WaitGroup
		for range makers {
			all.Go(func() {
				<-start
				l, err := ledger.Open(path, ledger.Options{Now: time.Now})
				if err == nil {
					err = l.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
	}
}
