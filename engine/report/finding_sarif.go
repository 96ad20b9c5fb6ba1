package report

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"waybill/engine/diag"
)

// The part of SARIF 2.1.0 that findings need. Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
		Help  sarifHelp `json:"help"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"` // GitHub shows it in the place of the text
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// WriteSARIF prints findings for code scanning. lookup returns what is known of a code; version is the program's.
func WriteSARIF(w io.Writer, findings []Finding, version string, lookup func(code string) (diag.Entry, bool)) error {
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: "waybill", Version: version, Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	rules := map[string]int{}
	for _, f := range findings {
		index, known := rules[f.Code]
		if !known {
			index = len(rules)
			rules[f.Code] = index
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule(f.Code, lookup))
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Code, RuleIndex: index, Level: f.Severity,
			Message: sarifText{Text: sentence(f)}, Locations: locations(f),
		})
	}
	return WriteJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// rule tells a code's story. GitHub requires all of its texts; the full description it cuts at 1024 characters.
func rule(code string, lookup func(string) (diag.Entry, bool)) sarifRule {
	entry, known := lookup(code)
	if !known {
		entry = diag.Entry{Name: code, Title: code, Story: code}
	}
	about, _, _ := strings.Cut(entry.Story, "\n\n")
	return sarifRule{
		ID:    code,
		Short: sarifText{Text: entry.Title},
		Full:  sarifText{Text: strings.ReplaceAll(strings.TrimSpace(about), "\n", " ")},
		Help:  sarifHelp{Text: entry.Story, Markdown: entry.Story},
	}
}

// locations says where a finding is. Relative paths stand as they are, for they are those of the repository.
func locations(f Finding) []sarifLocation {
	if f.File == "" {
		return []sarifLocation{}
	}
	at := sarifPhysical{Artifact: sarifArtifact{URI: fileURI(f.File)}}
	if f.Line > 0 {
		at.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn}
	}
	return []sarifLocation{{Physical: at}}
}

// fileURI returns the URI of a file, or of an address, which is one. An absolute path needs the scheme: what begins with a slash
// alone is a reference, and relative to whatever a reader takes for the base.
func fileURI(name string) string {
	if strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://") {
		return name
	}
	uri := url.URL{Path: filepath.ToSlash(name)}
	drive := len(uri.Path) > 2 && uri.Path[1] == ':' && uri.Path[2] == '/'
	switch {
	case drive:
		uri.Scheme, uri.Path = "file", "/"+uri.Path
	case strings.HasPrefix(uri.Path, "//"): // a share: //host/folder
		host, path, _ := strings.Cut(uri.Path[2:], "/")
		uri.Scheme, uri.Host, uri.Path = "file", host, "/"+path
	case strings.HasPrefix(uri.Path, "/"):
		uri.Scheme = "file"
	}
	return uri.String()
}
