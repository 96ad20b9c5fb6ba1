package cli_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
)

// TestResumeUnreadable wants no run taken up whose limits are lost: it would message everybody.
func TestResumeUnreadable(t *testing.T) {
	t.Parallel()
	p := newProof(t, terms{people: 3})
	p.start(append(p.apply(), "--limit", "1")).want(0)
	db, err := sql.Open("sqlite", p.state)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE run SET status = 'interrupted', asked = '{"limit":'`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	c := p.start([]string{"resume", "last", "--yes"})
	c.want(1, 3)
	if !strings.Contains(c.errs.String(), "cannot be read") {
		t.Errorf("not said:\n%s", &c.errs)
	}
	if got, _ := p.log.seen(); got != 1 {
		t.Errorf("%d messages, want the one of --limit 1", got)
	}
}
