package cli

import (
	"bytes"
	"regexp"
	"sync"
	"unicode/utf8"

	"waybill/engine/diag"
	"waybill/engine/secret"
)

// literalToken finds tokens that stand in a job file as they are. It reads bytes, not YAML: a file that cannot be read
// is shown too, and its token must not be.
var literalToken = regexp.MustCompile(`\b[tT]oken["']?[ \t]*:[ \t]*(?:"([^"\n]+)|'([^'\n]+)|([^\s"',}\]#]+))`)

// maskedSources keeps copies of sources for excerpts, in which the tokens that stand in them are blotted out: an excerpt may
// show a part of a token, which the redactor would not know. It may be used by many goroutines.
type maskedSources struct {
	redactor *secret.Redactor

	mu     sync.Mutex
	copies map[*diag.Source]*diag.Source
}

// add tells the redactor of the tokens in a source, and keeps its masked copy when there are any.
func (m *maskedSources) add(source *diag.Source) {
	var masked []byte
	for _, at := range literalToken.FindAllSubmatchIndex(source.Text, -1) {
		for group := 2; group < len(at); group += 2 {
			from, to := at[group], at[group+1]
			if from < 0 || bytes.ContainsAny(source.Text[from:to], "$") {
				continue
			}
			m.redactor.Add(string(source.Text[from:to]))
			if masked == nil {
				masked = bytes.Clone(source.Text)
			}
			blot(masked[from:to])
		}
	}
	if masked == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.copies == nil {
		m.copies = map[*diag.Source]*diag.Source{}
	}
	m.copies[source] = &diag.Source{Name: source.Name, Text: masked}
}

// blot replaces each character by one as wide, so that columns stay.
func blot(text []byte) {
	for i := range text {
		if text[i] < utf8.RuneSelf {
			text[i] = '*'
		}
	}
}

// of returns the findings on the copies of their sources that may be shown.
func (m *maskedSources) of(list diag.List) diag.List {
	m.mu.Lock()
	defer m.mu.Unlock()
	shown := make(diag.List, len(list))
	for i, d := range list {
		if masked, ok := m.copies[d.Range.Source]; ok {
			d.Range.Source = masked
		}
		shown[i] = d
	}
	return shown
}
