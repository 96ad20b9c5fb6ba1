package template

import (
	"fmt"
	"slices"
	"strings"

	"waybill/engine/diag"
	"waybill/whatsapp"
)

// MissError says that a lock has no such template, and what is likely to be meant.
type MissError struct {
	Language bool // the name is there, and not in that language
	Account  bool // nothing is known of the whole account
	Summary  string
	Hint     string
}

func (m *MissError) Error() string { return m.Summary }

// LookUp finds a template of an account; with an empty id, of whichever account has it. The template is shared, and not to be changed.
// The error is a *MissError, or about the file.
func (l *Lock) LookUp(wabaID, name, language string) (*whatsapp.Template, error) {
	accounts := l.Accounts
	if wabaID != "" {
		i := slices.IndexFunc(accounts, func(a *Account) bool { return a.ID == wabaID })
		if i < 0 {
			return nil, &MissError{
				Account: true, Summary: fmt.Sprintf("%s has no templates of account %s", LockName, wabaID),
				Hint: "read them: waybill templates pull",
			}
		}
		accounts = accounts[i : i+1]
	}
	var names, languages []string
	for _, a := range accounts {
		if a.asked != nil && !a.asked[name] {
			return nil, &MissError{Account: true, Summary: "nobody asked for template " + name}
		}
		if e := a.entry(name, language); e != nil {
			return e.read(name)
		}
		languages = append(languages, a.Languages(name)...)
		if len(a.names) > 0 {
			names = append(names, a.names...)
		}
	}
	return nil, l.miss(name, language, names, languages)
}

// HasName says whether a template of that name is there in some language; else it says what is likely to be meant.
func (l *Lock) HasName(wabaID, name string) error {
	accounts := l.Accounts
	if a := l.Account(wabaID); a != nil {
		accounts = []*Account{a}
	}
	var names []string
	for _, a := range accounts {
		if len(a.entries[name]) > 0 {
			return nil
		}
		names = append(names, a.names...)
	}
	return l.miss(name, "", names, nil)
}

func (l *Lock) miss(name, language string, names, languages []string) *MissError {
	if len(languages) > 0 {
		slices.Sort(languages)
		languages = slices.Compact(languages)
		m := &MissError{Language: true, Summary: fmt.Sprintf("template %s is not there in %q (132001)", name, language)}
		m.Hint = "it is there in " + strings.Join(languages, ", ") + "; the code must match exactly"
		if near := nearLanguage(language, languages); near != "" {
			m.Hint = fmt.Sprintf("did you mean %s? The code must match exactly", near)
		}
		return m
	}
	m := &MissError{Summary: fmt.Sprintf("there is no template %q (132001)", name), Hint: "where it is new: waybill templates pull"}
	if near := diag.Suggest(name, names); near != "" {
		m.Hint = fmt.Sprintf("did you mean %s?", near)
	}
	return m
}

// nearLanguage is the one that is likely to be meant: es for es_ES, en_US for en, pt_BR for pt-br.
func nearLanguage(language string, languages []string) string {
	if near := diag.Suggest(language, languages); near != "" {
		return near
	}
	if len(languages) == 1 && strings.EqualFold(root(language), root(languages[0])) {
		return languages[0]
	}
	return ""
}

func root(language string) string {
	before, _, _ := strings.Cut(strings.ReplaceAll(language, "-", "_"), "_")
	return before
}

// State is whether a template can be sent by name.
type State int

// The states.
const (
	Sendable State = iota
	NotReady       // PAUSED, PENDING and the like: it may become sendable
	Unusable       // it will not become sendable as it is
)

// StateOf says it, with why and what to do.
func StateOf(t whatsapp.Template) (state State, summary, hint string) {
	if t.Generated() {
		return Unusable, "WhatsApp generated it, and it cannot be sent by name (132018)", "make a template of your own"
	}
	switch status := strings.ToUpper(t.Status); status {
	case whatsapp.TemplateApproved:
		return Sendable, "", ""
	case "REJECTED":
		why := ""
		if t.RejectedReason != "" && t.RejectedReason != "NONE" {
			why = " for " + t.RejectedReason
		}
		return Unusable, "it was rejected" + why + " (132001)", "edit it, and wait for the review: waybill templates push"
	case "DISABLED":
		return Unusable, "it is disabled (132016)", "make a new template with another content"
	case "DELETED", "PENDING_DELETION", "ARCHIVED", "LIMIT_EXCEEDED":
		return Unusable, "it is " + status + " (132001)", "make a new one: waybill templates push"
	case "PAUSED":
		return NotReady, "it is paused for its quality (132015)", "wait until it is APPROVED again, then: waybill templates pull"
	default:
		return NotReady, "it is " + status + ", not APPROVED (132001)", "once it is approved: waybill templates pull"
	}
}
