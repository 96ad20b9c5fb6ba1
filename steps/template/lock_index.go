package template

import (
	"bytes"
	"fmt"
	"time"

	"waybill/engine/diag"
)

// The first words of a lock file, and how far the lines of each level are indented.
const (
	lockVersion = "version: 1"
	lockTop     = "accounts:"

	accountIndent  = 2
	factIndent     = 4
	nameIndent     = 6
	languageIndent = 8
	fieldIndent    = 10
)

// ReadLock finds the templates in a lock file, and parses none of them. A file in another layout than pull writes is a finding at
// the line where it begins to differ.
func ReadLock(src *diag.Source) (*Lock, diag.List) {
	x := &indexer{lock: &Lock{Source: src}}
	text := bytes.TrimPrefix(src.Text, []byte("\ufeff"))
	offset := len(src.Text) - len(text)
	for line := range bytes.Lines(text) {
		x.number++
		x.from, offset = offset, offset+len(line)
		x.to = offset
		if wrong := x.take(bytes.TrimRight(line, "\r\n")); wrong != "" {
			at := diag.Range{Source: src, Start: diag.Pos{Line: x.number, Column: 1}, End: diag.Pos{Line: x.number, Column: 1}}
			return nil, diag.List{badLock(at, wrong)}
		}
	}
	x.endEntry()
	if !x.begun {
		return nil, diag.List{badLock(diag.Range{Source: src, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 1}}, "it does not begin with "+lockVersion)}
	}
	return x.lock, nil
}

func badLock(at diag.Range, wrong string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "bad-lock", Range: at, Summary: "the lock of the templates cannot be read: " + wrong,
		Detail: "It is in the layout that `waybill templates pull` writes, line for line.",
		Hint:   "settle a merge by pulling again: waybill templates pull",
	}
}

// indexer goes through the lines of a lock file.
type indexer struct {
	lock     *Lock
	number   int // of the line, from 1
	from, to int // byte offsets of the line
	begun    bool
	inside   bool // of an account's templates
	account  *Account
	name     string
	entry    *entry
	start    int // offset of the entry's first field
}

// take reads a line, and returns what is wrong with it.
func (x *indexer) take(line []byte) string {
	words := bytes.TrimLeft(line, " ")
	indent := len(line) - len(words)
	switch {
	case len(words) == 0:
		return ""
	case x.entry != nil && indent >= fieldIndent:
		x.account.to = x.to
		return "" // of the entry, and read with it
	case words[0] == '#':
		return ""
	}
	x.endEntry()
	if x.account != nil && indent > 0 && indent != accountIndent {
		x.account.to = x.to
	}
	key, value, ok := bytes.Cut(words, []byte(":"))
	if !ok {
		return fmt.Sprintf("line %d has no key", x.number)
	}
	name, rest := unquote(string(key)), string(bytes.TrimSpace(value))
	switch {
	case indent == 0 && !x.begun && string(words) == lockVersion:
		x.begun = true
	case indent == 0 && x.begun && string(words) == lockTop:
	case indent == accountIndent && x.begun && rest == "":
		x.account, x.inside, x.name = &Account{ID: name, entries: map[string][]*entry{}, from: x.from, to: x.to}, false, ""
		if x.lock.Account(name) != nil {
			return fmt.Sprintf("account %s stands twice", name)
		}
		x.lock.Accounts = append(x.lock.Accounts, x.account)
	case x.account == nil:
		return fmt.Sprintf("line %d belongs to no account", x.number)
	case indent == factIndent:
		return x.fact(name, unquote(rest))
	case indent == nameIndent && x.inside && (rest == "" || rest == "{}"):
		if x.account.entries[name] != nil {
			return fmt.Sprintf("template %s stands twice", name)
		}
		x.name = name
		x.account.names = append(x.account.names, name)
	case indent == languageIndent && x.name != "" && rest == "":
		x.entry, x.start = &entry{language: name, line: x.number}, x.to
	default:
		return fmt.Sprintf("line %d is not where pull would write it", x.number)
	}
	return ""
}

// fact reads what is said of an account.
func (x *indexer) fact(name, value string) string {
	switch name {
	case "read":
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return fmt.Sprintf("%q is no time", value)
		}
		x.account.Read = at
	case "templates":
		x.inside = true
	default:
		return fmt.Sprintf("nobody knows %q of an account", name)
	}
	return ""
}

// endEntry files the entry that the lines before were about.
func (x *indexer) endEntry() {
	if x.entry == nil {
		return
	}
	x.entry.text = x.lock.Source.Text[x.start:max(x.start, x.account.to)]
	x.account.entries[x.name] = append(x.account.entries[x.name], x.entry)
	x.entry = nil
}

func unquote(text string) string {
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}
