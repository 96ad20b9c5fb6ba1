package eval

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// minSecret is the length from which a secret is looked for: what is shorter stands in innocent text too.
const minSecret = 6

// Redactor knows the secrets and takes them out of text, in whatever form they got there: raw, escaped for a URL,
// for HTML or for JSON, also when that was quoted once more and stands in JSON again, in base64 and in hex, in
// capitals, backwards, each line of a secret of several lines, and what is left of one that was cut off with an
// ellipsis. It is safe for concurrent use.
type Redactor struct {
	mu      sync.Mutex
	secrets map[string][]string   // with their forms
	index   atomic.Pointer[index] // nil: no secrets
}

// NewRedactor gives a Redactor that knows no secrets.
func NewRedactor() *Redactor { return &Redactor{secrets: map[string][]string{}} }

// Add makes secret known. One shorter than 6 characters is not looked for.
func (r *Redactor) Add(secret string) { r.learn(forms, secret) }

// derive makes texts known that expressions made of secrets.
func (r *Redactor) derive(texts []string) { r.learn(derivedForms, texts...) }

func (r *Redactor) learn(forms func(string) []string, secrets ...string) {
	r.change(func() bool {
		changed := false
		for _, secret := range secrets {
			if r.secrets[secret] == nil && len(secret) >= minSecret {
				r.secrets[secret], changed = forms(secret), true
			}
		}
		return changed
	})
}

// remove forgets secrets that were released.
func (r *Redactor) remove(secrets ...string) {
	r.change(func() bool {
		changed := false
		for _, secret := range secrets {
			_, known := r.secrets[secret]
			delete(r.secrets, secret)
			changed = changed || known
		}
		return changed
	})
}

func (r *Redactor) change(change func() bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !change() {
		return
	}
	all := map[string]bool{}
	for _, forms := range r.secrets {
		for _, form := range forms {
			all[form] = true
		}
	}
	r.index.Store(newIndex(slices.Collect(maps.Keys(all))))
}

// Redact gives text with [redacted] in the place of each secret. Secrets that overlap become one.
func (r *Redactor) Redact(text string) string {
	if r == nil {
		return text
	}
	x := r.index.Load()
	if x == nil {
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
