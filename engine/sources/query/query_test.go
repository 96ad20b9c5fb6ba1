package query_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/sources/query"
)

// told asks a query and writes what it gives as lines.
func told(t *testing.T, r query.Request) string {
	t.Helper()
	var out strings.Builder
	var names []string
	err := query.Read(t.Context(), r, func(columns []string) error { names = columns; return nil }, func(values []any, wrong error) error {
		if wrong != nil {
			fmt.Fprintf(&out, "! %v\n", wrong)
			return nil
		}
		for i, v := range values {
			if raw, ok := v.(json.RawMessage); ok {
				fmt.Fprintf(&out, "%s=json %s ", names[i], raw)
				continue
			}
			fmt.Fprintf(&out, "%s=%T %v ", names[i], v, v)
		}
		out.WriteString("\n")
		return nil
	})
	if err != nil {
		fmt.Fprintf(&out, "end: %v", err)
		if failed, ok := errors.AsType[*query.Error](err); ok {
			fmt.Fprintf(&out, " (at %d, connects %v)", failed.Position, failed.Connects)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// check holds what a query gives against what is wanted, line by line; a wanted line is the beginning of one.
func check(t *testing.T, r query.Request, want string) {
	t.Helper()
	got := told(t, r)
	gotLines, wantLines := strings.Split(strings.TrimSpace(got), "\n"), strings.Split(strings.TrimSpace(want), "\n")
	if len(gotLines) != len(wantLines) {
		t.Errorf("%s\ngot\n%swant\n%s", r.Query, got, want)
		return
	}
	for i, line := range wantLines {
		if !strings.HasPrefix(strings.TrimSpace(gotLines[i]), strings.TrimSpace(line)) {
			t.Errorf("%s\ngot  %s\nwant %s", r.Query, gotLines[i], line)
		}
	}
}

// fill runs statements as one who may write.
func fill(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	for statement := range strings.SplitSeq(statements, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c%.db")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", " ", "%20").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, db, `CREATE TABLE people (id INTEGER PRIMARY KEY, phone BIGINT, day DATE, at DATETIME, price REAL, name TEXT, ok BOOLEAN, photo BLOB, any);
INSERT INTO people VALUES (1, 34612345678901, '2026-03-25', '2026-03-25 10:00:00', 12.5, 'Ana', 1, x'00ff', NULL);
INSERT INTO people VALUES (2, 9223372036854775807, '2026-03-26', '2026-03-25 10:00:30', 3.0, NULL, 0, NULL, x'00')`)
	ask := func(text string, args ...any) query.Request {
		return query.Request{Driver: query.SQLite, DSN: path, Query: text, Args: args}
	}
	check(t, ask("SELECT id, phone, day, at, price, name, ok FROM people ORDER BY id"), `
id=int64 1 phone=int64 34612345678901 day=string 2026-03-25 at=string 2026-03-25T10:00:00 price=float64 12.5 name=string Ana ok=bool true
id=int64 2 phone=int64 9223372036854775807 day=string 2026-03-26 at=string 2026-03-25T10:00:30 price=float64 3 name=<nil> <nil> ok=bool false`)
	check(t, ask("SELECT id FROM people WHERE name = ? AND id < ?", "Ana", int64(5)), "id=int64 1")
	check(t, ask("SELECT id FROM people WHERE 0"), "")
	check(t, ask("SELECT photo FROM people"), `end: the column "photo" is of type blob, which is no text: leave it out, or cast it to text`)
	check(t, ask("SELECT id, photo, phone AS id FROM people"), `end: the column "photo" is of type blob, which is no text: leave it out, or cast it to text; `+
		`two columns of the query are called "id": give one of them another name with AS`)
	check(t, ask("SELECT any FROM people ORDER BY id"), "any=<nil> <nil>\n! any: is bytes, and no text: cast it")
	check(t, ask("SELECT id, phone AS id FROM people"), `end: two columns of the query are called "id"`)
	check(t, ask("SELEC 1"), `end: `)
	check(t, ask("DELETE FROM people"), `end: `)
	check(t, ask("DELETE FROM people RETURNING id"), `end: `)
	check(t, ask("ATTACH DATABASE '/tmp/other.db' AS other"), "end: ")
	check(t, ask("SELECT count(*) AS n FROM people"), "n=int64 2")
	check(t, query.Request{Driver: query.SQLite, DSN: path + ".none", Query: "SELECT 1 AS one"}, "end: unable to open database file")
}

func TestTimeOutSQLite(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, db, "CREATE TABLE t (a)")
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) AS m FROM n"
	err = query.Read(ctx, query.Request{Driver: query.SQLite, DSN: path, Query: endless}, func([]string) error { return nil }, func([]any, error) error { return nil })
	if err == nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
}

func TestPassword(t *testing.T) {
	for _, tt := range [][3]string{
		{query.Postgres, "postgres://u:s3cret@db/x", "s3cret"},
		{query.Postgres, "host=db user=u password=s3cret dbname=x", "s3cret"},
		{query.Postgres, "host=db password='s3 cret'", "s3 cret"},
		{query.Postgres, "postgres://u@db/x", ""},
		{query.MySQL, "u:s3cret@tcp(db)/x", "s3cret"},
		{query.MySQL, "u@tcp(db)/x", ""},
		{query.MySQL, "mysql://u:s3cret@db:3306/x", "s3cret"},
		{query.SQLite, "people.db", ""},
	} {
		if got := query.Password(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s: got %q", tt[1], got)
		}
	}
}

func TestErrorsDoNotShowThePassword(t *testing.T) {
	for driver, dsn := range map[string]string{
		query.Postgres: "postgres://ana:s3cret-pass@127.0.0.1:1/x?sslmode=nonsense",
		query.MySQL:    "ana:s3cret-pass@tcp(127.0.0.1:1)x",
	} {
		got := told(t, query.Request{Driver: driver, DSN: dsn, Query: "SELECT 1"})
		if strings.Contains(got, "s3cret") || !strings.Contains(got, "connects false") {
			t.Errorf("%s: got %s", driver, got)
		}
	}
	if got := told(t, query.Request{Driver: query.MySQL, DSN: "mysql://ana:s3cret-pass@db:3306/x", Query: "SELECT 1"}); strings.Contains(got, "s3cret") ||
		!strings.Contains(got, "it begins with mysql://, and of mysql it is written user:password@tcp(host:3306)/database") {
		t.Errorf("got %s", got)
	}
	got := told(t, query.Request{Driver: query.Postgres, DSN: "postgres://ana:s3cret-pass@127.0.0.1:1/x?connect_timeout=1", Query: "SELECT 1"})
	if strings.Contains(got, "s3cret") || !strings.Contains(got, "127.0.0.1") {
		t.Errorf("got %s", got)
	}
}
