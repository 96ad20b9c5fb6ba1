package jobfile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"waybill/engine/diag"
)

// emitted reads the code of a package and gives the string literals that can be codes: those that surely are (what a
// Diagnostic's Code is set to, or a finding is begun with), and all that look like one.
func emitted(t *testing.T, dir string) (sure, perhaps map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	sure, perhaps = map[string]bool{}, map[string]bool{}
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	note := func(in map[string]bool, e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && form.MatchString(text) {
				in[text] = true
			}
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				note(perhaps, n)
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					note(sure, n.Value)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Fault", "Warn", "report", "whole"}, f.Sel.Name) {
					for _, arg := range n.Args[:min(2, len(n.Args))] {
						note(sure, arg)
					}
				}
			}
			return true
		})
	}
	return sure, perhaps
}

func TestEveryCodeHasItsStoryAndEveryStoryItsCode(t *testing.T) {
	var found []string
	for _, dir := range []string{".", "../source", "../eval", "../runner", "../sources", "..", "../cli", "../../steps", "../../steps/template"} {
		sure, perhaps := emitted(t, dir)
		for code := range sure {
			if _, ok := diag.Lookup(code); !ok {
				t.Errorf("%s: code %q has no story in engine/diag/codes.md", dir, code)
			}
		}
		for code := range perhaps {
			found = append(found, code)
		}
	}
	for _, entry := range diag.Codes() {
		if !slices.Contains(found, entry.Name) {
			t.Errorf("nothing emits %q", entry.Name)
		}
	}
}

func TestTheBadFilesShowEveryCodeOfTheLoader(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range badFiles(t) {
		src, jobs, found := loadFile(t, name)
		sound(t, src, jobs, found)
		for _, d := range found {
			shown[d.Code] = true
		}
	}
	// What comes of the command line, of a plan or a run is told elsewhere, and what a big file would show in TestBigFiles….
	elsewhere := strings.Fields(`file-too-big bad-recipient bad-parameter missing-input unknown-input expression-failed
		too-many-recipients people-reached-before sent-by-run key-respelled below-table job-name-taken no-item-key plan-depends stale-plan ledger-refused media-of-one-number job-changed recipient-changed ledger
		run-stopped already-sent changed-since-sent not-chosen unknown-item refused-before in-doubt under-way-elsewhere sending-rate no-pace slow-ledger leftover-value mixed-dates near-value unmet-value absent-key
		odd-number assumed-country doubtful-value pair-limit offline condition earlier-step expired invalid-row too-old no-receiver rollout
		where excluded bad-exclusion cancelled one-account opted-out opted-out-of-marketing category-unknown quiet-hours at-most same-person per-day too-expensive no-price bad-rates
		unknown-sheet other-sheets hidden-rows merged-cells query-failed url-not-allowed fetch-failed stdin-gone not-a-person empty-list
		bad-lock unlocked-account unknown-template template-unusable template-not-ready template-mismatch template-category templates-unread bad-template`)
	for _, code := range diag.Names() {
		if !shown[code] && !slices.Contains(elsewhere, code) {
			t.Errorf("no bad file shows %q", code)
		}
	}
}
