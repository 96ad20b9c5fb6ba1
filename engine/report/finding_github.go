package report

import (
	"fmt"
	"io"
	"strings"
)

// WriteGitHub prints findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.
// Source: GitHub Docs, "Workflow commands for GitHub Actions", setting an error message.
func WriteGitHub(w io.Writer, findings []Finding) error {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "::%s ", f.Severity)
		if f.File != "" {
			fmt.Fprintf(&b, "file=%s,", property.Replace(f.File))
		}
		if f.Line > 0 {
			fmt.Fprintf(&b, "line=%d,col=%d,", f.Line, max(f.Column, 1))
		}
		if f.EndLine > 0 {
			fmt.Fprintf(&b, "endLine=%d,", f.EndLine)
		}
		if f.EndLine == f.Line && f.EndColumn > f.Column {
			fmt.Fprintf(&b, "endColumn=%d,", f.EndColumn)
		}
		fmt.Fprintf(&b, "title=%s::%s\n", property.Replace(f.Code), message.Replace(sentence(f)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sentence is a finding's words in one text: summary, detail, hint.
func sentence(f Finding) string {
	parts := []string{Clean(f.Summary)}
	if f.Detail != "" {
		parts = append(parts, Clean(f.Detail))
	}
	if f.Hint != "" {
		parts = append(parts, "hint: "+Clean(f.Hint))
	}
	return strings.Join(parts, "\n")
}
