package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"waybill/engine/ledger/postgres/pgtest"
)

// databases makes databases for scripts, in one server that the first of them starts.
type databases struct {
	server  func() (*pgtest.Server, error)
	started atomic.Bool
	made    atomic.Int64
}

func newDatabases(t *testing.T) *databases {
	t.Helper()
	d := &databases{}
	d.server = sync.OnceValues(func() (*pgtest.Server, error) { d.started.Store(true); return pgtest.Start() })
	t.Cleanup(func() {
		if !d.started.Load() {
			return
		}
		if s, err := d.server(); err == nil {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

// make sets DATABASE to the address of an empty one.
func (d *databases) make(ts *testscript.TestScript, _ bool, _ []string) {
	s, err := d.server()
	ts.Check(err)
	name := fmt.Sprintf("script_%d", d.made.Add(1))
	ts.Check(s.Create(name))
	ts.Setenv("DATABASE", strings.TrimSuffix(s.URL(name), "?sslmode=disable"))
}

// moved makes the ledger at an address one that was written in another database, as a restored dump is.
func (d *databases) moved(ts *testscript.TestScript, _ bool, args []string) {
	s, err := d.server()
	ts.Check(err)
	ts.Check(s.Exec(args[0][strings.LastIndex(args[0], "/")+1:], "UPDATE waybill.ledger SET dbid = dbid + 1"))
}

// rows looks for texts in all tables of the ledger at an address, also in columns of bytes.
func (d *databases) rows(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	db, err := pgx.Connect(ctx, args[0]+"?sslmode=disable")
	ts.Check(err)
	defer func() { ts.Check(db.Close(ctx)) }()
	tables, err := db.Query(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'waybill'`)
	ts.Check(err)
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("there is no table")
	}
	for _, text := range args[1:] {
		in := ""
		for _, name := range names {
			var n int
			sql := `SELECT count(*) FROM waybill.` + name + ` t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`
			ts.Check(db.QueryRow(ctx, sql, text).Scan(&n))
			if n > 0 {
				in = name
			}
		}
		switch {
		case neg && in != "":
			ts.Fatalf("%s is in table %s", text, in)
		case !neg && in == "":
			ts.Fatalf("%s is in no table", text)
		}
	}
}

// hasPostgres says whether scripts that need it can run.
func hasPostgres() bool {
	if !pgtest.Installed() {
		fmt.Fprintln(os.Stderr, "SKIPPED, and not tested: scripts with a ledger in PostgreSQL:", pgtest.ErrMissing)
	}
	return pgtest.Installed() || os.Getenv("WAYBILL_TEST_POSTGRES") == "required"
}
