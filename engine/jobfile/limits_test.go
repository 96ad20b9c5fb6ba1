package jobfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waybill/engine/diag"
)

func TestBigFilesAreCalledWhatTheyAre(t *testing.T) {
	nested := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	for _, c := range []struct{ name, file, text, want string }{
		{
			"as much as the command line reads", "job.yaml", strings.Repeat("# fill\n", 8<<20/7) + "# more\n",
			"1:1 file-too-big: the file has more than 8 MiB, which is the most for a job file",
		},
		{"nested maps", "job.yaml", "vars: " + nested, "1:512 too-deep: values are nested more than 100 levels deep"},
		{"nested JSON by its name", "job.json", `{"vars":` + nested + "}", "1:509 too-deep: values are nested more than 100 levels deep"},
		{"nested JSON by its look", "job.yaml", `{"vars":` + nested + "}", "1:509 too-deep: values are nested more than 100 levels deep"},
		{
			"a long list", "job.yaml", "vars: { x: [" + strings.Repeat("a,", 150_000) + "a] }",
			"1:1 too-many-values: more than 100000 values, aliases followed",
		},
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

func TestBigFilesAreRefusedQuickly(t *testing.T) {
	long := strings.Repeat("a", 70)
	for name, text := range map[string]string{
		"10 MB":               "version: 1\n" + strings.Repeat("# fill\n", 1_500_000),
		"many values":         "version: 1\nvars: { x: [" + strings.Repeat("a,", 3_000_000) + "a] }\n",
		"many lines":          "version: 1\nsteps:\n" + strings.Repeat("  - a\n", 1_200_000),
		"many keys":           "version: 1\nvars:\n" + strings.Repeat("  a: b\n", 1_000_000),
		"many JSON values":    `{"version":1,"vars":[` + strings.Repeat("1,", 3_000_000) + "1]}",
		"deep JSON":           strings.Repeat("[", 3_000_000),
		"deep closed JSON":    strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000),
		"one long line":       "version: 1\nname: a\ndescription: " + strings.Repeat("é", 1_000_000) + "\nsteps: [ 5 ]\n",
		"long line of flow":   "version: 1\nname: a\nvars: { x: [" + strings.Repeat(long+",", 90_000) + "a] }\nsteps: [ 5 ]\n",
		"syntax at the end":   "version: 1\n" + strings.Repeat("# fill\n", 300_000) + "a: b: c\n",
		"unclosed at the end": "version: 1\nname: \"" + strings.Repeat("fill\n", 300_000),
	} {
		t.Run(name, func(t *testing.T) {
			src := &diag.Source{Name: "job.yaml", Text: []byte(text)}
			begin := time.Now()
			jobs, found := fakeLoader().Load(src, "job.yaml")
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			sound(t, src, jobs, found)
			if len(found) == 0 || len(found) > 10 {
				t.Errorf("%d findings", len(found))
			}
		})
	}
}

func TestManyStepsAreReadInTime(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\nname: a\nsteps:\n")
	for i := range 1001 {
		fmt.Fprintf(&text, "  - id: s%d\n    sendText: { to: '1234567', body: \"${{ steps.s%d.messageId }}\" }\n", i, max(0, i-1))
	}
	src := &diag.Source{Name: "job.yaml", Text: []byte(text.String())}
	jobs, found := fakeLoader().Load(src, "job.yaml")
	sound(t, src, jobs, found)
	if !strings.Contains(rendered(found), "more than 1000 steps") {
		t.Errorf("got\n%.300s", rendered(found))
	}
}
