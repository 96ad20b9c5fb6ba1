package ledger_test

import (
	"path/filepath"
	"testing"

	"waybill/engine/ledger"
	"waybill/engine/ledger/transfer"
)

// TestNothingForgotten holds the list of what a copy takes against the schema: a table or a column is copied, or it is said why not.
func TestNothingForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	closed(t, open(t, path))
	rows, err := openRaw(t, path).Query(`SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // its error is asked for below
	found := map[string]bool{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		found[table+"."+column] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range transfer.Compare(found, ledger.NotCopied()) {
		t.Error(wrong)
	}
}
