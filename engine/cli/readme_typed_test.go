package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeTyped types the first ten minutes of the README as they stand, into a shell that has Go and nothing else.
func TestReadmeTyped(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	readme, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## Ten minutes")
	block := regexp.MustCompile("(?s)```console\n(.*?)```").FindStringSubmatch(section)
	if block == nil {
		t.Fatal("there is no block of commands")
	}
	script := "set -eu\n"
	for line := range strings.Lines(block[1]) {
		if command, typed := strings.CutPrefix(line, "$ "); typed {
			script += command
		}
	}
	env := func(name string) string {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	// A copy of the folder would take long: what init makes is taken away again.
	made := filepath.Join(root(t), "reminders")
	if _, err := os.Stat(made); err == nil {
		t.Fatalf("%s is in the way", made)
	}
	t.Cleanup(func() { _ = os.RemoveAll(made) })
	shell := exec.CommandContext(t.Context(), "sh", "-c", script)
	shell.Dir = root(t)
	shell.Env = []string{
		"HOME=" + t.TempDir(), "GOPATH=" + filepath.Join(t.TempDir(), "go"), "GOCACHE=" + env("GOCACHE"), "GOMODCACHE=" + env("GOMODCACHE"), "GOFLAGS=" + env("GOFLAGS"),
		"PATH=" + filepath.Join(env("GOROOT"), "bin") + ":/usr/local/bin:/usr/bin:/bin",
	}
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	for line := range strings.Lines(block[1]) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "$ ") || strings.HasPrefix(line, "run ") {
			continue // the run's id, its time
		}
		// How many were read when it ended depends on the moment.
		if !strings.Contains(string(out), line) && !strings.HasSuffix(line, "delivered") {
			t.Errorf("the README shows %q, and typed it gives\n%s", line, out)
		}
	}
}
