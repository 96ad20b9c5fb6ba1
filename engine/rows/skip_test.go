package rows_test

import (
	"strings"
	"testing"

	"waybill/engine/rows"
)

// TestSkip passes over the rows that nobody wants, and over none that is bad.
func TestSkip(t *testing.T) {
	const text = "id,name\np1,Ana\np2,\"Eva\nMaría\"\np3\n\np4,Luz\n"
	for column, want := range map[string]string{
		"id":   "2 id=\"p1\" name=\"Ana\"\n3\n5! has 1 field, and the header has 2\n7 id=\"p4\" name=\"Luz\"\n",
		"none": "2 id=\"p1\" name=\"Ana\"\n3 id=\"p2\" name=\"Eva\\nMaría\"\n5! has 1 field, and the header has 2\n7 id=\"p4\" name=\"Luz\"\n",
	} {
		c, err := rows.CSV(strings.NewReader(text), rows.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c.Skip(column, func(cell string) bool { return cell == "p2" || cell == "p3" })
		if got := told(t, c); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", column, got, want)
		}
	}
}
