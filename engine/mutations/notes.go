package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// noted is what is remembered of a mutation that went red.
type noted struct {
	Digest string   `json:"digest"` // of what was taken out
	Red    []string `json:"red"`
}

// of says whether it is about the mutation as it stands in the list today.
func (n noted) of(m mutation) bool { return n.Digest == m.digest() }

func (m mutation) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", m.edits, m.in, m.tests))
	return hex.EncodeToString(sum[:8])
}

func notesIn(dir string) string { return filepath.Join(dir, "mutations.json") }

// readNotes returns what went red before, by name; nothing where no folder was named.
func readNotes(dir string) (map[string]noted, error) {
	known := map[string]noted{}
	if dir == "" {
		return known, nil
	}
	text, err := os.ReadFile(notesIn(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return known, os.MkdirAll(dir, 0o700) //nolint:gosec // the folder that the user names
	}
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	return known, err
}

// note remembers that a mutation went red.
func note(dir string, m mutation, red []string) error {
	if dir == "" {
		return nil
	}
	known, err := readNotes(dir)
	if err != nil {
		return err
	}
	known[m.name] = noted{m.digest(), red}
	text, err := json.MarshalIndent(known, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(notesIn(dir), text, 0o600) //nolint:gosec // the folder that the user names
}

// What stands around the table in the README.
const (
	readme     = "README.md"
	tableBegin = "<!-- written by: go run ./engine/mutations -readme -->\n"
	tableEnd   = "<!-- end of mutations -->\n"
)

// writeReadme puts the table between its marks. What did not go red as it stands has no line.
func writeReadme(known map[string]noted) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("it is called in the folder of the README: %w", err)
	}
	head, rest, begun := strings.Cut(string(text), tableBegin)
	_, tail, ended := strings.Cut(rest, tableEnd)
	if !begun || !ended {
		return fmt.Errorf("%s has no table between %q and %q", readme, tableBegin, tableEnd)
	}
	var table strings.Builder
	table.WriteString("| | taken out | red |\n| --- | --- | --- |\n")
	for _, m := range all() {
		if n := known[m.name]; n.of(m) {
			fmt.Fprintf(&table, "| `%s` | %s | %s |\n", m.name, m.what, strings.Join(n.Red, ", "))
		}
	}
	return os.WriteFile(readme, []byte(head+tableBegin+table.String()+tableEnd+tail), 0o644) //nolint:gosec // it is public
}
