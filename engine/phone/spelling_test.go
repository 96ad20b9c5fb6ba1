package phone

import "testing"

// TestOtherSpelling: each form leads to the other one, and what has one form has no other.
func TestOtherSpelling(t *testing.T) {
	for a, b := range map[string]string{
		"+525512345678":  "+5215512345678",
		"+541123456789":  "+5491123456789",
		"+553188888888":  "+5531988888888",
		"+551166667777":  "+5511966667777",
		"+553133334444":  "", // a landline
		"+34600000001":   "",
		"+5":             "",
		"+52":            "",
		"US.13491208655": "",
	} {
		if got := OtherSpelling(a); got != b {
			t.Errorf("OtherSpelling(%s) = %q, want %q", a, got, b)
		}
		if got := OtherSpelling(b); b != "" && got != a {
			t.Errorf("OtherSpelling(%s) = %q, want %q", b, got, a)
		}
	}
}
