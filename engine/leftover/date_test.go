package leftover_test

import (
	"testing"

	"waybill/engine/leftover"
)

func TestDate(t *testing.T) {
	for text, want := range map[string]leftover.DateOrder{
		"2026-04-13":          leftover.YearFirst,
		"2026/4/3":            leftover.YearFirst,
		"2026-04-13T10:00:00": leftover.YearFirst,
		"2026-04-13 10:00":    leftover.YearFirst,
		"13/04/2026":          leftover.DayFirst,
		"4.13.26":             leftover.MonthFirst,
		"3-4-2026 9:30":       leftover.YearLast,
		"13/13/2026":          0,
		"2026-13-01":          0,
		"45-04-2026":          0,
		"10:30":               0,
		"612-34-56":           0,
		"12.5":                0,
		"1.234.567":           0,
		"":                    0,
		"Dr. López":           0,
		"13 de abril":         0,
	} {
		if got := leftover.Date(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
