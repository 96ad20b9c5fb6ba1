package cli

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"waybill/engine/diag"
)

// literalToken finds tokens that stand in a job file as they are. It reads bytes, not YAML: a file that cannot be read
// is shown too, and its token must not be.
var literalToken = regexp.MustCompile(`\b[tT]oken["']?[ \t]*:[ \t]*(?:"([^"\n]+)|'([^'\n]+)|([^\s"',}\]#]+))`)

// hideTokens tells the redactor of the tokens in a source, and keeps a copy of it for excerpts in which they are
// blotted out: an excerpt may show a part of a token, which the redactor would not know.
func (a *app) hideTokens(source *diag.Source) {
	var masked []byte
	for _, m := range literalToken.FindAllSubmatchIndex(source.Text, -1) {
		for group := 2; group < len(m); group += 2 {
			from, to := m[group], m[group+1]
			if from < 0 || bytes.ContainsAny(source.Text[from:to], "$") {
				continue
			}
			a.redactor.Add(string(source.Text[from:to]))
			if masked == nil {
				masked = bytes.Clone(source.Text)
			}
			blot(masked[from:to])
		}
	}
	if masked != nil {
		a.masked[source] = &diag.Source{Name: source.Name, Text: masked}
	}
}

// blot replaces each character by one as wide, so that columns stay.
func blot(text []byte) {
	for i := range text {
		if text[i] < utf8.RuneSelf {
			text[i] = '*'
		}
	}
}

// hide gives the findings on the copies of their sources that may be shown.
func (a *app) hide(list diag.List) diag.List {
	shown := make(diag.List, len(list))
	for i, d := range list {
		if masked, ok := a.masked[d.Range.Source]; ok {
			d.Range.Source = masked
		}
		shown[i] = d
	}
	return shown
}
