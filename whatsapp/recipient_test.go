package whatsapp_test

import (
	"errors"
	"strings"
	"testing"

	"waybill/whatsapp"
)

func TestParseRecipient(t *testing.T) {
	for text, want := range map[string]string{
		"+34612345678":                   "+34612345678",
		"34612345678":                    "+34612345678",
		"+34 612-345-678":                "+34612345678",
		" (+34) 612.345.678\t":           "+34612345678",
		"0034 612 345 678":               "+34612345678",
		"00 34 (612) 345-678":            "+34612345678",
		"34 612-345-678":                 "+34612345678",
		"+34\u00a0612\u202f345\u2011678": "+34612345678",
		"\u202a+34612345678\u202c":       "+34612345678",
		"\ufeff+34612345678":             "+34612345678",
		"1 (212) 555-0100":               "+12125550100",
		"34.612345678":                   "+34612345678",
		"1234567":                        "+1234567",
		"2026-99-25":                     "+20269925",
		"20260325":                       "+20260325",
		"+123456789012345":               "+123456789012345",
		"US.13491208655302741918":        "US.13491208655302741918",
		" US.ENT.11815799212886844830 ":  "US.ENT.11815799212886844830",
		"ES.a":                           "ES.a",
	} {
		got, err := whatsapp.ParseRecipient(text)
		if err != nil || string(got) != want || !got.Valid() {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
		again, err := whatsapp.ParseRecipient(string(got))
		if err != nil || again != got {
			t.Errorf("%q is read as %q, %v", got, again, err)
		}
	}
}

func TestParseRecipientRefuses(t *testing.T) {
	for _, test := range []struct{ text, problem, fix string }{
		{"", "empty", ""},
		{"  ", "empty", ""},
		{"+", "no digits", ""},
		{"()", "no digits", ""},
		{"4.479E+11", "exponent", ""},
		{"4.479e11", "exponent", ""},
		{"3.4612345678E+10", "exponent", "+34612345678"},
		{"3,4612345678E10", "exponent", "+34612345678"},
		{"34612345678.0", "decimal", "+34612345678"},
		{"34612345678,00", "decimal", "+34612345678"},
		{"34,612,345,678", "thousands", "+34612345678"},
		{"34_612_345_678", "thousands", "+34612345678"},
		{"+44 (0)20 7946 0958", "(0)", "+442079460958"},
		{"0044 (0)20 7946 0958", "(0)", "+442079460958"},
		{"tel:+34612345678", "prefix", "+34612345678"},
		{"whatsapp:+34612345678", "prefix", "+34612345678"},
		{"2026-03-25", "date", ""},
		{"25.03.2026", "date", ""},
		{"31-12-1999", "date", ""},
		{"612 345", "has 6 digits", ""},
		{"1234567890123456", "has 16 digits", ""},
		{"0612345678", "country code", ""},
		{"+0612345678", "country code", ""},
		{"+0034612345678", "country code", ""},
		{"000034612345678", "country code", ""},
		{"+34612345678x12", "letter 'x'", ""},
		{"six one two", "letter 's'", ""},
		{"+34612345678+34612345679", "two numbers", ""},
		{"+34612345678/79", "two numbers", ""},
		{"+34612345678;+34612345679", "two numbers", ""},
		{"+34612345678, 612345679", "two numbers", ""},
		{"-34612345678", "holds '-'", ""},
		{".34612345678", "holds '.'", ""},
		{"＋３４６１２３４５６７８", "holds '＋'", ""},
		{"３４６１２３４５６７８", "another script", ""},
		{"٣٤٦١٢٣٤٥٦٧٨", "another script", ""},
		{"0x1F4A3B2C", "letter 'x'", ""},
		{"null", "letter 'n'", ""},
		{"us.13491208655302741918", "letter 'u'", ""},
		{"US.", "letter 'U'", ""},
		{"US." + strings.Repeat("1", 129), "letter 'U'", ""},
		{strings.Repeat("1", 200), "has 200 digits", ""},
		{strings.Repeat("1", 5000), "has 5000 characters", ""},
		{strings.Repeat("tel:", 5000), "has 20000 characters", ""},
		{"tel:+34612345678;ext=12", "prefix", ""},
		{"tel:34612345678.0", "prefix", ""},
		{"tel:+44 (0)20 7946 0958", "(0)", ""},
		{"+44 (0)20 7946 0958 ext 5", "(0)", ""},
		{"\x00\x01", "holds", ""},
		{"+34\xff612345678", "holds", ""},
	} {
		got, err := whatsapp.ParseRecipient(test.text)
		var refusal *whatsapp.RecipientError
		if !errors.As(err, &refusal) || got != "" {
			t.Errorf("%q: got %q, %v", test.text, got, err)
			continue
		}
		if !strings.Contains(refusal.Problem, test.problem) || refusal.Fix != test.fix || refusal.Text != test.text {
			t.Errorf("%q: got %+v", test.text, refusal)
		}
		if test.fix != "" && !strings.Contains(err.Error(), `"`+test.fix+`"`) {
			t.Errorf("%q: the fix is not in %q", test.text, err)
		}
		if len(err.Error()) > 600 {
			t.Errorf("%q: a message of %d bytes", test.text[:20], len(err.Error()))
		}
	}
}

// Whatever the text: an error, or a recipient that holds the text's own digits in their order and reads as itself.
func FuzzRecipient(f *testing.F) {
	for _, seed := range []string{"+34 612-345-678", "4.479E+11", "00(34)612345678", "US.13491208655302741918", "+44 (0)20 7946 0958", "\u202a34612345678.0", "３４６"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := whatsapp.ParseRecipient(text)
		if err != nil {
			var refusal *whatsapp.RecipientError
			if !errors.As(err, &refusal) || got != "" {
				t.Fatalf("%q: got %q, %v", text, got, err)
			}
			if refusal.Fix != "" {
				if fixed, err := whatsapp.ParseRecipient(refusal.Fix); err != nil || string(fixed) != refusal.Fix {
					t.Fatalf("%q: the fix %q is read as %q, %v", text, refusal.Fix, fixed, err)
				}
			}
			return
		}
		if !got.Valid() {
			t.Fatalf("%q: got %q", text, got)
		}
		if again, err := whatsapp.ParseRecipient(string(got)); err != nil || again != got {
			t.Fatalf("%q: %q is read as %q, %v", text, got, again, err)
		}
		if !got.IsUserID() && strings.TrimPrefix(digitsOf(text), "00") != digitsOf(string(got)) {
			t.Fatalf("%q: got other digits: %q", text, got)
		}
	})
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
