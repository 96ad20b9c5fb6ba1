package cli

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInputFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       map[string]string
		wrong      []string
	}{
		{"a.env", "clinic=\"Clínica Norte\"\nday='2026-03-25' # a comment\nplain = Ana María # she\n", map[string]string{
			"clinic": "Clínica Norte", "day": "2026-03-25", "plain": "Ana María",
		}, nil},
		{"a.env", "\ufeff# who\r\n\r\nexport A=1\r\nexport\tB=\"x\\ny\\\"z\\\\ \\$5 \\q\"\r\n", map[string]string{"A": "1", "B": "x\ny\"z\\ $5 \\q"}, nil},
		{"a.env", "A='it is\nas it \\n stands'\nB=$HOME#5\nC=#nothing\nD=\nE=a=b\nF=5\" pipe", map[string]string{
			"A": "it is\nas it \\n stands", "B": "$HOME#5", "C": "", "D": "", "E": "a=b", "F": `5" pipe`,
		}, nil},
		{"a.env", "A=\"secret\nB=1\nno value\nC='x' secret\nD=1\nD=2\n", nil, []string{
			"a.env:1: the quotes of A are not closed", "a.env:3: no NAME=VALUE", "a.env:4: something stands behind the closing quotes of C", "a.env:6: D is there twice",
		}},
		{"inputs", "A=1\n", map[string]string{"A": "1"}, nil},
		{"inputs", "# yaml\nA: 010\nB: \"x = y\"\nC: true\nD: [1, a]\nE: ~\n", map[string]string{"A": "010", "B": "x = y", "C": "true", "D": `[1,"a"]`}, nil},
		{"inputs", `{"A": 1.50, "B": "x", "C": null}`, map[string]string{"A": "1.50", "B": "x"}, nil},
		{"a.yaml", "", map[string]string{}, nil},
		{"a.yaml", "- 1\n", nil, []string{"a file of inputs is one object"}},
		{"a.json", `{"A": 1, "A": 2}`, nil, []string{"A"}},
		{"a.yaml", "A: 1\nB: [\n", nil, []string{"a.yaml:"}},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		given := map[string]string{}
		err := readInputs(path, given)
		switch {
		case len(c.wrong) == 0 && (err != nil || !maps.Equal(given, c.want)):
			t.Errorf("%q: %q, %v, want %q", c.text, given, err, c.want)
		case len(c.wrong) > 0 && err == nil:
			t.Errorf("%q: %q, want an error", c.text, given)
		}
		for _, w := range c.wrong {
			if err != nil && !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %q in it", c.text, err, w)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("it shows a value: %v", err)
		}
	}
}
