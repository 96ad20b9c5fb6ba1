package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waybill/engine/wording"
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

// breakable is a name that may be broken after its separators alone: "patients/", "remind_". It comes out as markup.
func breakable(s string) template.HTML {
	escaped := template.HTMLEscapeString(clean(s))
	return template.HTML(strings.NewReplacer("/", "/<wbr>", "_", "_<wbr>").Replace(escaped)) //nolint:gosec // escaped above
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
		text = text[:mostPretty] + "\n… cut after " + wording.Number(mostPretty) + " bytes"
	}
	return clean(text)
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
