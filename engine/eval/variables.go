package eval

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"waybill/engine/secret"
)

// Variables are the environment variables that a job uses, each looked up once. All are secret but those
// released. It is safe for concurrent use.
type Variables struct {
	lookup   func(string) (string, bool)
	redactor *secret.Redactor

	mu       sync.Mutex
	used     map[string]lookedUp
	released map[string]bool
	made     map[string][]string // what expressions made of secrets, and of which variables
}

type lookedUp struct {
	value string
	ok    bool
}

// NewVariables looks variables up with lookup and tells r the values of the secret ones. A nil lookup knows none;
// a nil r is told nothing.
func NewVariables(lookup func(string) (string, bool), r *secret.Redactor) *Variables {
	if lookup == nil {
		lookup = func(string) (string, bool) { return "", false }
	}
	return &Variables{
		lookup: lookup, redactor: r,
		used: map[string]lookedUp{}, released: map[string]bool{},
		made: map[string][]string{},
	}
}

// Release says that the variable is no secret: `env: { NAME: { secret: false } }`. It may be called before or
// after the first use.
func (v *Variables) Release(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.released[name] = true
	if found, ok := v.used[name]; ok && v.redactor != nil && !v.heldSecret(found.value) {
		v.redactor.Remove(found.value)
	}
	var free []string
	for text, from := range v.made {
		if v.allReleased(from) && !v.heldSecret(text) {
			free = append(free, text)
			delete(v.made, text)
		}
	}
	if len(free) > 0 {
		v.redactor.Remove(free...)
	}
}

// allReleased says whether none of the variables is secret.
func (v *Variables) allReleased(names []string) bool {
	for _, name := range names {
		if !v.released[name] {
			return false
		}
	}
	return true
}

// holds says whether the variable has a text that could be told.
func (v *Variables) holds(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.used[name].value != ""
}

// tells says whether six letters in a row of a variable's value are left in text, in capitals or not.
func (v *Variables) tells(text string, names []string) bool {
	runs := map[string]bool{}
	for _, name := range names {
		value := strings.ToLower(v.used[name].value)
		for i := 0; i+secret.MinLength <= len(value); i++ {
			runs[value[i:i+secret.MinLength]] = true
		}
	}
	for part := range strings.SplitSeq(strings.ToLower(text), secret.Redacted) {
		for i := 0; i+secret.MinLength <= len(part); i++ {
			if runs[part[i:i+secret.MinLength]] {
				return true
			}
		}
	}
	return false
}

// derived makes the texts in value known as secrets: an expression made it of the named variables. A text that only
// puts words beside a secret which is known is none of its own, nor is one beyond the first thousand.
func (v *Variables) derived(value any, from []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.redactor == nil || v.allReleased(from) || len(v.made) >= maxDerived {
		return
	}
	secretTexts(value, func(text string) bool {
		if _, known := v.made[text]; !known {
			v.made[text] = from
			if left := v.redactor.Redact(text); left == text || v.tells(left, from) {
				v.redactor.AddDerived(text)
			}
		}
		return len(v.made) < maxDerived
	})
}

// heldSecret says whether value is that of a variable which is still secret.
func (v *Variables) heldSecret(value string) bool {
	for name, found := range v.used {
		if found.ok && found.value == value && !v.released[name] {
			return true
		}
	}
	return false
}

// Lookup returns the value of a variable. A variable that is set to nothing is there.
func (v *Variables) Lookup(name string) (value string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found := v.use(name)
	return found.value, found.ok
}

// withDefault is Lookup for `${NAME:-fallback}`: as in a shell, a variable set to nothing counts as not set.
func (v *Variables) withDefault(name, fallback string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if found := v.use(name); found.value != "" {
		return found.value
	}
	return fallback
}

// optional is Lookup where a missing variable is nil: `env.NAME ?? …`.
func (v *Variables) optional(name string) any {
	v.mu.Lock()
	defer v.mu.Unlock()
	if found := v.use(name); found.ok {
		return found.value
	}
	return nil
}

// use looks a variable up, once. The caller holds mu.
func (v *Variables) use(name string) lookedUp {
	if found, ok := v.used[name]; ok {
		return found
	}
	value, ok := v.lookup(name)
	v.used[name] = lookedUp{value, ok}
	if ok && v.redactor != nil && !v.released[name] {
		v.redactor.Add(value)
	}
	return v.used[name]
}

// Names lists the variables used so far, sorted.
func (v *Variables) Names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Sorted(maps.Keys(v.used))
}

// Secret says whether the variable's value may not be shown: true unless it was released.
func (v *Variables) Secret(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.released[name]
}
