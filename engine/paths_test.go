package engine_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waybill/engine"
)

// tree makes a folder with a job's folder in it, files inside and outside, and links between them.
func tree(t *testing.T) (top string) {
	t.Helper()
	top = t.TempDir()
	for name, text := range map[string]string{
		"job/in.csv": "in", "job/below/deep.csv": "deep", "outside.csv": "outside", "allowed/a.csv": "allowed", "jobs-too/x.csv": "x",
	} {
		path := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"job/out.csv": "../outside.csv", "job/inside.csv": "below/deep.csv", "job/absolute.csv": filepath.Join(top, "job", "in.csv"),
		"job/folder": "..", "job/to-allowed.csv": "../allowed/a.csv", "job/dangling.csv": "nothing.csv",
	} {
		if err := os.Symlink(target, filepath.Join(top, filepath.FromSlash(link))); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	return top
}

func TestFiles(t *testing.T) {
	top := tree(t)
	for _, tc := range []struct {
		path, want string
		allow      []string
	}{
		{"in.csv", "in", nil},
		{"./below/../in.csv", "in", nil},
		{"below/deep.csv", "deep", nil},
		{"inside.csv", "deep", nil},
		{"absolute.csv", "in", nil},
		{"../job/in.csv", "in", nil},
		{filepath.Join(top, "job", "in.csv"), "in", nil},
		{"../outside.csv", "outside!", nil},
		{"out.csv", "outside!", nil},
		{"folder/outside.csv", "outside!", nil},
		{"../nothing.csv", "outside!", nil},
		{"../jobs-too/x.csv", "outside!", nil},
		{filepath.Join(top, "outside.csv"), "outside!", nil},
		{"../allowed/a.csv", "allowed", []string{filepath.Join(top, "allowed")}},
		{"to-allowed.csv", "allowed", []string{filepath.Join(top, "allowed")}},
		{"../outside.csv", "outside!", []string{filepath.Join(top, "allowed")}},
		{"../allowed/a.csv", "outside!", []string{filepath.Join(top, "nowhere")}},
		{"nothing.csv", "not there", nil},
		{"dangling.csv", "not there", nil},
		{"below", "error", nil},
		{"", "error", nil},
	} {
		open := engine.Files(&engine.Job{Dir: filepath.Join(top, "job")}, tc.allow)
		got := opened(open, tc.path)
		if got != tc.want {
			t.Errorf("%q with %v: got %q, want %q", tc.path, tc.allow, got, tc.want)
		}
	}
}

// opened returns a file's text, or what its error is.
func opened(from engine.Opener, path string) string {
	file, err := from.Open(path)
	var outside *engine.OutsideError
	switch {
	case errors.As(err, &outside):
		return "outside!"
	case errors.Is(err, fs.ErrNotExist):
		return "not there"
	case err != nil:
		if !strings.Contains(err.Error(), path) {
			return "an error that does not name the path: " + err.Error()
		}
		return "error"
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
