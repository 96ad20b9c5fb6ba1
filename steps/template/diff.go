package template

import (
	"fmt"
	"slices"
	"strings"

	"waybill/whatsapp"
)

// Kind is what became of a template.
type Kind string

// The kinds of a Change.
const (
	Added   Kind = "added"
	Changed Kind = "changed"
	Gone    Kind = "gone"
)

// Change is what became of one template.
type Change struct {
	Name     string        `json:"name"`
	Language string        `json:"language"`
	Kind     Kind          `json:"kind"`
	Fields   []FieldChange `json:"fields"` // of a changed one
}

// FieldChange is a part of a template that is another one now. Either side may be empty: it was not there.
type FieldChange struct {
	Field string `json:"field"` // "status", "body", "button 0"
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Diff compares what was known of an account with what it is now, by name and language. before may be nil: nothing was known.
func Diff(before, now *Account) ([]Change, error) {
	if before == nil {
		before = NewAccount(now.ID, now.Read, nil)
	}
	old, err := before.Templates()
	if err != nil {
		return nil, err
	}
	fresh, err := now.Templates()
	if err != nil {
		return nil, err
	}
	changes := []Change{}
	for _, t := range fresh {
		i := slices.IndexFunc(old, sameTemplate(t))
		if i < 0 {
			changes = append(changes, Change{Name: t.Name, Language: t.Language, Kind: Added, Fields: []FieldChange{}})
		} else if fields := DiffTemplate(old[i], t); len(fields) > 0 {
			changes = append(changes, Change{Name: t.Name, Language: t.Language, Kind: Changed, Fields: fields})
		}
	}
	for _, t := range old {
		if !slices.ContainsFunc(fresh, sameTemplate(t)) {
			changes = append(changes, Change{Name: t.Name, Language: t.Language, Kind: Gone, Fields: []FieldChange{}})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return compareText(a.Name+"\x00"+a.Language, b.Name+"\x00"+b.Language) })
	return changes, nil
}

func sameTemplate(t whatsapp.Template) func(whatsapp.Template) bool {
	return func(other whatsapp.Template) bool { return other.Name == t.Name && other.Language == t.Language }
}

// DiffTemplate compares two states of a template.
func DiffTemplate(old, now whatsapp.Template) []FieldChange {
	changes := []FieldChange{}
	before, after := fieldsOf(formOf(old)), fieldsOf(formOf(now))
	for _, f := range after {
		i := slices.IndexFunc(before, func(b field) bool { return b.name == f.name })
		switch {
		case i < 0:
			changes = append(changes, FieldChange{Field: f.name, New: f.value})
		case before[i].value != f.value:
			changes = append(changes, FieldChange{Field: f.name, Old: before[i].value, New: f.value})
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(after, func(f field) bool { return f.name == b.name }) {
			changes = append(changes, FieldChange{Field: b.name, Old: b.value})
		}
	}
	return changes
}

type field struct{ name, value string }

// fieldsOf are the parts of a template, in the order in which they are written.
func fieldsOf(f entryForm) []field {
	var list []field
	add := func(name, value string) {
		if value != "" {
			list = append(list, field{name, value})
		}
	}
	add("id", f.ID)
	add("status", f.Status)
	add("category", f.Category)
	add("correctCategory", f.CorrectCategory)
	add("source", f.Source)
	add("rejectedReason", f.RejectedReason)
	add("parameterFormat", f.ParameterFormat)
	f.fields("", add)
	return list
}

func (f partsForm) fields(prefix string, add func(name, value string)) {
	if f.Header != nil {
		add(prefix+"header", strings.TrimSpace(f.Header.Format+" "+string(f.Header.Text)))
	}
	if f.Body != nil {
		add(prefix+"body", string(f.Body.Text))
	}
	if f.Offer != nil {
		add(prefix+"limitedTimeOffer", fmt.Sprintf("%s (expires: %t)", f.Offer.Text, f.Offer.Expires))
	}
	add(prefix+"footer", string(f.Footer))
	for i, b := range f.Buttons {
		add(fmt.Sprintf("%sbutton %d", prefix, i), strings.Join(strings.Fields(b.Type+" "+string(b.Text)+" "+b.URL+" "+b.PhoneNumber), " "))
	}
	for i, card := range f.Cards {
		card.fields(fmt.Sprintf("%scard %d ", prefix, i), add)
	}
	for i, o := range f.Others {
		add(fmt.Sprintf("%sother %d", prefix, i), strings.TrimSpace(o.Type+" "+string(o.Text)))
	}
}
