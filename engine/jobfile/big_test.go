package jobfile_test

import (
	"fmt"
	"strings"
	"testing"

	"waybill/engine/diag"
)

func TestBigFilesAreCalledWhatTheyAre(t *testing.T) {
	nested := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	for _, c := range []struct{ name, file, text, want string }{
		{"as much as the command line reads", "job.yaml", strings.Repeat("# fill\n", 8<<20/7) + "# more\n", "1:1 file-too-big: the file has more than 8 MiB, which is the most for a job file"},
		{"nested maps", "job.yaml", "vars: " + nested, "1:512 too-deep: values are nested more than 100 levels deep"},
		{"nested JSON by its name", "job.json", `{"vars":` + nested + "}", "1:509 too-deep: values are nested more than 100 levels deep"},
		{"nested JSON by its look", "job.yaml", `{"vars":` + nested + "}", "1:509 too-deep: values are nested more than 100 levels deep"},
		{"a long list", "job.yaml", "vars: { x: [" + strings.Repeat("a,", 150_000) + "a] }", "1:1 too-many-values: more than 100000 values, aliases followed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := &diag.Source{Name: c.file, Text: []byte(c.text)}
			jobs, found := fakeLoader().Load(src, c.file)
			sound(t, src, jobs, found)
			if len(found) != 1 {
				t.Fatalf("%d findings:\n%.300s", len(found), rendered(found))
			}
			d := found[0]
			if got := fmt.Sprintf("%d:%d %s: %s", d.Range.Start.Line, d.Range.Start.Column, d.Code, d.Summary); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
