package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mutated returns the files of a mutation as they are with the safety out. The error names a change that no longer fits.
func (m mutation) mutated() (map[string]string, error) {
	files := map[string]string{}
	for _, e := range m.edits {
		file, text, err := e.find(files)
		if err != nil {
			return nil, err
		}
		if n := strings.Count(text, e.before); n != 1 {
			return nil, fmt.Errorf("%s has %d times, and should have once: %s", file, n, strings.TrimSpace(e.before))
		}
		files[file] = strings.Replace(text, e.before, e.after, 1)
	}
	return files, nil
}

// find returns the file that is meant, and its text as the edits before this one left it.
func (e edit) find(changed map[string]string) (file, text string, err error) {
	names, err := filepath.Glob(e.file)
	if err != nil {
		return "", "", err
	}
	for _, name := range slices.Backward(names) {
		text, known := changed[name]
		if !known {
			read, err := os.ReadFile(name) //nolint:gosec // of the list
			if err != nil {
				return "", "", err
			}
			text = string(read)
		}
		if len(names) == 1 || strings.Contains(text, e.before) {
			return name, text, nil
		}
	}
	return "", "", fmt.Errorf("no file %s has: %s", e.file, strings.TrimSpace(e.before))
}

var (
	failed  = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)
	unbuilt = regexp.MustCompile(`\[(build|setup) failed\]`)
)

// run takes the safety out and returns the tests that went red.
func (m mutation) run(ctx context.Context) ([]string, error) {
	files, err := m.mutated()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "waybill-mutation-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	overlay, err := overlaid(dir, files)
	if err != nil {
		return nil, err
	}
	args := []string{"test", "-overlay", overlay, "-vet=off", "-count=1", "-timeout", "10m", "-run", "^" + m.tests}
	test := exec.CommandContext(ctx, "go", append(args, "./"+m.in)...) //nolint:gosec // of the list
	test.Env = append(os.Environ(), "WAYBILL_PROOFS=")                 // what was proved is neither asked nor added to
	out, err := test.CombinedOutput()
	var red []string
	for _, found := range failed.FindAllSubmatch(out, -1) {
		red = append(red, string(found[1]))
	}
	switch said := string(out[max(0, len(out)-2000):]); {
	case strings.Contains(said, "no tests to run"):
		return nil, fmt.Errorf("there is no test of the name %s", m.tests)
	case err == nil:
		return nil, errors.New("no test went red" + m.hint())
	case unbuilt.Match(out):
		return nil, fmt.Errorf("it does not compile:\n%s", said)
	case len(red) == 0:
		return nil, fmt.Errorf("the tests ended without a verdict: %w\n%s", err, said)
	}
	slices.Sort(red)
	return slices.Compact(red), nil
}

func (m mutation) hint() string {
	if m.needs == "" {
		return ""
	}
	return ", or they were skipped: they need " + m.needs
}

// overlaid writes changed files where the go command finds them in place of the tree's.
func overlaid(dir string, files map[string]string) (string, error) {
	replace := map[string]string{}
	for file, text := range files {
		original, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		replace[original] = filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(replace[original], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}
