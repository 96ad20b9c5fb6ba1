//go:build unix

package postgres_test

import (
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/postgres/pgtest"
)

// TestNothingIsCompiled holds that no statement of a sender is worth PostgreSQL's compiler, whatever size the tables have: that takes it
// longer than all that a group does.
func TestNothingIsCompiled(t *testing.T) {
	s, err := pgtest.Start("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all")
	need(t, s, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Create("wb"); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec("wb", `CREATE EXTENSION pg_stat_statements`); err != nil {
		t.Fatal(err)
	}
	l := sending(t, s.URL("wb"))
	settle(t, l, intend(t, l, "ana"))
	if err := l.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunSucceeded, FinishedAt: time.Now()}, nil); err != nil {
		t.Fatal(err)
	}
	if number(t, s.URL("wb"), `SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%waybill.write_group%'`) == 0 {
		t.Fatal("no statement of a group was seen")
	}
	if n := number(t, s.URL("wb"), `SELECT coalesce(sum(jit_functions), 0) FROM pg_stat_statements`); n > 0 {
		t.Errorf("%d functions were compiled", n)
	}
}
