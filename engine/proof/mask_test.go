package proof

import "testing"

func TestMaskIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, recipient, want string }{
		{"A-1001", "+34612345678", "A-1001"},
		{"+34612345678", "+34612345678", "…678"},
		{"0612 34 56 78", "+34612345678", "…678"},
		{"34612345678-2026/3", "+34612345678", "…678/3"},
		{"order 20260325001", "+34612345678", "order 20260325001"}, // another number
		{"order 20260325001", "", "order …001"},
		{"12 3456", "", "12 3456"},
		{"for ES.ab.xyz, twice ES.ab.xyz", "ES.ab.xyz", "for …xyz, twice …xyz"},
		{"20260325001", "ES.ab.xyz", "20260325001"},
		{"12", "12", "…12"},
	} {
		if got := maskIn(c.text, c.recipient); got != c.want {
			t.Errorf("%q to %q: %q, want %q", c.text, c.recipient, got, c.want)
		}
	}
}
