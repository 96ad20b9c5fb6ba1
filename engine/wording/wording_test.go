package wording_test

import (
	"testing"
	"time"

	"waybill/engine/wording"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1234567: "-1,234,567"} {
		if got := wording.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestPlural holds the nouns whose plurals the terminal and the pages once wrote differently.
func TestPlural(t *testing.T) {
	for _, tc := range []struct {
		n    int
		noun string
		want string
	}{
		{1, "delivery", "1 delivery"},
		{2, "delivery", "2 deliveries"},
		{0, "request", "0 requests"},
		{1200, "day", "1,200 days"},      // not "daies"
		{2, "reply", "2 replies"},        // not "replys"
		{3, "copy", "3 copies"},          // not "copys"
		{2, "country", "2 countries"},    // before, only where "ry" was looked for
		{2, "key", "2 keys"},             // not "keies"
		{2, "retry", "2 retries"},        // both agreed
		{2, "y", "2 ys"},                 // nothing before it
		{1000, "entry", "1,000 entries"}, // both agreed
	} {
		if got := wording.Plural(tc.n, tc.noun); got != tc.want {
			t.Errorf("Plural(%d, %q) = %q, want %q", tc.n, tc.noun, got, tc.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, tc := range []struct {
		d                    time.Duration
		compact, spaced, ago string
	}{
		{-time.Second, "-1.0s", "0 s", "just now"},
		{400 * time.Millisecond, "0.4s", "0.4 s", "just now"},
		{5 * time.Second, "5.0s", "5 s", "5 seconds ago"},
		{12 * time.Second, "12s", "12 s", "12 seconds ago"},
		{90 * time.Second, "1m 30s", "1 m 30 s", "1 minute ago"},
		{200 * time.Second, "3m 20s", "3 m 20 s", "3 minutes ago"},
		{125 * time.Minute, "2h 05m", "2 h 05 m", "2 hours ago"},
		{80 * time.Hour, "80h 00m", "3 days", "3 days ago"},
		{-21 * time.Hour, "-75600.0s", "0 s", "in 21 hours"},
	} {
		if got := wording.Compact(tc.d); got != tc.compact {
			t.Errorf("Compact(%s) = %q, want %q", tc.d, got, tc.compact)
		}
		if got := wording.Spaced(tc.d); got != tc.spaced {
			t.Errorf("Spaced(%s) = %q, want %q", tc.d, got, tc.spaced)
		}
		if got := wording.Ago(tc.d); got != tc.ago {
			t.Errorf("Ago(%s) = %q, want %q", tc.d, got, tc.ago)
		}
	}
}
