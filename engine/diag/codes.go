package diag

import (
	_ "embed"
	"strings"
)

// stories is the manual of the codes: a "# code: title" line for each, and its story below it.
//
//go:embed codes.md
var stories string

// Entry is what `waybill explain CODE` knows about a code.
type Entry struct {
	Name  string // "unknown-operation"
	Title string // one line, lower case, no full stop
	Story string // what it means, an example that is wrong and the same put right; plain text, ends with a line break
}

// Codes lists every code that a Diagnostic can have, in the order of the manual: from the bytes of a file to what
// its expressions mean.
func Codes() []Entry {
	var entries []Entry
	for section := range strings.SplitSeq("\n"+stories, "\n# ") {
		heading, story, _ := strings.Cut(section, "\n")
		name, title, ok := strings.Cut(heading, ": ")
		if !ok {
			continue
		}
		entries = append(entries, Entry{Name: name, Title: title, Story: strings.TrimSpace(story) + "\n"})
	}
	return entries
}

// Lookup finds the entry of a code.
func Lookup(name string) (Entry, bool) {
	for _, entry := range Codes() {
		if entry.Name == name {
			return entry, true
		}
	}
	return Entry{}, false
}

// Names lists the codes alone: for Suggest and for completion.
func Names() []string {
	entries := Codes()
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name
	}
	return names
}
