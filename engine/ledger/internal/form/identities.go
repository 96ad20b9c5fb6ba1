package form

import (
	"strings"
	"sync"
	"time"

	"waybill/engine"
)

// NamedAtOnce is how many identities may wait for the next change; more are written at once.
const NamedAtOnce = 512

// Identities are how people were named, which waits to be written with the next group. Of those that were written lately it knows a part, so that what
// every answer and status says again costs nothing.
type Identities struct {
	mu      sync.Mutex
	waiting []engine.Identity
	lately  [1 << 12]engine.Identity // by a hash; without moments
}

// Add takes what is not known to be known, and returns how many wait.
func (n *Identities) Add(list []engine.Identity) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range list {
		if i.Names() && n.lately[slot(i)] != timeless(i) {
			n.waiting = append(n.waiting, i)
		}
	}
	return len(n.waiting)
}

// Waiting says whether any wait.
func (n *Identities) Waiting() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiting) > 0
}

// Take returns what waits.
func (n *Identities) Take() []engine.Identity {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.waiting
	n.waiting = nil
	return list
}

// Written notes what is durable now.
func (n *Identities) Written(list []engine.Identity) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range list {
		n.lately[slot(i)] = timeless(i)
	}
}

// PutBack is for a group that was not written.
func (n *Identities) PutBack(list []engine.Identity) {
	if len(list) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting = append(list, n.waiting...)
}

func timeless(i engine.Identity) engine.Identity {
	i.At = time.Time{}
	return i
}

// slot is where an identity is remembered: FNV-1a of its number.
func slot(i engine.Identity) int {
	h := uint32(2166136261)
	for _, text := range []string{i.Number, i.WaID} {
		for k := range len(text) {
			h = (h ^ uint32(text[k])) * 16777619
		}
	}
	return int(h % (1 << 12))
}

// ContactID is the id of a person as pairs have it: a number has its plus.
func ContactID(contact string) string {
	if strings.Trim(contact, "0123456789") == "" {
		return "+" + contact
	}
	return contact
}
