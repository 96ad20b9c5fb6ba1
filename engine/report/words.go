package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// number groups digits: 1,234,567.
func number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Number is number, for who asks a question about many.
func Number(n int) string { return number(n) }

// plural is a number with its noun: "1 message", "2 messages", "2 deliveries".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if before, found := strings.CutSuffix(noun, "y"); found {
		return number(n) + " " + before + "ies"
	}
	return number(n) + " " + noun + "s"
}

// span is a duration as people say it: "0.4s", "12s", "3m 20s", "2h 05m".
func span(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}

// instant is a time in JSON: UTC, to the millisecond; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
