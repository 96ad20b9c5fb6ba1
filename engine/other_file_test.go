package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"waybill/engine"
)

func TestOtherFile(t *testing.T) {
	top := t.TempDir()
	place := func(parts ...string) string { return filepath.Join(append([]string{top}, parts...)...) }
	for _, name := range []string{"plain/list.yaml", "plain/april.yaml", "copy/list.yaml", "tree/a/list.yaml", "tree/b/list.yaml"} {
		if err := os.MkdirAll(filepath.Dir(place(name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(place("tree", ".git"), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		earlier, now string
		file, shared bool // what is expected of a ledger that is a file, and of one that several machines share
	}{
		{place("plain/list.yaml"), place("plain/list.yaml"), false, false},
		{place("plain/april.yaml"), place("plain/list.yaml"), true, true},
		{place("plain/list.yaml"), place("copy/list.yaml"), true, false},         // the same folder, elsewhere
		{"/gone/list.yaml", place("copy/list.yaml"), false, false},               // the same, on another machine
		{"/gone/april.yaml", place("copy/list.yaml"), false, true},               // renamed; or another machine's other file
		{place("tree/a/list.yaml"), place("tree/b/list.yaml"), true, true},       // two of one work tree
		{"/builds/7/a/list.yaml", place("tree/b/list.yaml"), false, true},        // the same, of another checkout
		{"/builds/7/b/list.yaml", place("tree/b/list.yaml"), false, false},       //
		{`C:\builds\7\a\list.yaml`, place("tree/b/list.yaml"), false, true},      //
		{"/etc/waybill/jobs/list.yaml", place("tree/b/list.yaml"), false, false}, // as it is deployed
	} {
		for _, shared := range []bool{false, true} {
			want := tt.file
			if shared {
				want = tt.shared
			}
			if got := engine.OtherFile(tt.earlier, tt.now, shared); got != want {
				t.Errorf("%s, then %s (shared: %v): %v, want %v", tt.earlier, tt.now, shared, got, want)
			}
		}
	}
}
