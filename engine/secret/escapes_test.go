package secret_test

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"waybill/engine/secret"
)

// awkward are secrets that every way of quoting changes.
func awkward() []string {
	return []string{
		`p@ss w/ö?rd%20"q"\n=end7`,
		"two \"lines\"\nand a\ttab\\of <it> & 'more' `here`",
		`"begins and ends with quotes"`,
		`ends with a backslash\`,
		token,
	}
}

// quoters are the ways of putting text between quotes, which may be done again and again.
func quoters() map[string]func(string) string {
	return map[string]func(string) string{
		"%q": strconv.Quote,
		"JSON with HTML escapes": func(s string) string {
			text, _ := json.Marshal(s)
			return string(text)
		},
		"JSON": func(s string) string {
			var out strings.Builder
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(s)
			return strings.TrimSuffix(out.String(), "\n")
		},
	}
}

// printers are the last hands that text goes through on its way out of this program.
func printers() map[string]func(string) string {
	return map[string]func(string) string{
		"as it is":               func(s string) string { return s },
		"html.Escape":            html.EscapeString,
		"html/template":          template.HTMLEscapeString,
		"HTML of a pull request": func(s string) string { return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) },
		"code of a pull request": func(s string) string { return strings.ReplaceAll(s, "`", "'") },
		"a workflow command": func(s string) string {
			return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
		},
		"a property of one": func(s string) string {
			return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
		},
		"CSV":      func(s string) string { return strings.ReplaceAll(s, `"`, `""`) },
		"YAML":     func(s string) string { return strings.ReplaceAll(s, "'", "''") },
		"one line": func(s string) string { return strings.NewReplacer("\n", " ", "\t", " ").Replace(s) },
	}
}

// TestRedactEscapedAgain: a message that quotes a value stands in JSON, and that in the JSON of a plan.
func TestRedactEscapedAgain(t *testing.T) {
	for _, hidden := range awkward() {
		r := secret.NewRedactor()
		r.Add(hidden)
		check := func(how, form string) {
			t.Helper()
			got := r.Redact("before|" + form + "|after")
			rest := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(got, "before|"), "|after"), "\\\"&#34;")
			if rest != "[redacted]" {
				t.Errorf("%s of %q: %s", how, hidden, got)
			}
		}
		for last, show := range printers() {
			check(last, show(hidden))
			for first, once := range quoters() {
				check(first+", "+last, show(once(hidden)))
				for second, twice := range quoters() {
					check(first+", "+second+", "+last, show(twice(once(hidden))))
				}
			}
		}
	}
}

func TestRedactChanged(t *testing.T) {
	for _, tt := range []struct{ name, secret, text, want string }{
		{"a number as it is dialled", "0034 (612) 345-678", "to +34612345678", "to +[redacted]"},
		{"a number with a plus", "+34 612 345 678", "to +34612345678", "to +[redacted]"},
		{"a date is no number", "2026-03-25", "run 20260325-090000", "run 20260325-090000"},
		{"cut off", "sup3r-secret", `"sup3r-s…" and sup3r-…`, `"[redacted]…" and [redacted]…`},
		{"cut off after its quotes", `sup3r"secret`, `sup3r\"sec…`, `[redacted]…`},
		{"cut off where nothing is told", "sup3r-secret", "sup3r… supper…", "sup3r… supper…"},
	} {
		r := secret.NewRedactor()
		r.Add(tt.secret)
		if got := r.Redact(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		for size := 1; size <= len(tt.text); size++ {
			if got := throughWriter(t, r, tt.text, size); got != tt.want {
				t.Errorf("%s in pieces of %d: %q, want %q", tt.name, size, got, tt.want)
			}
		}
	}
}

// TestRedactorGrowsLittle: a secret of many odd characters has many forms, and they stay within bounds.
func TestRedactorGrowsLittle(t *testing.T) {
	r := secret.NewRedactor()
	r.Add(strings.Repeat("\"\\\n<&'`ñ%", 2000))
	if n := testing.AllocsPerRun(10, func() { r.Redact("a text without a secret") }); n > 0 {
		t.Errorf("%v allocations for a text without a secret", n)
	}
	if size := r.Size(); size > 4<<20 {
		t.Errorf("%d bytes of forms", size)
	}
}

func TestRedactLogged(t *testing.T) {
	for _, hidden := range awkward() {
		r := secret.NewRedactor()
		r.Add(hidden)
		var out strings.Builder
		w := r.Writer(&out)
		slog.New(slog.NewTextHandler(w, nil)).Info("x", slog.Any("error", fmt.Errorf("send %q: refused", hidden)))
		slog.New(slog.NewJSONHandler(w, nil)).Info("x", slog.Any("error", fmt.Errorf("send %q: refused", hidden)))
		_ = w.Close()
		if got := strings.Count(out.String(), "[redacted]"); got != 2 {
			t.Errorf("%s", out.String())
		}
	}
}
