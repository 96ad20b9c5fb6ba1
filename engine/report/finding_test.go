package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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

func TestWriteSARIF(t *testing.T) {
	source := &diag.Source{Name: "jobs/a b.yaml", Text: []byte("x: 1\n")}
	var out bytes.Buffer
	err := report.WriteSARIF(&out, report.Findings(diag.List{at(source, 1, 1, 2), at(source, 1, 4, 5)}), "1.2.3",
		func(code string) string { return "title of " + code })
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
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
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Tool.Driver.Rules) != 1 || len(run.Results) != 2 {
		t.Errorf("got %+v", log)
	}
	place := run.Results[1].Locations[0].PhysicalLocation
	if place.ArtifactLocation.URI != "jobs/a%20b.yaml" || place.Region.StartColumn != 4 || place.Region.EndColumn != 5 {
		t.Errorf("got %+v", place)
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
