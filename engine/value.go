package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"waybill/engine/eval"
)

// ParseRate reads a number of messages a second, greater than 0. There is no upper limit: the vendor sets that, and a local
// server takes more.
func ParseRate(text string) (float64, error) {
	rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(rate > 0) || math.IsInf(rate, 1) {
		return 0, fmt.Errorf("%q is no number of messages a second: write one above 0, such as 80", text)
	}
	return rate, nil
}

// Duration reads a duration as the job file writes it: a number of milliseconds, or text such as 30s or 10m.
func Duration(v any) (time.Duration, error) {
	text, err := eval.Text(v)
	if err != nil {
		return 0, err
	}
	var d time.Duration
	if ms, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
		if ms > int64(365*24*time.Hour/time.Millisecond) {
			return 0, fmt.Errorf("%d ms is longer than a year", ms)
		}
		d = time.Duration(ms) * time.Millisecond
	} else if d, err = span(strings.TrimSpace(text)); err != nil {
		return 0, fmt.Errorf("%q is no duration: write milliseconds, or 30s, 10m, 2h, 7d", text)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative", text)
	}
	return d, nil
}

// span reads what time.ParseDuration does, and days of 24 hours before it.
func span(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	const most = 10_000
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil || n > most {
		return 0, fmt.Errorf("%q is no number of days", days)
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
}

// Expiry reads `expires`: a moment in RFC 3339, or a duration from began.
func Expiry(v any, began time.Time) (time.Time, error) {
	text, err := eval.Text(v)
	if err != nil {
		return time.Time{}, err
	}
	if moment, err := time.Parse(time.RFC3339, strings.TrimSpace(text)); err == nil {
		return moment, nil
	}
	span, err := Duration(v)
	if err != nil || span == 0 {
		return time.Time{}, fmt.Errorf("%q is neither a moment such as 2026-03-25T18:00:00+01:00 nor a duration such as 2h", text)
	}
	return began.Add(span), nil
}
