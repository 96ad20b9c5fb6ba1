package diag

import "fmt"

// Severity says whether a finding stops the command.
type Severity uint8

// The two severities. A file with one Error sends nothing; a Warning is shown and passed over.
const (
	Error Severity = iota + 1
	Warning
)

// String returns the word that is printed: "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one finding about the user's file. It carries its place and the file's text with it,
// so that it can be printed with nothing else at hand.
type Diagnostic struct {
	Severity Severity
	Code     string // stable and greppable, one of Codes: "unknown-operation"
	Summary  string // one line, lower case, no full stop
	Detail   string // whole sentences; may be empty
	Hint     string // what to type next; may be empty
	Range    Range  // the zero value means no file

	Private []string // what of its words is a person's, such as the key of a row: text that many can see is shown without it
}

// String returns the finding in one line, as a compiler would: "a.yaml:3:5: error: … [code]".
func (d Diagnostic) String() string {
	text := fmt.Sprintf("%s: %s [%s]", d.Severity, d.Summary, d.Code)
	if d.Range.IsZero() {
		return text
	}
	return d.Range.String() + ": " + text
}
