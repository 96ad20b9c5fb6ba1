package eval_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"waybill/engine/eval"
)

// TestOneText: a value has one text, alone, within text and made by string(…); what has none is an error in all three.
func TestOneText(t *testing.T) {
	madrid := time.FixedZone("", 3600)
	for _, tt := range []struct {
		value any
		want  string // empty: it has no text
		why   string // of an error, after the value's name
	}{
		{"", "", ""},
		{"x", "x", ""},
		{true, "true", ""},
		{7, "7", ""},
		{int64(34600111222), "34600111222", ""},
		{json.Number("99999999999999999999"), "99999999999999999999", ""},
		{0.5, "0.5", ""},
		{1e-7, "0.0000001", ""},
		{1e21, "1000000000000000000000", ""},
		{1e22, "10000000000000000000000", ""},
		{time.Date(2026, 3, 25, 9, 30, 0, 0, time.UTC), "2026-03-25T09:30:00Z", ""},
		{time.Date(2026, 3, 25, 9, 30, 0, 0, madrid), "2026-03-25T09:30:00+01:00", ""},
		{36 * time.Hour, "36h0m0s", ""},
		{nil, "", "is empty"},
		{[]any{"a"}, "", "is a list, not text"},
		{map[string]any{}, "", "is an object, not text"},
	} {
		text, err := eval.Text(tt.value)
		if text != tt.want || (err != nil) != (tt.why != "") || err != nil && !strings.HasPrefix(err.Error(), tt.why) {
			t.Errorf("%#v: %q, %v", tt.value, text, err)
		}
		for _, source := range []string{"${{ any.x }}", "<${{ any.x }}>", "${{ string(any.x) }}", `${{ join([any.x], "") }}`} {
			tmpl, found := compiler().Template(source, eval.Anchor{}, scope())
			if len(found) > 0 {
				t.Fatal(found)
			}
			got, err := tmpl.Text(context.Background(), eval.Names{"any": map[string]any{"x": tt.value}})
			if strings.Trim(got, "<>") != tt.want || (err != nil) != (tt.why != "") {
				t.Errorf("%s of %#v: %q, %v", source, tt.value, got, err)
			}
		}
	}
	tmpl, _ := compiler().Template("Dear ${{ any.nothing }}", eval.Anchor{}, scope())
	if _, err := tmpl.Render(context.Background(), names()); err == nil || err.Error() != `any.nothing is empty: write … ?? "" where it may be` {
		t.Errorf("null in text: %v", err)
	}
}
