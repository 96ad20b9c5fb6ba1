package jobfile_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/diag"
)

var update = flag.Bool("update-findings", false, "write what is found beside the files of testdata/diagnostics")

// badFiles gives the files of testdata/diagnostics: each has a .want beside it with what is found in it.
func badFiles(tb testing.TB) []string {
	tb.Helper()
	var names []string
	for _, pattern := range []string{"*.yaml", "*.json"} {
		found, err := filepath.Glob(filepath.Join("testdata", "diagnostics", pattern))
		if err != nil {
			tb.Fatal(err)
		}
		names = append(names, found...)
	}
	if len(names) < 60 {
		tb.Fatalf("only %d bad files", len(names))
	}
	return names
}

// loadFile reads a file as the program would.
func loadFile(tb testing.TB, name string) (*diag.Source, []*engine.Job, diag.List) {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	src := &diag.Source{Name: filepath.Base(name), Text: text}
	jobs, found := fakeLoader().Load(src, name)
	return src, jobs, found
}

func TestByteOrderMarkAndLineBreaksOfWindows(t *testing.T) {
	text := strings.ReplaceAll("\ufeffversion: 1\nname: a\ntitel: x\n"+
		"steps:\n  - sendText: { to: \"1234567\", body: \"ñ ${{ vars.x }}\" }\n", "\n", "\r\n")
	src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
	jobs, found := fakeLoader().Load(src, "job.yaml")
	sound(t, src, jobs, found)
	var got []string
	for _, d := range found {
		got = append(got, d.Range.String()+" "+d.Code)
	}
	want := "job.yaml:3:1 unknown-key, job.yaml:5:50 unknown-name"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatIsFoundInBadFiles(t *testing.T) {
	for _, name := range badFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			src, jobs, found := loadFile(t, name)
			sound(t, src, jobs, found)
			got := rendered(found)
			dir, err := filepath.Abs(filepath.Dir(name))
			if err != nil {
				t.Fatal(err)
			}
			got = strings.ReplaceAll(got, dir, "DIR")
			beside := strings.TrimSuffix(name, filepath.Ext(name)) + ".want"
			if *update {
				if err := os.WriteFile(beside, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(beside)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got == "" {
				t.Error("nothing is found in a bad file")
			}
		})
	}
}
