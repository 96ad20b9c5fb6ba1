package report_test

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"

	"waybill/engine/delivery"
	"waybill/engine/report"
	"waybill/engine/rows"
)

// What people write into a list comes out in CSV, which is shown on terminals and opened in spreadsheets.
func TestCSVCellsAreHarmless(t *testing.T) {
	for _, c := range []struct{ item, want string }{
		{"plain", "plain"},
		{"", ""},
		{"Zoë 李", "Zoë 李"},
		{"-12.5", "-12.5"},
		{"+34600000001", `="+34600000001"`},
		{"0034600000001", `="0034600000001"`},
		{"1234567890123456", `="1234567890123456"`},
		{"+34 600 000 001", `="+34 600 000 001"`},
		{"25/03/2026", `="25/03/2026"`},
		{"1,5", `="1,5"`},
		{"1E5", `="1E5"`},
		{"42", "42"},
		{"0", "0"},
		{"'5", `="'5"`},
		{"'tis", "'tis"},
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
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][4]; got != c.want {
			t.Errorf("%q becomes %q, want %q", c.item, got, c.want)
		}
	}
}

// What rows hold comes back when a job reads the file, in columns that are called as they were.
func TestCSVIsReadBack(t *testing.T) {
	values := map[string]string{
		"id": "0034", "phone": "+34600000001", "code": "ABC", "state": "=1+1", "text": "two\nlines, \"quoted\"", "mark": "'5", "tis": "'tis",
		"minus": "-", "at": "@x", "hebrew": "\u200Fשלום", "name": "José", "date": "25/03/2026", "waybill_code": "x", "empty": "", "tab": "\t=1",
		"long": "12345678901234567890", "formula": `="a"`, "blank": " x ", "wide": "＝1", "decimal": "12,50", "negative": "-12.5", "2026": "y",
	}
	columns := slices.Sorted(maps.Keys(values))
	var out strings.Builder
	list := func(yield func(report.Delivery, error) bool) {
		yield(report.Delivery{Run: "r", Job: "j", Code: 131026, State: "rejected", Columns: values}, nil)
	}
	if err := report.WriteDeliveriesCSV(&out, list, columns); err != nil {
		t.Fatal(err)
	}
	table, err := rows.CSV(strings.NewReader(out.String()), rows.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		cells, _ := row.Value.(map[string]any)
		for name, want := range values {
			if want = rows.Cell(want); cells[name] != want { // white space around it is none of it
				t.Errorf("%s is %q, want %q", name, cells[name], want)
			}
		}
		for name, want := range map[string]string{"waybill_code_2": "131026", "waybill_state": "rejected", "run": "r"} {
			if cells[name] != want {
				t.Errorf("%s is %q, want %q", name, cells[name], want)
			}
		}
	}
}
