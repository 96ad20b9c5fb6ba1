package template

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"
)

const lockHead = `# What the templates of the accounts are, as waybill templates pull read them. Review it and commit it; pull writes it anew.
` + lockVersion + "\n" + lockTop + "\n"

// With returns the text of a lock file with this account in place of the one with its id; l may be nil. The other accounts stay to
// the byte.
func (l *Lock) With(fresh *Account) ([]byte, error) {
	type part struct {
		id   string
		text []byte
	}
	text, err := fresh.write()
	if err != nil {
		return nil, err
	}
	parts := []part{{fresh.ID, text}}
	if l != nil && l.Source != nil {
		for _, a := range l.Accounts {
			if a.ID != fresh.ID {
				parts = append(parts, part{a.ID, bytes.TrimRight(l.Source.Text[a.from:a.to], "\r\n")})
			}
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return compareText(a.id, b.id) })
	var b bytes.Buffer
	b.WriteString(lockHead)
	for _, p := range parts {
		b.Write(p.text)
		if !bytes.HasSuffix(p.text, []byte("\n")) {
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// write writes the lines of an account.
func (a *Account) write() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("  \"" + a.ID + "\":\n    read: \"" + a.Read.UTC().Format(time.RFC3339) + "\"\n    templates:\n")
	for _, name := range a.names {
		b.WriteString("      " + quoteKey(name) + ":\n")
		for _, e := range a.entries[name] {
			t, err := e.read(name)
			if err != nil {
				return nil, err
			}
			text, err := writeEntry(*t)
			if err != nil {
				return nil, err
			}
			b.WriteString("        " + quoteKey(e.language) + ":\n")
			for line := range bytes.Lines(text) {
				if len(bytes.TrimSpace(line)) > 0 {
					b.WriteString(strings.Repeat(" ", fieldIndent))
				}
				b.Write(line)
			}
		}
	}
	return b.Bytes(), nil
}

// plainKey are the names that every reader of YAML takes for text.
var plainKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(_[A-Z]{2,4})?$`)

func quoteKey(key string) string {
	switch key {
	case "no", "on", "off", "yes", "y", "n", "null", "true", "false":
		return `"` + key + `"`
	}
	if plainKey.MatchString(key) {
		return key
	}
	return `"` + key + `"`
}
