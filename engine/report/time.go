package report

import "time"

// instant is a time in JSON: UTC, to the millisecond; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
