//go:build unix

package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/transfer"
)

// TestNothingForgotten holds the list of what a copy takes against the schema: a table or a column is copied, or it is said why not.
func TestNothingForgotten(t *testing.T) {
	t.Parallel()
	c, err := pgx.Connect(t.Context(), theServer(t).URL(newDatabase(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context()) //nolint:errcheck // it was only read
	rows, err := c.Query(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'waybill'`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		found[name] = true
	}
	for _, wrong := range transfer.Compare(found, postgres.NotCopied()) {
		t.Error(wrong)
	}
}
