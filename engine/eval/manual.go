package eval

import (
	_ "embed"
	"strings"
)

//go:embed functions.md
var functionsManual string

//go:embed expressions.md
var expressionsManual string

// FunctionsManual tells of every function, with examples and what they give, for people.
func FunctionsManual() string { return functionsManual }

// ExpressionsManual tells how expressions are written, with recipes, for people.
func ExpressionsManual() string { return expressionsManual }

// Example is an example of the manuals.
type Example struct {
	Text   string `json:"text"`   // as it would stand in a job file
	Result string `json:"result"` // a text as it is, everything else as JSON; "error: …" where it fails
}

// FunctionEntry is what the manual says of functions that are described together.
type FunctionEntry struct {
	Chapter  string    `json:"chapter"`
	Forms    string    `json:"forms"` // how they are called: "upper(s), lower(s)"
	About    string    `json:"about"`
	Examples []Example `json:"examples"`
}

// firstChapter begins what FunctionsManual has after its introduction.
const firstChapter = "Text\n"

// FunctionEntries are those of FunctionsManual, in its order.
func FunctionEntries() []FunctionEntry {
	var entries []FunctionEntry
	chapter := ""
	at := strings.Index(functionsManual, "\n"+firstChapter) + 1
	for line := range strings.Lines(functionsManual[at:]) {
		line = strings.TrimRight(line, "\n")
		text := strings.TrimLeft(line, " ")
		switch indent := len(line) - len(text); {
		case text == "":
		case indent == 0:
			chapter = text
		case indent == 2:
			entries = append(entries, FunctionEntry{Chapter: chapter, Forms: text, Examples: []Example{}})
		default:
			last := &entries[len(entries)-1]
			if example, ok := exampleOf(text); ok {
				last.Examples = append(last.Examples, example)
			} else {
				last.About = strings.TrimSpace(last.About + " " + text)
			}
		}
	}
	return entries
}

// exampleOf reads a line of the manuals.
func exampleOf(line string) (Example, bool) {
	text, result, found := strings.Cut(line, "  →  ")
	return Example{Text: strings.TrimSpace(text), Result: result}, found
}
