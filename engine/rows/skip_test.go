package rows_test

import (
	"strings"
	"testing"

	"waybill/engine/rows"
)

// TestSkip passes over the rows that nobody wants, and over none that is bad.
func TestSkip(t *testing.T) {
	const text = "id,name\np1,Ana\np2,\"Eva\nMaría\"\np3\n\np4,Luz\n"
	for columns, want := range map[string]string{
		"id":      "2 id=\"p1\" name=\"Ana\"\n3\n5! has 1 field, and the header has 2\n7 id=\"p4\" name=\"Luz\"\n",
		"id,name": "2 id=\"p1\" name=\"Ana\"\n3 id=\"p2\" name=\"Eva\\nMaría\"\n5! has 1 field, and the header has 2\n7\n",
		"id,none": "2 id=\"p1\" name=\"Ana\"\n3 id=\"p2\" name=\"Eva\\nMaría\"\n5! has 1 field, and the header has 2\n7 id=\"p4\" name=\"Luz\"\n",
	} {
		c, err := rows.CSV(strings.NewReader(text), rows.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c.Skip(strings.Split(columns, ","), func(cells []string) bool {
			return cells[0] == "p2" && len(cells) == 1 || cells[0] == "p3" || cells[len(cells)-1] == "Luz"
		})
		if got := told(t, c); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", columns, got, want)
		}
	}
}
