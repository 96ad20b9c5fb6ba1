package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waybill/engine/reliability/tally"
)

// TestList: the tests and the functions to fuzz are where the list says.
func TestList(t *testing.T) {
	t.Chdir("../..")
	has := func(folder, function string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Contains(string(text), "func "+function+"(")
		}) {
			t.Errorf("%s has no %s", folder, function)
		}
	}
	for _, p := range list() {
		if p.test != "" {
			has(p.folder, p.test)
		}
	}
	for _, f := range targets() {
		has(f.folder, f.name)
	}
}

// TestReadme writes what was done between the marks and leaves the rest, also where it was written before.
func TestReadme(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	before := "above\n" + tableBegin + "| old |\n" + tableEnd + "below\n"
	if err := os.WriteFile(readme, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, done := range []int{4_000, 6_500} {
		w := tally.World{Number: n + 1, Count: tally.Count{Done: done, People: 1_000_000, InDoubt: 3}}
		if err := tally.Append(dir, "kills", w); err != nil {
			t.Fatal(err)
		}
	}
	if err := tally.Append(dir, "power", tally.World{Number: 1, Failed: true, Count: tally.Count{Done: 25, People: 40, Twice: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := writeReadme(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"above\n" + tableBegin, tableEnd + "below\n", "| 10,500 kills, 2,000,000 people | 0 | 0 | 6 | `kills` |",
		"| 25 of 1,000 losses, 40 people, RED in 1 worlds | 1 | 0 | 0 | `power` (strace) |",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "| old |") || strings.Contains(string(text), "soak") {
		t.Errorf("it has what was not done:\n%s", text)
	}
}

// TestTheReadmesTable: its lines are of the list as it is today.
func TestTheReadmesTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", readme))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begun := strings.Cut(string(text), tableBegin)
	table, _, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		t.Fatal("the README has no marks for the table")
	}
	for n, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if n < 2 {
			continue
		}
		if !slices.ContainsFunc(list(), func(p proof) bool { return strings.HasPrefix(line, "| "+p.what+" |") }) {
			t.Errorf("the list has no such proof: %s", line)
		}
	}
}
