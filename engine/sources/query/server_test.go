//go:build unix

package query_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"waybill/engine/sources/query"
)

// program finds a program on the path or where Debian puts it; without it the test is skipped, and says so.
func program(t *testing.T, name string, places ...string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, place := range places {
		if found, err := filepath.Glob(filepath.Join(place, name)); err == nil && len(found) > 0 {
			return found[len(found)-1]
		}
	}
	t.Skipf("SKIPPED, NOT TESTED: there is no %s on this machine", name)
	return ""
}

// server is a database server of its own, in a folder that is removed at the end.
type server struct {
	t    *testing.T
	dir  string
	port int
	as   *syscall.SysProcAttr // whoever it runs as: both servers refuse root
}

func newServer(t *testing.T, account string) *server {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED, NOT TESTED: -short starts no database servers")
	}
	dir, err := os.MkdirTemp("", "waybill-db-") //nolint:usetesting // t.TempDir is no folder that others may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{t: t, dir: dir}
	if os.Getuid() == 0 {
		who, err := user.Lookup(account)
		if err != nil {
			t.Skipf("SKIPPED, NOT TESTED: there is no user %s to run the server as", account)
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it is one
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.SysProcAttr = s.dir, s.as
	return c
}

func (s *server) run(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(s.t.Context(), name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// start runs the server until the test ends, and waits until it answers.
func (s *server) start(driver, dsn, name string, args ...string) {
	s.t.Helper()
	c := s.command(context.Background(), name, args...)
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{}, 1)
	go func() {
		_ = c.Wait() // how it ended is in its log
		ended <- struct{}{}
	}()
	s.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = c.Process.Kill()
			<-ended
		}
	})
	db, err := sql.Open(driver, dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it only asked whether somebody is there
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := db.PingContext(s.t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) || len(ended) > 0 {
			s.t.Fatalf("%v\n%s", err, log.String())
		}
	}
}

func TestPostgres(t *testing.T) {
	postgres := program(t, "postgres", "/usr/lib/postgresql/*/bin")
	initdb := program(t, "initdb", "/usr/lib/postgresql/*/bin")
	s := newServer(t, "postgres")
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte("s3cret-pass\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(s.dir, "data")
	s.run(initdb, "-D", data, "-U", "ana", "-A", "scram-sha-256", "--pwfile", password, "-N", "-E", "UTF8", "--locale", "C")
	dsn := fmt.Sprintf("postgres://ana:s3cret-pass@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	s.start("pgx", dsn, postgres, "-D", data, "-F", "-h", "127.0.0.1", "-k", s.dir, "-p", strconv.Itoa(s.port))
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, db, `CREATE TABLE people (id int PRIMARY KEY, phone bigint, day date, at timestamp, met timestamptz, hour time, price numeric(10,2), rate float8,
		ok boolean, name text, extra jsonb, tags text[], number uuid, photo bytea);
INSERT INTO people VALUES (1, 9223372036854775807, '2026-03-25', '2026-03-25 10:00', '2026-03-25 10:00+02', '10:00', 12.50, 0.5, true, 'Núñez',
		'{"a": [1, 2.5]}', '{x,y}', '00000000-0000-0000-0000-000000000001', '\x00');
INSERT INTO people (id, rate) VALUES (2, 'NaN')`)
	ask := func(text string, args ...any) query.Request {
		return query.Request{Driver: query.Postgres, DSN: dsn, Query: text, Args: args}
	}
	check(t, ask("SELECT id, phone, day, at, met, hour, price, rate, ok, name, extra, tags, number FROM people ORDER BY id"), `
id=int64 1 phone=int64 9223372036854775807 day=string 2026-03-25 at=string 2026-03-25T10:00:00 met=string 2026-03-25T08:00:00Z hour=string 10:00:00 price=string 12.50 rate=float64 0.5 ok=bool true name=string Núñez extra=json {"a": [1, 2.5]} tags=string {x,y} number=string 00000000-0000-0000-0000-000000000001
! rate: is NaN, which is no number for a message`)
	check(t, ask("SELECT id, day FROM people WHERE id = 2"), "id=int64 2 day=<nil> <nil>")
	check(t, ask("SELECT 19.99::real AS price, 1e10::real AS big, 19.99::float8 AS rate, NULL::real AS none"),
		"price=float64 19.99 big=float64 1e+10 rate=float64 19.99 none=<nil> <nil>")
	check(t, ask("SELECT 'NaN'::real AS rate"), "! rate: is NaN, which is no number for a message")
	check(t, ask("SELECT id FROM people WHERE day = $1 AND name = $2", "2026-03-25", "Núñez"), "id=int64 1")
	check(t, ask("SELECT id FROM people WHERE id = $1", "1"), "id=int64 1")
	check(t, ask("SELECT photo FROM people"), `end: the column "photo" is of type bytea`)
	check(t, ask("SELECT 1"), "end: column 1 of the query has no name")
	check(t, ask("SELECT id, nme FROM people"), `end: column "nme" does not exist`)
	check(t, ask("SELECT é, id FROM people"), `end: column "é" does not exist (at 8, connects true)`)
	check(t, ask("DELETE FROM people RETURNING id"), "end: cannot execute DELETE in a read-only transaction")
	check(t, ask("DELETE FROM people"), "end: cannot execute DELETE in a read-only transaction")
	check(t, ask("SELECT 1 AS a; DELETE FROM people"), "end: cannot insert multiple commands into a prepared statement")
	check(t, ask("SELECT id, 10/(id-2) AS q FROM people ORDER BY id"), "end: division by zero")
	wrong := ask("SELECT 1 AS one")
	wrong.DSN = fmt.Sprintf("postgres://ana:other-pass@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	check(t, wrong, `end: password authentication failed for user "ana"`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = query.Read(ctx, ask("SELECT pg_sleep(60)::text AS s"), func([]string) error { return nil }, func([]any, error) error { return nil })
	if err == nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
}

func TestMariaDB(t *testing.T) {
	mariadbd := program(t, "mariadbd", "/usr/sbin")
	install := program(t, "mariadb-install-db", "/usr/bin")
	s := newServer(t, "mysql")
	data := filepath.Join(s.dir, "data")
	s.run(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	root := fmt.Sprintf("root@tcp(127.0.0.1:%d)/mysql", s.port)
	s.start("mysql", root, mariadbd, "--no-defaults", "--datadir="+data, "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", s.port),
		"--socket="+filepath.Join(s.dir, "s"), "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0")
	db, err := sql.Open("mysql", root)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, db, `CREATE DATABASE clinic CHARACTER SET utf8mb4;
CREATE USER 'ana'@'127.0.0.1' IDENTIFIED BY 's3cret-pass';
GRANT ALL ON clinic.* TO 'ana'@'127.0.0.1'`)
	dsn := fmt.Sprintf("ana:s3cret-pass@tcp(127.0.0.1:%d)/clinic", s.port)
	if db, err = sql.Open("mysql", dsn); err != nil {
		t.Fatal(err)
	}
	fill(t, db, `CREATE TABLE people (id int PRIMARY KEY, phone bigint, big bigint unsigned, day date, at datetime, met timestamp NULL, hour time, price decimal(10,2),
		rate double, fee float DEFAULT 19.99, ok boolean, name varchar(50), photo blob);
SET time_zone = '+02:00';
INSERT INTO people VALUES (1, 34612345678, 18446744073709551615, '2026-03-25', '2026-03-25 10:00:00', '2026-03-25 10:00:00', '10:00', 12.50, 0.5, 19.99, true, 'Núñez', x'00');
INSERT INTO people (id) VALUES (2);
INSERT INTO people (id, fee) VALUES (3, 1234567)`)
	ask := func(text string, args ...any) query.Request {
		return query.Request{Driver: query.MySQL, DSN: dsn, Query: text, Args: args}
	}
	columns := "SELECT id, phone, big, day, at, met, hour, price, rate, ok, name FROM people"
	// The moment depends on which connection of the pool was given the zone, so it is asked for by itself below.
	row := `id=int64 1 phone=int64 34612345678 big=json.Number 18446744073709551615 day=string 2026-03-25 at=string 2026-03-25T10:00:00 met=string 2026-03-25T`
	check(t, ask(columns+" WHERE id = 1"), row)
	check(t, ask(columns+" WHERE id = ?", int64(1)), row)
	check(t, ask("SELECT hour, price, rate, ok, name FROM people WHERE id = ?", int64(1)), "hour=string 10:00:00 price=string 12.50 rate=float64 0.5 ok=int64 1 name=string Núñez")
	check(t, ask("SELECT hour, price, rate, ok, name FROM people WHERE id = 1"), "hour=string 10:00:00 price=string 12.50 rate=float64 0.5 ok=int64 1 name=string Núñez")
	// Digits of four bytes: all that were written, and the same with an argument and without.
	check(t, ask("SELECT fee FROM people WHERE id = 1"), "fee=float64 19.99")
	check(t, ask("SELECT fee FROM people WHERE id = ?", int64(1)), "fee=float64 19.99")
	check(t, ask("SELECT fee FROM people WHERE id = 3"), "fee=float64 1.234567e+06")
	check(t, ask("SELECT fee FROM people WHERE id = ?", int64(3)), "fee=float64 1.234567e+06")
	check(t, ask("SELECT from_unixtime(1774425600) AS met"), "met=string 2026-03-25T08:00:00")
	check(t, ask("SELECT day, name FROM people WHERE id = 2"), "day=<nil> <nil> name=<nil> <nil>")
	check(t, ask("SELECT photo FROM people"), `end: the column "photo" is of type blob`)
	check(t, ask("SELEC 1"), "end: Error 1064 (42000)")
	check(t, ask("DELETE FROM people"), "end: Error 1792 (25006)")
	check(t, ask("SELECT 1 AS a; DELETE FROM people"), "end: Error 1064 (42000)")
	wrong := ask("SELECT 1 AS one")
	wrong.DSN = fmt.Sprintf("ana:other-pass@tcp(127.0.0.1:%d)/clinic", s.port)
	check(t, wrong, "end: Error 1045 (28000): Access denied for user 'ana'")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = query.Read(ctx, ask("SELECT sleep(60) AS s"), func([]string) error { return nil }, func([]any, error) error { return nil })
	if err == nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
}
