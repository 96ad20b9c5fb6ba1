package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"waybill/engine/diag"
	"waybill/engine/report"
)

// at is a finding about a stretch of one line.
func at(source *diag.Source, line, from, to int) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "unknown-operation", Summary: `unknown operation "sendTxt"`,
		Range: diag.Range{Source: source, Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}},
	}
}

func TestWriteFindings(t *testing.T) {
	spring := &diag.Source{Name: "jobs/spring.yaml", Text: []byte("steps:\n    - sendTxt: { to: \"+34612345678\" }\n")}
	hinted := at(spring, 2, 7, 14)
	hinted.Hint, hinted.Detail = "did you mean sendText?", "There are six operations."
	typed := at(spring, 2, 7, 14)
	typed.Hint = "write\n  a: 1\n  b: 2"
	tabs := &diag.Source{Name: "t.json", Text: []byte("{\n\t\t\"名前\": 1\n}")}
	hostile := &diag.Source{Name: "a\x1b[31m.yaml", Text: []byte("x: \x1b]0;owned\x07 \u202eevil\n")}
	for _, c := range []struct {
		name string
		d    diag.Diagnostic
		want string
	}{
		{"with a hint", hinted, `jobs/spring.yaml:2:7: error: unknown operation "sendTxt" [unknown-operation]
    2 |     - sendTxt: { to: "+34612345678" }
      |       ^~~~~~~
There are six operations.
hint: did you mean sendText?
`},
		{"with a hint of several lines", typed, `jobs/spring.yaml:2:7: error: unknown operation "sendTxt" [unknown-operation]
    2 |     - sendTxt: { to: "+34612345678" }
      |       ^~~~~~~
hint: write
    a: 1
    b: 2
`},
		{"wide characters after tabs", at(tabs, 2, 3, 7), "t.json:2:3: error: unknown operation \"sendTxt\" [unknown-operation]\n" +
			"    2 | \t\t\"名前\": 1\n      | \t\t^~~~~~\n"},
		{"control characters", at(hostile, 1, 1, 2), "a\ufffd[31m.yaml:1:1: error: unknown operation \"sendTxt\" [unknown-operation]\n" +
			"    1 | x: ·]0;owned· ·evil\n      | ^\n"},
		{
			"without a place",
			diag.Diagnostic{Severity: diag.Warning, Code: "no-item-key", Summary: "no key"},
			"warning: no key [no-item-key]\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := report.WriteFindings(&out, report.Findings(diag.List{c.d}), report.Paint{}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestWriteFindingsStopsAtFifty(t *testing.T) {
	var list diag.List
	for i := range 63 {
		list = append(list, diag.Diagnostic{Severity: diag.Error, Code: "x", Summary: fmt.Sprint("finding ", i)})
	}
	var out bytes.Buffer
	if err := report.WriteFindings(&out, report.Findings(list), report.Paint{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != 51 {
		t.Errorf("got %d lines, want 51", got)
	}
	if !strings.HasSuffix(out.String(), "… and 13 more findings\n") {
		t.Errorf("the end is %q", out.String()[out.Len()-40:])
	}
}

func TestColoursOnlyWhenAsked(t *testing.T) {
	source := &diag.Source{Name: "a.yaml", Text: []byte("a: 1\n")}
	var plain, painted bytes.Buffer
	findings := report.Findings(diag.List{at(source, 1, 1, 2)})
	_ = report.WriteFindings(&plain, findings, report.Paint{})
	_ = report.WriteFindings(&painted, findings, report.Paint{On: true})
	if strings.Contains(plain.String(), "\x1b") {
		t.Errorf("escape codes without colours: %q", plain.String())
	}
	if !strings.Contains(painted.String(), "\x1b[31m") {
		t.Errorf("no red with colours: %q", painted.String())
	}
}

func TestWriteGitHubEscapes(t *testing.T) {
	source := &diag.Source{Name: "a,b:c.yaml", Text: []byte("x: 1\n")}
	d := at(source, 1, 1, 2)
	d.Summary, d.Hint = "100% wrong", "do this"
	var out bytes.Buffer
	if err := report.WriteGitHub(&out, report.Findings(diag.List{d})); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac.yaml,line=1,col=1,endLine=1,endColumn=2,title=unknown-operation::100%25 wrong%0Ahint: do this\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// sarif is the part of SARIF that these tests look at.
type sarif struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Rules []struct {
					ID                                      string
					ShortDescription, FullDescription, Help struct{ Text, Markdown string }
				}
			}
		}
		Results []struct {
			RuleID    string
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine, StartColumn, EndColumn int }
				}
			}
		}
	}
}

func writeSARIF(t *testing.T, list diag.List) sarif {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteSARIF(&out, report.Findings(list), "1.2.3", diag.Lookup); err != nil {
		t.Fatal(err)
	}
	var log sarif
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestWriteSARIF(t *testing.T) {
	source := &diag.Source{Name: "jobs/a b.yaml", Text: []byte("x: 1\n")}
	log := writeSARIF(t, diag.List{at(source, 1, 1, 2), at(source, 1, 4, 5)})
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Tool.Driver.Rules) != 1 || len(run.Results) != 2 {
		t.Errorf("got %+v", log)
	}
	place := run.Results[1].Locations[0].PhysicalLocation
	if place.ArtifactLocation.URI != "jobs/a%20b.yaml" || place.Region.StartColumn != 4 || place.Region.EndColumn != 5 {
		t.Errorf("got %+v", place)
	}
}

// TestSARIFNamesFiles: what begins with a slash alone is a reference, and relative to whatever a reader takes for the base.
func TestSARIFNamesFiles(t *testing.T) {
	for name, want := range map[string]string{
		"jobs/bad.yaml":              "jobs/bad.yaml",
		"../bad.yaml":                "../bad.yaml",
		"a:b.yaml":                   "./a:b.yaml",
		"/srv/jobs/bad 1.yaml":       "file:///srv/jobs/bad%201.yaml",
		"C:/jobs/bad.yaml":           "file:///C:/jobs/bad.yaml",
		"//host/share/bad.yaml":      "file://host/share/bad.yaml",
		"https://a.example/list.csv": "https://a.example/list.csv",
	} {
		log := writeSARIF(t, diag.List{at(&diag.Source{Name: name, Text: []byte("x: 1\n")}, 1, 1, 2)})
		if got := log.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// TestSARIFTellsEachCode: GitHub's code scanning requires three texts of a rule, and cuts the second at 1024 characters.
func TestSARIFTellsEachCode(t *testing.T) {
	source := &diag.Source{Name: "a.yaml", Text: []byte("x: 1\n")}
	var list diag.List
	for _, code := range append(diag.Names(), "unheard-of") {
		d := at(source, 1, 1, 2)
		d.Code = code
		list = append(list, d)
	}
	rules := writeSARIF(t, list).Runs[0].Tool.Driver.Rules
	if len(rules) != len(list) {
		t.Fatalf("%d rules for %d codes", len(rules), len(list))
	}
	for _, r := range rules {
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || r.Help.Markdown == "" {
			t.Errorf("%s lacks a text: %+v", r.ID, r)
		}
		if n := utf8.RuneCountInString(r.FullDescription.Text); n > 1024 || strings.Contains(r.FullDescription.Text, "\n") {
			t.Errorf("%s: a full description of %d characters: %q", r.ID, n, r.FullDescription.Text)
		}
	}
}

func TestJSONNeverHasNull(t *testing.T) {
	var out bytes.Buffer
	if err := report.WriteJSON(&out, report.NewCheck(0, 0, nil)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("got %s", out.String())
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b[2J", "a\u202eb", "\xff\xfe", "日本\n語", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range report.Clean(s) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("Clean(%q) leaves %U", s, r)
			}
		}
	})
}
