package report

import (
	"strings"
	"time"
)

// instant is a time in JSON: UTC, to the millisecond; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

// shortTime is an instant to the second, for a table: "2026-03-25 09:00:00"; "-" for none.
func shortTime(instant *string) string {
	if instant == nil {
		return "-"
	}
	return strings.Replace((*instant)[:19], "T", " ", 1)
}

// atTime is a time at the end of a sentence, to the second.
func atTime(at *string) string {
	if at == nil {
		return ""
	}
	t, err := time.Parse(time.RFC3339, *at)
	if err != nil {
		return ""
	}
	return " at " + t.Format(time.RFC3339)
}

// elapsed is the time between two instants; zero where one of them is unknown.
func elapsed(from, to *string) time.Duration {
	if from == nil || to == nil {
		return 0
	}
	a, err := time.Parse(time.RFC3339, *from)
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.RFC3339, *to)
	if err != nil {
		return 0
	}
	return b.Sub(a)
}
