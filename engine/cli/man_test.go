package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestManualPages: every command has a page that names each of its flags, and neither groff nor mandoc finds fault with any.
func TestManualPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if status, _, stderr := call(t, nil, "man", "--dir", dir); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(pages) < 30 {
		t.Fatalf("%v %v", pages, err)
	}
	for _, line := range []string{"apply --wait-lock", "optouts-add --scope", "init --with", "templates-push --dry-run"} {
		name, flag, _ := strings.Cut(line, " ")
		text, err := os.ReadFile(filepath.Join(dir, "waybill-"+name+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(text), `\fB`+strings.ReplaceAll(flag, "-", `\-`)+`\fR`) {
			t.Errorf("waybill-%s.1 lacks %s", name, flag)
		}
	}
	for _, tool := range [][]string{{"groff", "-man", "-Tutf8", "-ww", "-z"}, {"mandoc", "-T", "lint", "-W", "warning"}} {
		path, err := exec.LookPath(tool[0])
		if err != nil {
			t.Logf("SKIPPED: %s is not on this machine", tool[0])
			continue
		}
		out, _ := exec.CommandContext(t.Context(), path, append(tool[1:], pages...)...).CombinedOutput() // of what it finds its status says nothing more
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, "missing date") { // a test is built without a revision
				t.Error(strings.TrimSpace(line))
			}
		}
	}
}
