package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	mostBrief  = 240   // runes of a text in a table; the rest unfolds
	mostPretty = 16384 // bytes of a raw form that are shown
)

// clean takes from a text what would act on the text around it: control characters, characters that override the
// direction, broken UTF-8. U+FFFD stands where they stood. Line breaks and tabs stay, and so do the marks that
// Arabic and Hebrew need; <bdi> keeps those to themselves.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case r == utf8.RuneError || unicode.IsControl(r),
			r >= 0x202A && r <= 0x202E, // embeddings and overrides
			r >= 0x2066 && r <= 0x2069, // isolates
			r == 0x2028 || r == 0x2029,
			r >= 0xE0000 && r <= 0xE001F: // invisible tags; those of flags are higher
			return utf8.RuneError
		}
		return r
	}, s)
}

// brief is the beginning of a text, with an ellipsis where something went.
func brief(s string) string {
	s = clean(s)
	n := 0
	for i := range s {
		if n++; n > mostBrief {
			return s[:i] + "…"
		}
	}
	return s
}

// pretty lays out JSON for people. What is no JSON stays as it is.
func pretty(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		b.Reset()
		b.Write(raw)
	}
	text := b.String()
	if len(text) > mostPretty {
		text = text[:mostPretty] + "\n… cut after " + number(mostPretty) + " bytes"
	}
	return clean(text)
}

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

// plural is a number with its noun: "1 delivery", "2 deliveries".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if before, found := strings.CutSuffix(noun, "ry"); found {
		return number(n) + " " + before + "ries"
	}
	return number(n) + " " + noun + "s"
}

// percent is a share in at most four characters. It says 0% and 100% only when that is so.
func percent(part, whole int) string {
	if whole <= 0 {
		return "–"
	}
	share := 100 * float64(part) / float64(whole)
	switch {
	case part == 0:
		return "0%"
	case share < 0.1:
		return "<0.1%"
	case share < 10:
		return fmt.Sprintf("%.1f%%", share)
	case part < whole && share > 99:
		return fmt.Sprintf("%.1f%%", math.Floor(share*10)/10)
	}
	return fmt.Sprintf("%.0f%%", share)
}

// span is a duration as people say it: "0.4 s", "12 s", "3 m 20 s", "2 h 05 m", "3 days".
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d m %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d m", int(d.Hours()), int(d.Minutes())%60)
	}
	return number(int(d.Hours()/24)) + " days"
}

// ago is how long something is past, or will be.
func ago(d time.Duration) string {
	coarse := func(d time.Duration) string {
		switch {
		case d < time.Minute:
			return plural(int(d.Seconds()), "second")
		case d < time.Hour:
			return plural(int(d.Minutes()), "minute")
		case d < 48*time.Hour:
			return plural(int(d.Hours()), "hour")
		}
		return plural(int(d.Hours()/24), "day") // days have 24 hours here: nobody counts on more
	}
	switch {
	case d < -time.Second:
		return "in " + coarse(-d)
	case d < 2*time.Second:
		return "just now"
	}
	return coarse(d) + " ago"
}

// stamp is a time to the second in a zone.
func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// svgNumber is a coordinate: two decimals, never an exponent.
func svgNumber(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}
