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

// server is the one of all tests of the package that leave it running. The first of them starts it; databases are their own.
var (
	server  = sync.OnceValues(func() (*pgtest.Server, error) { started.Store(true); return pgtest.Start("max_connections=400") })
	started atomic.Bool

	databases atomic.Int64 // that were made in it
)

// stopServer stops the server, if it was started.
func stopServer() error {
	if !started.Load() {
		return nil
	}
	s, err := server()
	if err != nil {
		return nil //nolint:nilerr // whoever needed it has failed by this error
	}
	return s.Close()
}

// sharedServer is the server of all tests.
func sharedServer(t *testing.T) *pgtest.Server {
	t.Helper()
	return needServer(t, server)
}

// ownServer is one that a test may stop, change and copy.
func ownServer(t *testing.T) *pgtest.Server {
	t.Helper()
	s := needServer(t, func() (*pgtest.Server, error) { return pgtest.Start() })
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func needServer(t *testing.T, start func() (*pgtest.Server, error)) *pgtest.Server {
	t.Helper()
	s, err := start()
	pgtest.Need(t, err)
	return s
}

// newDatabase makes an empty database, and returns its name.
func newDatabase(s *pgtest.Server) (string, error) {
	name := fmt.Sprintf("db_%d", databases.Add(1))
	return name, s.Create(name)
}

// newPostgres sets DATABASE to the address of an empty one.
func newPostgres(ts *testscript.TestScript, _ bool, _ []string) {
	s, err := server()
	ts.Check(err)
	name, err := newDatabase(s)
	ts.Check(err)
	ts.Setenv("DATABASE", strings.TrimSuffix(s.URL(name), "?sslmode=disable"))
}

// moveDatabase makes the ledger at an address one that was written in another database, as a restored dump is.
func moveDatabase(ts *testscript.TestScript, _ bool, args []string) {
	s, err := server()
	ts.Check(err)
	ts.Check(s.Exec(args[0][strings.LastIndex(args[0], "/")+1:], "UPDATE waybill.ledger SET dbid = dbid + 1"))
}

// setDatabase is the command `setting ADDRESS NAME VALUE`: each later session of that database begins with it, as an administrator may want.
// Without VALUE it is as before.
func setDatabase(ts *testscript.TestScript, _ bool, args []string) {
	s, err := server()
	ts.Check(err)
	name := args[0][strings.LastIndex(args[0], "/")+1:]
	statement := fmt.Sprintf("ALTER DATABASE %s RESET %s", name, args[1])
	if len(args) > 2 {
		statement = fmt.Sprintf("ALTER DATABASE %s SET %s = '%s'", name, args[1], args[2])
	}
	ts.Check(s.Exec("postgres", statement))
}

// findRows looks for texts in all tables of the ledger at an address, also in columns of bytes.
func findRows(ts *testscript.TestScript, neg bool, args []string) {
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
