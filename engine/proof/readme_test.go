package proof_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRecipeOfTheReadme follows the chain as somebody without this program does, with the very lines of the README.
func TestRecipeOfTheReadme(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT TESTED: there is no python3 here to run the README's recipe with")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := regexp.MustCompile("(?s)```python\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(recipes) != 1 {
		t.Fatalf("the README has %d recipes in Python", len(recipes))
	}
	dir := t.TempDir()
	run := func(text string) (said string, ok bool) {
		t.Helper()
		file := filepath.Join(dir, "run.proof")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, "-c", recipes[0][1], file).CombinedOutput()
		return strings.TrimSpace(string(out)), err == nil
	}
	d := filled(t)
	for _, shown := range []bool{false, true} {
		text := d.write(first, shown)
		lines := slices.Collect(strings.Lines(text))
		if said, ok := run(text); !ok || said != "whole, chain "+check(t, text, nil).Chain {
			t.Errorf("of a proof it says %q", said)
		}
		for name, c := range map[string]struct{ text, want string }{
			"changed":  {strings.Replace(text, `"row":2`, `"row":3`, 1), "line 2 is wrong"},
			"left out": {strings.Replace(text, lines[3], "", 1), "line 4 is wrong"},
			"cut off":  {strings.Join(lines[:4], ""), "the last line is missing"},
			"empty":    {"", "the last line is missing"},
			"twice":    {chained(text, func(l []string) []string { return slices.Insert(l, 2, l[1]) }), "line 3 is wrong"},
		} {
			if said, ok := run(c.text); ok || said != c.want {
				t.Errorf("%s: it says %q, want %q", name, said, c.want)
			}
		}
	}
}
