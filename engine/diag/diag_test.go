package diag_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"waybill/engine/diag"
)

func TestSourceLines(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"empty":            {"", []string{""}},
		"one":              {"a", []string{"a"}},
		"ends with a line": {"a\n", []string{"a", ""}},
		"CR LF":            {"a\r\nb\r\n", []string{"a", "b", ""}},
		"CR alone":         {"a\rb", []string{"a", "b"}},
		"mark":             {"\ufeffa: ñ\nb", []string{"a: ñ", "b"}},
		"blank lines":      {"\n\r\n\r", []string{"", "", "", ""}},
		"tab":              {"\ta", []string{"\ta"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &diag.Source{Name: "x", Text: []byte(tc.text)}
			var got []string
			for n := 1; n <= s.Lines(); n++ {
				got = append(got, s.Line(n))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if s.Line(0) != "" || s.Line(99) != "" {
				t.Error("a line that is not there has text")
			}
		})
	}
}

func TestSourcePos(t *testing.T) {
	s := &diag.Source{Name: "x", Text: []byte("\ufeffañb\r\nc\xff\xfed")}
	for _, tc := range []struct {
		offset int
		want   diag.Pos
	}{
		{-5, diag.Pos{1, 1}},
		{0, diag.Pos{1, 1}},
		{3, diag.Pos{1, 1}},
		{6, diag.Pos{1, 3}},
		{7, diag.Pos{1, 4}},
		{9, diag.Pos{2, 1}},
		{11, diag.Pos{2, 3}},
		{99, diag.Pos{2, 5}},
	} {
		if got := s.Pos(tc.offset); got != tc.want {
			t.Errorf("Pos(%d) = %v, want %v", tc.offset, got, tc.want)
		}
	}
	if r := s.Range(3, 99); !r.Valid() || r.String() != "x:1:1" {
		t.Errorf("got %v, valid %v", r, r.Valid())
	}
}

func TestRangeValid(t *testing.T) {
	s := &diag.Source{Name: "x", Text: []byte("ab\nc")}
	for _, tc := range []struct {
		r    diag.Range
		want bool
	}{
		{diag.Range{}, true},
		{diag.Range{Start: diag.Pos{1, 1}}, false},
		{diag.Range{s, diag.Pos{1, 1}, diag.Pos{2, 2}}, true},
		{diag.Range{s, diag.Pos{1, 3}, diag.Pos{1, 3}}, true},
		{diag.Range{s, diag.Pos{1, 4}, diag.Pos{1, 4}}, false},
		{diag.Range{s, diag.Pos{1, 2}, diag.Pos{1, 1}}, false},
		{diag.Range{s, diag.Pos{3, 1}, diag.Pos{3, 1}}, false},
		{diag.Range{Source: s}, false},
	} {
		if got := tc.r.Valid(); got != tc.want {
			t.Errorf("%v: got %v, want %v", tc.r, got, tc.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for name, tc := range map[string]struct {
		text        string
		line        int
		from, to    int
		wantText    string
		wantMarks   string
		endNextLine bool
	}{
		"plain":       {"a: sendTxt", 1, 4, 11, "a: sendTxt", "   ^~~~~~~", false},
		"tab":         {"\t- x: y", 1, 4, 5, "\t- x: y", "\t  ^", false},
		"wide":        {"a: 日本 x", 1, 4, 6, "a: 日本 x", "   ^~~~", false},
		"wide before": {"日: x", 1, 4, 5, "日: x", "    ^", false},
		"empty range": {"a:", 1, 3, 3, "a:", "  ^", false},
		"more lines":  {"a: [1,  \n2]", 1, 4, 1, "a: [1,  ", "   ^~~", true},
		"control":     {"a: \x1b[31m", 1, 4, 5, "a: ·[31m", "   ^", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &diag.Source{Name: "x", Text: []byte(tc.text)}
			r := diag.Range{Source: s, Start: diag.Pos{Line: tc.line, Column: tc.from}, End: diag.Pos{Line: tc.line, Column: tc.to}}
			if tc.endNextLine {
				r.End.Line++
			}
			got := r.Excerpt()
			if got.Number != tc.line || got.Text != tc.wantText || got.Marks != tc.wantMarks {
				t.Errorf("got %+v\nwant %q\n     %q", got, tc.wantText, tc.wantMarks)
			}
		})
	}
}

func TestExcerptOfAVeryLongLine(t *testing.T) {
	s := &diag.Source{Name: "x", Text: []byte(strings.Repeat("a", 5000) + "WRONG" + strings.Repeat("b", 5000))}
	got := s.Range(5000, 5005).Excerpt()
	at := strings.Index(got.Marks, "^")
	shown := []rune(got.Text)
	if len(shown) > 170 || string(shown[at:at+5]) != "WRONG" || !strings.HasSuffix(got.Marks, "^~~~~") {
		t.Errorf("got %q\n    %q", got.Text, got.Marks)
	}
}

func TestSort(t *testing.T) {
	a := &diag.Source{Name: "a", Text: []byte("12345\n12345")}
	b := &diag.Source{Name: "b", Text: []byte("12345")}
	list := diag.List{
		{Severity: diag.Error, Code: "z", Range: b.Range(0, 1)},
		{Severity: diag.Error, Code: "z", Range: a.Range(7, 8)},
		{Severity: diag.Error, Code: "z", Range: a.Range(1, 2)},
		{Severity: diag.Error, Code: "a", Range: a.Range(1, 3)},
		{Severity: diag.Error, Code: "z", Range: a.Range(1, 2)},
		{Severity: diag.Warning, Code: "w"},
	}
	var got []string
	for _, d := range list.Sort() {
		got = append(got, d.Range.String()+" "+d.Code)
	}
	want := []string{" w", "a:1:2 a", "a:1:2 z", "a:2:2 z", "b:1:1 z"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if list[0].Range.Source != b {
		t.Error("Sort changed the list itself")
	}
}

func TestErr(t *testing.T) {
	warning := diag.Diagnostic{Severity: diag.Warning, Code: "w", Summary: "mind this"}
	fault := diag.Diagnostic{Severity: diag.Error, Code: "e", Summary: "that is wrong"}
	if err := (diag.List{warning}).Err(); err != nil {
		t.Errorf("a warning stops the command: %v", err)
	}
	if err := diag.List(nil).Err(); err != nil {
		t.Errorf("nothing stops the command: %v", err)
	}
	err := diag.List{warning, fault, fault}.Err()
	var found *diag.ListError
	if !errors.As(err, &found) || len(found.List) != 3 {
		t.Fatalf("got %#v", err)
	}
	if got, want := err.Error(), "error: that is wrong [e] (and 1 more)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"sendTemplate", "sendText", "sendMedia", "getStatus", "to", "body", "templateName", "id", "if"}
	for typed, want := range map[string]string{
		"sendTxt":                       "sendText",
		"sendtext":                      "sendText",
		"send_text":                     "sendText",
		"template-name":                 "templateName",
		"getStauts":                     "getStatus",
		"boby":                          "body",
		"template":                      "templateName",
		"send":                          "",
		"get":                           "",
		"sendText":                      "",
		"tx":                            "",
		"frobnicate":                    "",
		"":                              "",
		strings.Repeat("sendText", 100): "",
	} {
		if got := diag.Suggest(typed, known); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestCodes(t *testing.T) {
	entries := diag.Codes()
	if len(entries) < 40 {
		t.Fatalf("only %d codes", len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.Name] {
			t.Errorf("%s stands twice", e.Name)
		}
		seen[e.Name] = true
		if e.Name == "" || strings.ToLower(e.Name) != e.Name || strings.Contains(e.Name, " ") {
			t.Errorf("bad name %q", e.Name)
		}
		if e.Title == "" || strings.HasSuffix(e.Title, ".") {
			t.Errorf("%s: bad title %q", e.Name, e.Title)
		}
		if len(e.Story) < 40 {
			t.Errorf("%s has no story", e.Name)
		}
		if got, ok := diag.Lookup(e.Name); !ok || got != e {
			t.Errorf("%s is not found", e.Name)
		}
	}
	if _, ok := diag.Lookup("nonsense"); ok {
		t.Error("found nonsense")
	}
	if len(diag.Names()) != len(entries) {
		t.Error("Names and Codes differ")
	}
}
