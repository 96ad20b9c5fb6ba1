//go:build unix

package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres"
)

// oldDatabase makes a ledger of version 2, with three deliveries that were accepted: with an id that holds the number that it went to and ends
// in one of its own, with one that does not, and with one in no known form.
func oldDatabase(t *testing.T, ids [3]string) (url string) {
	t.Helper()
	s := theServer(t)
	name := fmt.Sprintf("t_%d", databases.Add(1))
	if err := s.Create(name); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("migrations/000[12]_*.sql")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	var sql strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sql.Write(text)
	}
	sql.WriteString(`INSERT INTO waybill.ledger (id, version, created_at, callback_key, digest_key, sandbox, system_identifier, timeline, dbid, epoch)
		SELECT 'old', 2, 1, 'a', 'b', false, (SELECT system_identifier::text FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
			oid, 0 FROM pg_database WHERE datname = current_database();
		INSERT INTO waybill.process (holder) VALUES ('old');
		INSERT INTO waybill.run (id, job, mode, scope, status, file, digest, started_at) VALUES ('R0', 'job', 'apply', 'ever', 'succeeded', '', '', 1);
		INSERT INTO waybill.step (job, scope, path) VALUES ('job', 'ever', 'people/greet');
		CREATE INDEX delivery_recipient ON waybill.delivery (recipient);`)
	for n, id := range ids {
		packed := fmt.Sprintf(`decode('01', 'hex') || convert_to('%s', 'UTF8')`, id)
		if body, is := strings.CutPrefix(id, "wamid."); is && n < 2 {
			packed = fmt.Sprintf(`decode('00', 'hex') || decode('%s', 'base64')`, body)
		}
		fmt.Fprintf(&sql, `INSERT INTO waybill.delivery (digest, intended_at, ended_ms, step, run, owner, line, business, number, state, attempts, result,
			item, recipient, message) VALUES (1, 1000, 5, 1, 1, 1, %[1]d, 0, 1, 5, 1, 1, 'old-%[1]d', '+16467043595', %[2]s);
			INSERT INTO waybill.message VALUES (%[1]d, 0);
			INSERT INTO waybill.status (delivery, at, received_at, message_hash, state, again, message) VALUES (%[1]d, 50, 1,
				('x' || encode(substr(sha256(convert_to('%[3]s', 'UTF8')), 1, 4), 'hex'))::bit(32)::integer, 6, false, %[2]s);`, n+1, packed, id)
	}
	if err := s.Exec(name, sql.String()); err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// TestOldFormat brings a ledger of version 2 to the present one: all is found as before, and what follows has numbers of its own.
func TestOldFormat(t *testing.T) {
	t.Parallel()
	ids := [3]string{
		"wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA", "wamid.gBGGFlA5FpafAgkOuJbRq54qwbM=", "gBEGkYiEB1VXAglK1ZEqA1YKPrU",
	}
	url := oldDatabase(t, ids)
	o := options()
	o.Lease = time.Hour
	if err := theServer(t).Exec(strings.Split(strings.Split(url, "/")[3], "?")[0], `UPDATE waybill.process SET sending = true`); err != nil {
		t.Fatal(err)
	}
	if l, err := postgres.Open(url, o); err == nil || !strings.Contains(err.Error(), "once nobody sends") {
		t.Errorf("brought to another format under a sender: %v, %v", l, err)
	}
	if err := theServer(t).Exec(strings.Split(strings.Split(url, "/")[3], "?")[0], `UPDATE waybill.process SET sending = false`); err != nil {
		t.Fatal(err)
	}
	l := sending(t, url)
	found := 0
	for n, id := range ids {
		for d, err := range l.Deliveries(t.Context(), engine.DeliveryFilter{Search: id}) {
			if err != nil || d.MessageID != id || d.ID != delivery.ID(n+1) {
				t.Errorf("%s: %+v, %v", id, d, err)
			}
			found++
		}
		at := time.UnixMilli(int64(100 + n)).UTC()
		if err := l.Record(t.Context(), engine.Report{ReceivedAt: at, Statuses: []delivery.Status{{MessageID: id, State: delivery.Read, At: at}}}); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Statuses(t.Context(), id); err != nil || len(got) != 2 {
			t.Errorf("%s: %d statuses, %v, want the old one and the new one", id, len(got), err)
		}
		if n := number(t, url, fmt.Sprintf(`SELECT state FROM waybill.delivery WHERE id = %d`, n+1)); delivery.State(n) != delivery.Read {
			t.Errorf("%s: it is %s, want read", id, delivery.State(n))
		}
	}
	if found != len(ids) {
		t.Errorf("%d of %d were found by their message ids", found, len(ids))
	}
	for _, look := range []struct {
		what, sql string
		want      int64
	}{
		{"messages kept as two numbers", `SELECT count(*) FROM waybill.delivery WHERE get_byte(message, 0) = 3`, 1},
		{"statuses of them", `SELECT count(*) FROM waybill.status WHERE get_byte(message, 0) = 3`, 2},
		{"messages found by a hash", `SELECT count(message_hash) FROM waybill.delivery`, 2},
	} {
		if got := number(t, url, look.sql); got != look.want {
			t.Errorf("%s: %d, want %d", look.what, got, look.want)
		}
	}
	if ticket := intend(t, l, "new"); ticket.Delivery != 4 {
		t.Errorf("the next delivery is %d, want 4", ticket.Delivery)
	}
	if n := number(t, url, `SELECT count(*) FROM pg_indexes WHERE schemaname = 'waybill' AND tablename = 'delivery'`); n != 7 {
		t.Errorf("%d indexes, want 7", n)
	}
}
