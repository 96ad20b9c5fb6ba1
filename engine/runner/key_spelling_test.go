package runner

import "testing"

// TestPlainKey: what a spreadsheet makes of a key is that key, and what it does not make is another.
func TestPlainKey(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"000123", "123", true},
		{"123", "123.0", true},
		{"123", "123,00", true},
		{"1234567", "1,234,567", true},
		{"A-0017", "a-17", true},
		{"A-1001", "A 1001", true},
		{"17-2026-11-25", "17-25/11/2026", true},
		{"17-2026-11-25", "17-11/25/26", true},
		{"17-2026-11-25", "17-2026-11-25 00:00:00", true},
		{"17 2026-11-25T09:00:00", "17 25/11/2026 9:00", true},
		{"ÁREA-1", "área-1", true},
		{"0", "000", true},
		{"123", "1230", false},
		{"1-11", "11-1", false},
		{"1-1", "11", false},
		{"17-2026-11-25", "17-2026-11-26", false},
		{"17-2026-11-25 09:00", "17-2026-11-25 09:30", false},
		{"12.5", "12.50", true},
		{"A-3.10", "a-3.1", true},
		{"3.10.1", "3.1.1", false},
		{"12.5", "125", false},
		{"1.05", "1", false},
		{"10", "1", false},
		{"٣", "٤", false},
	} {
		if same := plainKey(test.a) == plainKey(test.b); same != test.same {
			t.Errorf("%q and %q are one key: %v (%q, %q), want %v", test.a, test.b, same, plainKey(test.a), plainKey(test.b), test.same)
		}
	}
}
