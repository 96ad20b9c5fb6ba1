package secret

import "sync"

// MinLength is the length, in bytes, from which a secret is looked for: what is shorter stands in innocent text too.
const MinLength = 6

// Redacted is what is shown in the place of a secret.
const Redacted = "[redacted]"

// Redactor knows the secrets and takes them out of text, raw and in their encodings (see forms.go), each line of a
// secret of several lines, and what is left of one that was cut off with an ellipsis. It is safe for concurrent use.
// A nil *Redactor knows none; NewRedactor makes one that can learn.
type Redactor struct {
	mu      sync.RWMutex
	secrets map[string][]string // with their forms
	index   *index              // of all forms
}

// NewRedactor returns a Redactor that knows no secrets.
func NewRedactor() *Redactor { return &Redactor{secrets: map[string][]string{}, index: newIndex()} }

// Add makes secret known. One shorter than MinLength is not looked for. It is idempotent.
func (r *Redactor) Add(secret string) {
	r.learn(secret, forms)
	if bare := Trim(secret); bare != secret { // what is sent of it
		r.learn(bare, forms)
	}
}

// AddDerived makes a text known that was made of secrets: as a whole, not line by line.
func (r *Redactor) AddDerived(text string) { r.learn(text, derivedForms) }

func (r *Redactor) learn(secret string, forms func(string) []string) {
	if len(secret) < MinLength || r.knows(secret) {
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

// Remove forgets secrets that were released.
func (r *Redactor) Remove(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		delete(r.secrets, secret)
		delete(r.secrets, Trim(secret))
	}
	r.index = newIndex()
	for _, forms := range r.secrets {
		for _, form := range forms {
			r.index.add(form)
		}
	}
}

// Redact returns text with Redacted in the place of each secret. Secrets that overlap become one.
func (r *Redactor) Redact(text string) string {
	if r == nil {
		return text
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.index.longest == 0 {
		return text
	}
	out, copied, _ := r.index.replace(nil, text, len(text), 0)
	if copied == 0 {
		return text
	}
	return string(append(out, text[copied:]...))
}

// replace appends text[:end] to out with Redacted for the words that begin there. Up to covered, text belongs to a
// word that was replaced before. It returns up to where text is in out, and up to where the last word reaches,
// which may be beyond end.
func (x *index) replace(out []byte, text string, end, covered int) (_ []byte, copied, reach int) {
	copied = min(covered, end)
	for at := 0; at < end; at++ {
		if at = x.candidate(text, at); at < 0 || at >= end {
			break
		}
		length := x.match(text[at:])
		if length == 0 {
			continue
		}
		if at >= covered {
			out = append(append(out, text[copied:at]...), Redacted...)
		}
		covered = max(covered, at+length)
		copied = min(covered, end)
	}
	return out, copied, covered
}
