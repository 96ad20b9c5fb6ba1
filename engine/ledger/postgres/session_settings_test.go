package postgres

import (
	"regexp"
	"testing"
)

// TestLiteralsMeanTheSame holds that no literal of the migrations has a backslash, but in the form E'…': what it means in any other is set by a
// role's standard_conforming_strings, and of a function's body each time that it runs.
func TestLiteralsMeanTheSame(t *testing.T) {
	texts, err := migrationTexts()
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`--[^\n]*`)
	plain := regexp.MustCompile(`(?:^|[^E'])'[^'\\]*\\[^']*'`)
	for i, text := range append(texts, messageSQL) {
		for _, found := range plain.FindAllString(comment.ReplaceAllString(text, ""), -1) {
			t.Errorf("text %d: %s", i+1, found)
		}
	}
}
