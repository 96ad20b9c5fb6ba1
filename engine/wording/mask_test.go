package wording_test

import (
	"testing"

	"waybill/engine/wording"
)

func TestMaskText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		values     []string
		want       string
	}{
		{"a value, whatever its case", "ANA has no place, Anas has", []string{"Ana"}, "••• has no place, Anas has"},
		{"the longer value first", "to Ana María", []string{"Ana", "Ana María"}, "to •••"},
		{"what is in quotes", `to: "ana@example.com" holds the letter 'a'`, nil, `to: "•••" holds the letter '•••'`},
		{"words for nothing", `to: "N/A" and "#REF!" and "-" and "na" and "#ref"`, nil, `to: "N/A" and "#REF!" and "-" and "na" and "#ref"`},
		{"what only begins like one", `"#refund" and "none of it"`, nil, `"•••" and "•••"`},
		{"numbers, however they are written", "+34 612-345-678, 0612345678 or (0612) 345 678", nil, "•••678, •••678 or •••678"},
		{"no numbers of persons", "131026 at 10:00 on 25/03/2026, 2026-03-25 10:00", nil, "131026 at 10:00 on 25/03/2026, 2026-03-25 10:00"},
		{"the number of hints", `such as "+34612345678"`, nil, `such as "+34612345678"`},
		{"a row's place", "rows 2 and 3", []string{"3", "a"}, "rows 2 and 3"},
		{"a number that is a value", "code 4711 of it", []string{"4711"}, "code ••• of it"},
		{"no value", "as it is", []string{"", " "}, "as it is"},
	} {
		if got := wording.MaskText(c.text, c.values); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMaskKey(t *testing.T) {
	for key, want := range map[string]string{
		"": "", "4711": "•••", "ana": "•••", "+34612345678": "•••678", "#663e0fcc711605a6": "#663e0fcc711605a6",
		"secret#663e0fcc711605a6": "secret#663e0fcc711605a6", "#4": "•••", "1974-03-25": "•••", "a/b": "•••", "null": "null",
	} {
		if got := wording.MaskKey(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}
