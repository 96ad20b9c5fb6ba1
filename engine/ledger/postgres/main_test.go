//go:build unix

package postgres_test

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/ledgertest"
	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/postgres/pgtest"
)

// server is one for all tests of the package. It is started by the first.
var (
	server    = sync.OnceValues(func() (*pgtest.Server, error) { started.Store(true); return pgtest.Start("max_connections=400") })
	started   atomic.Bool
	databases atomic.Int64
)

func TestMain(m *testing.M) {
	// The tests wait for the server most of the time, and a history costs it a hundred statements: engine/ledger, engine/delivery and
	// .ci/outside play many more. -parallel and -rapid.checks say otherwise.
	for name, value := range map[string]string{"test.parallel": "4", "rapid.checks": "40"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if started.Load() {
		if s, err := server(); err == nil {
			if err := s.Close(); err != nil {
				fmt.Fprintln(os.Stderr, "stop the servers:", err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// theServer is the server, or skips the test aloud. With WAYBILL_TEST_POSTGRES=required it must be there.
func theServer(tb testing.TB) *pgtest.Server {
	tb.Helper()
	s, err := server()
	return need(tb, s, err)
}

func need[T any](tb testing.TB, got T, err error) T {
	tb.Helper()
	pgtest.Need(tb, err)
	return got
}

// template is a database with an empty ledger, of which tests get copies: that is faster than to make each.
var template = sync.OnceValue(func() error {
	s, err := server()
	if err == nil {
		err = s.Create("template_wb")
	}
	if err != nil {
		return err
	}
	l, err := postgres.Open(s.URL("template_wb"), options())
	if err == nil {
		err = l.Close()
	}
	return err
})

// newDatabase makes a database with an empty ledger of its own.
func newDatabase(tb testing.TB) string {
	tb.Helper()
	s := theServer(tb)
	name := fmt.Sprintf("t_%d", databases.Add(1))
	err := template()
	if err == nil {
		err = s.Exec("postgres", "CREATE DATABASE "+name+" TEMPLATE template_wb STRATEGY file_copy")
	}
	if err == nil {
		err = s.Exec(name, `UPDATE waybill.ledger SET id = '`+name+`', digest_key = '`+name+`', callback_key = '`+name+`',
			dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return name
}

func options() postgres.Options { return postgres.Options{Now: time.Now} }

// open opens a ledger for a test and closes it after.
func open(tb testing.TB, url string) *postgres.Ledger {
	tb.Helper()
	l, err := postgres.Open(url, options())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return l
}

func TestConformance(t *testing.T) {
	t.Parallel()
	ledgertest.TestShared(t, func(t *testing.T) func() engine.Ledger {
		t.Helper()
		url := theServer(t).URL(newDatabase(t))
		return func() engine.Ledger { return open(t, url) }
	})
}

// TestConformancePooled goes through PgBouncer in transaction mode: each transaction may run on another connection of the server.
func TestConformancePooled(t *testing.T) {
	t.Parallel()
	s := theServer(t)
	ledgertest.TestShared(t, func(t *testing.T) func() engine.Ledger {
		t.Helper()
		url, err := s.PooledURL(newDatabase(t))
		need(t, url, err)
		return func() engine.Ledger { return open(t, url) }
	})
}
