package cli_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// TestBusyLedger has somebody else keep the ledger's file while a request is under way, for longer than a change
// waits. Its outcome is kept nevertheless, and the user is told why it takes so long. Before that, a process is killed:
// the one after it has nothing to say about that beside its report.
func TestBusyLedger(t *testing.T) {
	t.Parallel()
	p := newProof(t, terms{people: 2, concurrency: 1})
	if _, err := p.box.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 500 * time.Millisecond, Every: 1}); err != nil {
		t.Fatal(err)
	}
	first := p.start(p.apply())
	p.awaitMessages(first, 1)
	first.kill()

	second := p.start(p.apply())
	p.awaitMessages(second, 2)
	db, err := sql.Open("sqlite", p.state)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // so that both statements are of one connection
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the word that it waits", func() bool { return strings.Contains(second.errs.String(), "another process keeps the ledger") })
	_, err = db.ExecContext(t.Context(), "ROLLBACK")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	second.want(4) // what the first left is in doubt
	if inDoubt, _, _ := p.nobodyLost(); inDoubt != 1 {
		t.Errorf("%d are in doubt, want that of the killed process alone", inDoubt)
	}
	said := second.errs.String()
	if strings.Count(said, "level=") != 1 || !strings.Contains(said, "another process keeps the ledger") {
		t.Errorf("said on standard error, and wanted is that it waits:\n%s", said)
	}
	if strings.Contains(second.out.String(), "level=") {
		t.Errorf("said on standard output:\n%s", &second.out)
	}
}
