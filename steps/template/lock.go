package template

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"waybill/engine/diag"
	"waybill/whatsapp"
)

// LockName is the name of the lock file, beside the jobs.
const LockName = "templates.lock.yaml"

// Lock is what is known of the templates of some accounts. It is not changed after it was made, and safe for concurrent use.
type Lock struct {
	Source   *diag.Source // the file; nil: it was asked for, and there is no file
	Accounts []*Account   // in the order of the file
}

// Account is the templates of one account.
type Account struct {
	ID   string    // of the WABA
	Read time.Time // when they were read

	names   []string // in the order of the file
	entries map[string][]*entry
	asked   map[string]bool // the names that were asked for; nil: all that there are
	from    int             // byte offsets of the account's lines in the file
	to      int
}

// entry is a template in one language.
type entry struct {
	language string
	line     int // of the file, that of the language
	text     []byte

	once     sync.Once
	template whatsapp.Template
	err      error
}

// NewAccount makes an account of what it answered. What it lists twice is there once: its list may move between two pages of it, and one that
// was deleted may still stand beside its successor. Of two that differ the approved one counts.
func NewAccount(id string, read time.Time, list []whatsapp.Template) *Account {
	a := &Account{ID: id, Read: read, entries: map[string][]*entry{}}
	for _, t := range list {
		if twin := a.entry(t.Name, t.Language); twin != nil {
			if twin.template.Status != whatsapp.TemplateApproved {
				twin.template = t
			}
			continue
		}
		if a.entries[t.Name] == nil {
			a.names = append(a.names, t.Name)
		}
		e := &entry{language: t.Language, template: t}
		e.once.Do(func() {})
		a.entries[t.Name] = append(a.entries[t.Name], e)
	}
	slices.Sort(a.names)
	for _, variants := range a.entries {
		slices.SortFunc(variants, func(a, b *entry) int { return compareText(a.language, b.language) })
	}
	return a
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Account returns an account by its id; nil when there is none.
func (l *Lock) Account(id string) *Account {
	if l == nil {
		return nil
	}
	for _, a := range l.Accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// Names lists the names of an account's templates.
func (a *Account) Names() []string { return slices.Clone(a.names) }

// Len counts the templates, each language of a name by itself.
func (a *Account) Len() int {
	n := 0
	for _, variants := range a.entries {
		n += len(variants)
	}
	return n
}

// Languages lists the languages of a name; none: there is no such template.
func (a *Account) Languages(name string) []string {
	var languages []string
	for _, e := range a.entries[name] {
		languages = append(languages, e.language)
	}
	return languages
}

// Find returns a template; false when the account has none of that name in that language. The error is about the lock file.
func (a *Account) Find(name, language string) (whatsapp.Template, bool, error) {
	e := a.entry(name, language)
	if e == nil {
		return whatsapp.Template{}, false, nil
	}
	t, err := e.read(name)
	if err != nil {
		return whatsapp.Template{}, false, err
	}
	return *t, true, nil
}

func (a *Account) entry(name, language string) *entry {
	for _, e := range a.entries[name] {
		if e.language == language {
			return e
		}
	}
	return nil
}

// Templates returns all of them by name and language.
func (a *Account) Templates() ([]whatsapp.Template, error) {
	var list []whatsapp.Template
	for _, name := range a.names {
		for _, e := range a.entries[name] {
			t, err := e.read(name)
			if err != nil {
				return nil, err
			}
			list = append(list, *t)
		}
	}
	return list, nil
}

// read parses the entry, once.
func (e *entry) read(name string) (*whatsapp.Template, error) {
	e.once.Do(func() {
		e.template, e.err = parseEntry(e.text)
		e.template.Name, e.template.Language = name, e.language
		if e.err != nil {
			e.err = fmt.Errorf("template %s in %s, at line %d of %s, cannot be read: %w", name, e.language, e.line, LockName, e.err)
		}
		e.text = nil
	})
	return &e.template, e.err
}
