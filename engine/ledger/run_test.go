package ledger_test

import (
	"errors"
	"path/filepath"
	"testing"

	"waybill/engine"
)

// TestUnreadableRun wants no run handed out as one that was asked for everything, when what it was asked for is lost.
// What failed in it may be lost: that is read by people alone.
func TestUnreadableRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	db := openRaw(t, path)
	if err := l.StartRun(t.Context(), engine.Run{ID: benchRun, Asked: engine.Asked{Limit: 10}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change string
		limit  int
		want   error
	}{
		{`errors = 'nothing that can be read'`, 10, nil},
		{`asked = NULL`, 0, nil},
		{`asked = '{"Limit":"te'`, 0, engine.ErrDamaged},
		{`asked = ''`, 0, engine.ErrDamaged},
	} {
		if _, err := db.ExecContext(t.Context(), `UPDATE run SET `+c.change); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{benchRun, "last"} {
			if r, err := l.Run(t.Context(), id); !errors.Is(err, c.want) || err == nil && r.Asked.Limit != c.limit {
				t.Errorf("%s: %+v, %v, want a limit of %d, %v", c.change, r.Asked, err, c.limit, c.want)
			}
		}
		for r, err := range l.Runs(t.Context(), engine.RunFilter{}) {
			if !errors.Is(err, c.want) || err == nil && r.Asked.Limit != c.limit {
				t.Errorf("%s, listed: %+v, %v, want a limit of %d, %v", c.change, r.Asked, err, c.limit, c.want)
			}
		}
	}
}
