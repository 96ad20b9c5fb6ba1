package eval

import (
	"strings"
	"sync"
)

// minSecret is the length from which a secret is looked for: what is shorter stands in innocent text too.
const minSecret = 6

// Redactor knows the secrets and takes them out of text, in whatever form they got there: raw, escaped for a URL,
// for HTML or for JSON, also when that was quoted once more and stands in JSON again, in base64 and in hex, in
// capitals, backwards, each line of a secret of several lines, and what is left of one that was cut off with an
// ellipsis. It is safe for concurrent use.
type Redactor struct {
	mu      sync.RWMutex
	secrets map[string][]string // with their forms
	index   *index              // of all forms
}

// NewRedactor gives a Redactor that knows no secrets.
func NewRedactor() *Redactor { return &Redactor{secrets: map[string][]string{}, index: newIndex()} }

// Add makes secret known. One shorter than 6 characters is not looked for.
func (r *Redactor) Add(secret string) { r.learn(secret, forms) }

// derive makes a text known that an expression made of secrets.
func (r *Redactor) derive(text string) { r.learn(text, derivedForms) }

func (r *Redactor) learn(secret string, forms func(string) []string) {
	if len(secret) < minSecret || r.knows(secret) {
		return
	}
	all := forms(secret)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[secret] = all
	for _, form := range all {
		r.index.add(form)
	}
}

func (r *Redactor) knows(secret string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.secrets[secret] != nil
}

func (r *Redactor) knowsNothing() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.index.longest == 0
}

// remove forgets secrets that were released.
func (r *Redactor) remove(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		delete(r.secrets, secret)
	}
	r.index = newIndex()
	for _, forms := range r.secrets {
		for _, form := range forms {
			r.index.add(form)
		}
	}
}

// Redact gives text with [redacted] in the place of each secret. Secrets that overlap become one.
func (r *Redactor) Redact(text string) string {
	if r == nil {
		return text
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	x := r.index
	if x.longest == 0 {
		return text
	}
	var out strings.Builder
	copied, covered := 0, 0 // up to where text is in out; up to where a secret reaches
	for at := 0; ; at++ {
		at = x.candidate(text, at)
		if at < 0 {
			break
		}
		length := x.match(text[at:])
		if length == 0 {
			continue
		}
		if at >= covered {
			out.WriteString(text[copied:at])
			out.WriteString(redacted)
		}
		covered = max(covered, at+length)
		copied = covered
	}
	if copied == 0 {
		return text
	}
	out.WriteString(text[copied:])
	return out.String()
}
