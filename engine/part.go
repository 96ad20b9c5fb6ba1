package engine

import (
	"fmt"

	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// Part is one thing that a job file says: a key of the job or of one of its steps. The parts of a job are told from those of a repaired
// one, and nothing of what they say is kept but a digest.
type Part struct {
	Step    string // path; empty: of the job itself
	Key     string // "sendText.body", "if", "vars.clinic"; PartOrder for the order of the steps inside
	Content []byte // a digest of what it says
	Range   diag.Range
}

// PartOrder is the Key of the order in which the steps of a job or of a group stand.
const PartOrder = "steps"

// String names the part: "step patients/remind: sendText.body".
func (p Part) String() string { return PartDigest{Step: p.Step, Key: p.Key}.String() }

// PartDigest is a part as the ledger keeps it.
type PartDigest struct {
	Step   string          `json:"step,omitempty"`
	Key    string          `json:"key"`
	Digest delivery.Digest `json:"digest"` // keyed by the ledger
}

// String names the part.
func (p PartDigest) String() string {
	key := p.Key
	if key == PartOrder {
		key = "the order of its steps"
	}
	if p.Step == "" {
		return key
	}
	return fmt.Sprintf("step %s: %s", p.Step, key)
}
