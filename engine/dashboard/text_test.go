package dashboard_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"waybill/engine/dashboard"
)

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{dashboard.Percent(0, 0), "–"},
		{dashboard.Percent(0, 10), "0%"},
		{dashboard.Percent(1, 1000000), "<0.1%"},
		{dashboard.Percent(1, 30), "3.3%"},
		{dashboard.Percent(1, 3), "33%"},
		{dashboard.Percent(9999, 10000), "99.9%"},
		{dashboard.Percent(999999, 1000000), "99.9%"},
		{dashboard.Percent(10, 10), "100%"},
		{dashboard.Rate(780, 10*time.Second), "78 a second"},
		{dashboard.Rate(25, 10*time.Second), "2.5 a second"},
		{dashboard.Rate(30, time.Minute), "30 a minute"},
		{dashboard.Rate(6, time.Hour), "6 an hour"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
	for n, want := range map[int]int{0: 1, 1: 1, 7: 8, 9: 10, 11: 20, 30: 30, 81: 100, 1001: 2000} {
		if got := dashboard.NiceTop(n); got != want {
			t.Errorf("NiceTop(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                 "plain",
		"two\r\nlines\tand":     "two\nlines\tand",
		"\x1b[31mred\x00":       "�[31mred�",
		"a\u202Eb\u2066c\u2069": "a�b�c�",
		"שלום\u200fمرحبا\u200d👩‍👧": "שלום\u200fمرحبا\u200d👩‍👧", // marks and joiners are part of writing
		"\xff\xfe":              "��",
		"🏴\U000E0067\U000E007F": "🏴\U000E0067\U000E007F", // a flag is made of such tags
	} {
		if got := dashboard.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBriefCutsBetweenRunes(t *testing.T) {
	got := dashboard.Brief(strings.Repeat("ñ", 5000))
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) != 241 || !strings.HasSuffix(got, "ñ…") {
		t.Errorf("got %d runes: …%q", utf8.RuneCountInString(got), got[len(got)-8:])
	}
	if got := dashboard.Brief(strings.Repeat("ñ", 240)); utf8.RuneCountInString(got) != 240 {
		t.Errorf("a text that just fits was cut to %d runes", utf8.RuneCountInString(got))
	}
}
