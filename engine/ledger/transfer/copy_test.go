//go:build unix

package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/ledger/transfer"
	"waybill/engine/mould"
)

// kind is one of the two ledgers.
type kind struct {
	name  string
	place func(t *testing.T) string // where there is none yet
	open  func(at string) (movable, error)
	to    func(at string) (place, error)
}

type movable interface {
	engine.Ledger
	transfer.From
	Moved(ctx context.Context) (to, id string, err error)
}

type place interface {
	transfer.To
	Close() error
}

var made atomic.Int64

func inFile() kind {
	return kind{
		name:  "file",
		place: func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "ledger.db") },
		open: func(at string) (movable, error) {
			return ledger.Open(at, ledger.Options{Now: time.Now, MinFree: 1 << 20})
		},
		to: func(at string) (place, error) { return ledger.NewPlace(at, time.Now) },
	}
}

func inDatabase(s *pgtest.Server) kind {
	o := postgres.Options{Now: time.Now}
	return kind{
		name: "database",
		place: func(t *testing.T) string {
			t.Helper()
			name := fmt.Sprintf("c_%d", made.Add(1))
			if err := s.Create(name); err != nil {
				t.Fatal(err)
			}
			return s.URL(name)
		},
		open: func(at string) (movable, error) { return postgres.Open(at, o) },
		to:   func(at string) (place, error) { return postgres.NewPlace(context.Background(), at, o) },
	}
}

// kinds are those that can be tested here.
func kinds(t *testing.T) []kind {
	t.Helper()
	s, err := pgtest.Start()
	if pgtest.Missing(t, err) {
		return []kind{inFile()}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return []kind{inFile(), inDatabase(s)}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const theRun = "20260325-090000-aaaa"

func intent(item string) delivery.Intent {
	i := delivery.Intent{Key: delivery.Key{Job: "job", Scope: "ever", Step: "s", Item: item}, Run: theRun, Recipient: "+34612345678", Digest: 7, Row: 2}
	i.Text.Mould, i.Text.Values = mould.Whole("Dear " + item)
	i.Text.Keep = engine.DefaultKeepText
	return i
}

// used makes a ledger from which a message was sent, and one is in doubt.
func used(t *testing.T, k kind) (string, movable) {
	t.Helper()
	at := k.place(t)
	l := must(k.open(at))(t)
	t.Cleanup(func() { _ = l.Close() })
	release := must(l.Lock(t.Context(), "the test"))(t)
	run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()}
	if err := l.StartRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	for item, result := range map[string]delivery.Result{"sent": delivery.ResultAccepted, "doubt": delivery.ResultInDoubt} {
		ticket := must(l.Intend(t.Context(), intent(item)))(t)
		a := delivery.Attempt{Delivery: ticket.Delivery, Number: ticket.Attempt, Run: theRun, Result: result, Ended: time.Now()}
		if result == delivery.ResultAccepted {
			a.MessageID = "wamid.sent"
		}
		must(l.Settle(t.Context(), a))(t)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	return at, l
}

// wantSends wants that a ledger sends, and nobody twice; or is refused as moved or as not finished.
func wantSends(t *testing.T, k kind, at string, want error) {
	t.Helper()
	l, err := k.open(at)
	if want != nil {
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want it refused: %v", k.name, err, want)
		}
		if err == nil {
			_ = l.Close()
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", k.name, err)
		return
	}
	defer l.Close() //nolint:errcheck // it was used
	must(l.Lock(t.Context(), "the test"))(t)
	for item, state := range map[string]delivery.State{"sent": delivery.Accepted, "doubt": delivery.InDoubt} {
		_, err := l.Intend(t.Context(), intent(item))
		held, is := errors.AsType[*delivery.DecidedError](err)
		if !is || held.Delivery.State != state {
			t.Errorf("%s: %s: %v, want it held as %v", k.name, item, err, state)
			continue
		}
		if texts := must(l.Texts(t.Context(), held.Delivery.ID))(t); len(texts) != 1 || texts[0].Body != "Dear "+item {
			t.Errorf("%s: what %s was told is %+v", k.name, item, texts)
		}
	}
}

// failing is a place where a copy goes wrong.
type failing struct {
	place
	take, finish error
}

func (f failing) Take(ctx context.Context, id string, h transfer.Head, fill func(transfer.Writer) error) error {
	return f.place.Take(ctx, id, h, func(w transfer.Writer) error { return errors.Join(fill(w), f.take) })
}

func (f failing) Finish(ctx context.Context, id string) error {
	if f.finish != nil {
		return f.finish
	}
	return f.place.Finish(ctx, id)
}

// TestInterrupted ends copies in all places: at each moment one of the two sends, at most, and there is a way on.
func TestInterrupted(t *testing.T) {
	all := kinds(t)
	for _, from := range all {
		for _, to := range all {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				at, l := used(t, from)
				there := to.place(t)
				p := must(to.to(there))(t)
				t.Cleanup(func() { _ = p.Close() })
				cut := errors.New("cut off")
				if _, err := transfer.Copy(t.Context(), l, failing{place: p, take: cut}); !errors.Is(err, cut) {
					t.Fatal(err)
				}
				wantSends(t, from, at, nil)

				// While somebody sends it is not begun.
				other := must(from.open(at))(t)
				release := must(other.Lock(t.Context(), "another"))(t)
				if _, err := transfer.Copy(t.Context(), l, p); !isLocked(err) {
					t.Errorf("copied beside a sender: %v", err)
				}
				if err := release(); err != nil {
					t.Fatal(err)
				}

				if _, err := transfer.Copy(t.Context(), l, failing{place: p, finish: cut}); !errors.Is(err, cut) {
					t.Fatal(err)
				}
				wantSends(t, from, at, engine.ErrMoved)
				if to.name == "database" { // the other has another name until then
					wantSends(t, to, there, engine.ErrIncoming)
				}
				// Whoever has it open is refused, too.
				if err := other.Record(t.Context(), engine.Report{ReceivedAt: time.Now(), Body: []byte("{}")}); !errors.Is(err, engine.ErrMoved) {
					t.Errorf("a ledger that was moved takes a webhook: %v", err)
				}
				_ = other.Close()
				moved, id, err := l.Moved(t.Context())
				if err != nil || moved != p.Name() {
					t.Fatalf("moved to %q, %v", moved, err)
				}
				if err := p.Finish(t.Context(), "another"); !errors.Is(err, engine.ErrNotFound) {
					t.Errorf("a copy of another name is finished: %v", err)
				}
				for range 2 {
					if err := p.Finish(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				wantSends(t, to, there, nil)
				wantSends(t, from, at, engine.ErrMoved)
				p = must(to.to(there))(t)
				t.Cleanup(func() { _ = p.Close() })
				_, again := used(t, from)
				if _, err := transfer.Copy(t.Context(), again, p); !errors.Is(err, transfer.ErrOccupied) {
					t.Errorf("a copy over a ledger: %v", err)
				}
			})
		}
	}
}

func isLocked(err error) bool {
	_, is := errors.AsType[*engine.LockedError](err)
	return is
}

// TestEveryColumn fills each column of each table with what is hard to keep, and takes the ledger from a file to a database and back.
func TestEveryColumn(t *testing.T) {
	all := kinds(t)
	file := all[0]
	at, l := used(t, file)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	fill(t, at)
	places := []kind{all[len(all)-1], file}
	want := contents(t, at)
	for _, to := range places {
		there := to.place(t)
		from := must(map[bool]kind{true: file, false: all[len(all)-1]}[!strings.HasPrefix(at, "postgres")].open(at))(t)
		p := must(to.to(there))(t)
		rows, err := transfer.Copy(t.Context(), from, p)
		if err := errors.Join(err, from.Close(), p.Close()); err != nil {
			t.Fatal(err)
		}
		for _, table := range transfer.Tables() {
			if rows[table.Name] == 0 {
				t.Errorf("%s: no row was copied", table.Name)
			}
		}
		at = there
	}
	if got := contents(t, at); got != want {
		t.Errorf("from a file to a database and back:\n%s\nwant\n%s", got, want)
	}
}

// fill puts two rows into each table, the second without what may be missing.
func fill(t *testing.T, at string) {
	t.Helper()
	db := must(sql.Open("sqlite", at))(t)
	defer db.Close() //nolint:errcheck // a test's
	for _, table := range transfer.Tables() {
		for n := range 2 {
			var names []string
			var args []any
			for i, c := range table.Columns {
				var needed bool
				row := db.QueryRow(`SELECT "notnull" OR pk > 0 FROM pragma_table_info(?) WHERE name = ?`, table.Name, c.Name)
				if err := row.Scan(&needed); err != nil {
					t.Fatalf("%s.%s: %v", table.Name, c.Name, err)
				}
				if n == 1 && !needed {
					continue
				}
				names = append(names, `"`+c.Name+`"`)
				args = append(args, value(c, 100*n+i+10))
			}
			if table.Name == "double_accept" || table.Name == "status" {
				names, args = append(names, "message_hash"), append(args, n)
			}
			marks := strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")
			if _, err := db.Exec(`INSERT INTO `+table.Name+` (`+strings.Join(names, ", ")+`) VALUES (`+marks+`)`, args...); err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
		}
	}
}

// value is what a column holds that is hard to keep.
func value(c transfer.Column, n int) any {
	switch c.Kind {
	case transfer.Int:
		if c.Name == "digest" {
			return int64(-1) << (n % 63)
		}
		if c.Name == "delivery" { // there is one
			return int64(1)
		}
		if c.Name == "part" { // of a count: there are two kinds
			return int64(n % 2)
		}
		if c.Name == "result_flags" { // it has so many bits
			return int64(n % 32)
		}
		return int64(n)
	case transfer.Bool:
		return int64(1)
	case transfer.Text, transfer.Word:
		return fmt.Sprintf("zero \x00, private \ue000, Zoë 👋 %d", n)
	case transfer.Bytes:
		return []byte{0, 0xff, byte(n)}
	case transfer.ID:
		if n%2 == 0 {
			return int64(34600000000 + n)
		}
		return fmt.Sprintf("ES.user-%d", n)
	case transfer.Message:
		return fmt.Sprintf("not base64, %d", n)
	}
	return nil
}

// contents are all rows of a ledger in a file, as text in order.
func contents(t *testing.T, at string) string {
	t.Helper()
	db := must(sql.Open("sqlite", at))(t)
	defer db.Close() //nolint:errcheck // a test's
	var b strings.Builder
	for _, table := range transfer.Tables() {
		b.WriteString(strings.Join(lines(t, db, table), "\n") + "\n")
	}
	return b.String()
}

// lines are the rows of a table, in order.
func lines(t *testing.T, db *sql.DB, table transfer.Table) []string {
	t.Helper()
	rows := must(db.Query(`SELECT "` + strings.Join(table.Names(), `", "`) + `" FROM ` + table.Name))(t)
	defer rows.Close() //nolint:errcheck // its error is asked for below
	var lines []string
	for rows.Next() {
		row := make([]any, len(table.Columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			if raw, is := v.([]byte); is {
				row[i] = fmt.Sprintf("%x", raw)
			}
		}
		lines = append(lines, fmt.Sprintf("%s %q", table.Name, row))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}
