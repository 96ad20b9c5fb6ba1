package ledgertest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"waybill/engine"
)

// copyOf is a copy with some content.
func copyOf(t *testing.T, content []byte, modified time.Time) *engine.Copy {
	t.Helper()
	c, err := engine.NewCopy(t.Context(), func(_ context.Context, to *engine.Copy) error {
		to.Modified = modified
		_, err := to.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// testKeptRows: what the first process of a run read is there for the others, whole, until the run is over.
func testKeptRows(t *testing.T, newStore NewStore) {
	t.Helper()
	kept := func(d *desk, run string) map[string]*engine.Copy {
		t.Helper()
		copies, err := shared(t, d.Ledger).KeptRows(t.Context(), run)
		d.must(err)
		t.Cleanup(func() {
			for _, c := range copies {
				_ = c.Close()
			}
		})
		return copies
	}
	noise := make([]byte, 3<<20+17) // nothing in it can be compressed, and it takes several pieces
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)

	d := newDesk(t, newStore)
	other := d.sender("another")
	keeper := shared(t, d.Ledger)
	if got := kept(d, theRun); len(got) != 0 {
		t.Errorf("of a run for which nothing was kept there is %v", got)
	}
	d.must(keeper.KeepRows(t.Context(), theRun, "people", copyOf(t, []byte("longer than what comes in its place"), at(1))))
	d.must(keeper.KeepRows(t.Context(), theRun, "people", copyOf(t, noise, at(2))))
	d.must(keeper.KeepRows(t.Context(), theRun, "others", copyOf(t, nil, time.Time{})))
	d.must(keeper.KeepRows(t.Context(), anotherRun, "people", copyOf(t, []byte("another's"), time.Time{})))
	got := kept(other, theRun)
	if len(got) != 2 || got["people"] == nil || got["others"] == nil {
		t.Fatalf("kept are %v", got)
	}
	content, err := io.ReadAll(got["people"].Reader())
	if d.must(err); !bytes.Equal(content, noise) || !got["people"].Modified.Equal(at(2)) {
		t.Errorf("%d bytes of %v, want %d of %v", len(content), got["people"].Modified, len(noise), at(2))
	}
	if c := got["others"]; c.Size() != 0 || !c.Modified.IsZero() {
		t.Errorf("of nothing there are %d bytes of %v", c.Size(), c.Modified)
	}
	for _, c := range []struct {
		status engine.RunStatus
		stays  bool
	}{{engine.RunInterrupted, true}, {engine.RunStopped, true}, {engine.RunFailed, false}} {
		d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: c.status, FinishedAt: at(9)}, nil))
		if got := kept(d, theRun); (len(got) == 2) != c.stays {
			t.Errorf("of a run that is %s there are %v", c.status, got)
		}
	}
	d.must(d.Compact(t.Context(), at(0)))
	if got := kept(d, anotherRun); len(got) != 1 {
		t.Errorf("of the other run there are %v", got)
	}
	d.must(keeper.DropRows(t.Context(), anotherRun))
	if got := kept(d, anotherRun); len(got) != 0 {
		t.Errorf("what was dropped is %v", got)
	}
}
