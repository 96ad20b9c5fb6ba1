//go:build unix

package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/postgres/pgtest"
)

// eachTurn does something on a ledger of its own whose connections all end at a turn that comes after arm, before its request passes or before
// its answer arrives: at every seventh there is; WAYBILL_EVERY_TURN=1 takes each.
func eachTurn(t *testing.T, work func(t *testing.T, database, address string, arm func())) {
	t.Helper()
	step := 7
	if os.Getenv("WAYBILL_EVERY_TURN") != "" {
		step = 1
	}
	for n, answers := range []bool{false, true} {
		turns := 1 + n*step/2
		for broke := true; broke; turns += step {
			t.Run(fmt.Sprintf("turn %d, answers %v", turns, answers), func(t *testing.T) {
				database := newDatabase(t)
				way, address, err := pgtest.NewProxy(theServer(t).URL(database))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := way.Close(); err != nil {
						t.Error(err)
					}
				})
				work(t, database, address, func() { way.Break(turns, answers) })
				broke = way.Broke() && !t.Failed()
			})
		}
	}
}

// digits are somebody's who is to be forgotten.
const digits = "34612345678"

// holds are the tables of a ledger in which they stand, as text or as bytes.
func holds(t *testing.T, database string) []string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), theServer(t).URL(database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	rows, err := c.Query(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'waybill'`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		n := 0
		sql := fmt.Sprintf(`SELECT count(*) FROM waybill.%s t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode($1::bytea, 'hex')) > 0`, name)
		if err := c.QueryRow(t.Context(), sql, digits).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found = append(found, name)
		}
	}
	return found
}

// TestForgetBroken has the connection end at each moment of a forgetting: when it says that it is done, nothing of the person is left, and
// where it says that it failed, the same again does it.
func TestForgetBroken(t *testing.T) {
	t.Parallel()
	whom := engine.Forget{IDs: []string{"+" + digits}}
	eachTurn(t, func(t *testing.T, database, address string, arm func()) {
		t.Helper()
		l := openWith(t, theServer(t).URL(database), options())
		begin(t, l)
		settle(t, l, intend(t, l, "ana"))
		err := l.Record(t.Context(), engine.Report{Body: []byte(`{"from":"` + digits + `"}`), ReceivedAt: time.Now(), Inbound: []engine.Inbound{
			{ID: "wamid.1", From: digits, At: time.Now(), Type: "text", Text: "stop"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if len(holds(t, database)) < 3 {
			t.Fatalf("it stands in %v", holds(t, database))
		}
		l = openWith(t, address, options())
		release, err := l.Lock(t.Context(), "forget")
		if err != nil {
			t.Fatal(err)
		}
		arm()
		done, err := l.Forget(t.Context(), whom)
		if left := holds(t, database); err == nil && (len(left) > 0 || done.Deliveries != 1 || done.Inbound != 1) {
			t.Errorf("it is done with %+v, and %v hold something", done, left)
		}
		if err != nil {
			t.Logf("%v", err)
		}
		_ = errors.Join(release(), l.Close()) // the connection may end here
		again := openWith(t, theServer(t).URL(database), options())
		if _, err := again.Lock(t.Context(), "again"); err != nil {
			t.Fatal(err)
		}
		if _, err := again.Forget(t.Context(), whom); err != nil || len(holds(t, database)) > 0 {
			t.Errorf("again: %v, and %v hold something", err, holds(t, database))
		}
		if wrong, err := again.Examine(t.Context()); err != nil || len(wrong) > 0 {
			t.Errorf("%v, %v", wrong, err)
		}
		if known := again.Known("+" + digits); !strings.HasPrefix(known, "forgotten-") {
			t.Errorf("it is known as %q", known)
		}
	})
}

// TestAdoptBroken has the connection end at each moment of an adoption: the ledger is adopted, wholly, or refused as before, and then the
// same again adopts it. What a run had planned is in doubt, and what is new in its scope.
func TestAdoptBroken(t *testing.T) {
	t.Parallel()
	eachTurn(t, func(t *testing.T, database, address string, arm func()) {
		t.Helper()
		o := witnessed(t)
		l := openWith(t, theServer(t).URL(database), o)
		begin(t, l)
		planned := intend(t, l, "planned")
		if _, err := l.Settle(t.Context(), delivery.Attempt{Delivery: planned.Delivery, Number: 1, Result: delivery.ResultNotSent}); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := theServer(t).Exec(database, `UPDATE waybill.ledger SET epoch = 0`); err != nil {
			t.Fatal(err)
		}
		refused(t, theServer(t).URL(database), o, "waybill ledger adopt")
		arm()
		found, err := postgres.Adopt(t.Context(), address, o)
		if err == nil && found.InDoubt != 1 {
			t.Errorf("adopted as %+v", found)
		}
		if err != nil {
			t.Logf("%v", err)
			if found, err = postgres.Adopt(t.Context(), theServer(t).URL(database), o); err != nil || !found.Nothing && found.InDoubt != 1 {
				t.Fatalf("again: adopted as %+v, %v", found, err)
			}
		}
		l = openWith(t, theServer(t).URL(database), o)
		begin(t, l)
		for _, item := range []string{"planned", "new"} {
			_, err := l.Intend(t.Context(), intent(item))
			if held, is := errors.AsType[*delivery.DecidedError](err); !is || held.Delivery.State != delivery.InDoubt {
				t.Errorf("%s: %v, want it in doubt", item, err)
			}
		}
	})
}
