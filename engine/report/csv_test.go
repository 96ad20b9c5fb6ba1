package report_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"waybill/engine/delivery"
	"waybill/engine/report"
)

// What people write into a list comes out in CSV, which is shown on terminals and opened in spreadsheets.
func TestCSVCellsAreHarmless(t *testing.T) {
	for _, c := range []struct{ item, want string }{
		{"plain", "plain"},
		{"", ""},
		{"Zoë 李", "Zoë 李"},
		{"-12.5", "-12.5"},
		{"+34600000001", "+34600000001"},
		{"=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"+cmd", "'+cmd"},
		{"\t=1", "' =1"},
		{"＝1+1", "'＝1+1"},
		{"＋1", "'＋1"},
		{"－1", "'－1"},
		{"＠SUM(A1)", "'＠SUM(A1)"},
		{"\x1b[31mred", "\uFFFD[31mred"},
		{"a\u009bb", "a\uFFFDb"},
		{"a\u202eb\u2066c", "a\uFFFDb\uFFFDc"},
		{"two\nlines", "two lines"},
		{"\x00", "\uFFFD"},
	} {
		var out strings.Builder
		d := delivery.Delivery{Key: delivery.Key{Job: "j", Scope: "ever", Step: "s", Item: c.item}, State: delivery.Accepted}
		if err := report.WriteDeliveriesCSV(&out, deliveries(d), nil); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][4]; got != c.want {
			t.Errorf("%q becomes %q, want %q", c.item, got, c.want)
		}
	}
}
