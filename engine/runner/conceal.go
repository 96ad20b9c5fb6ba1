package runner

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
)

// redact takes secrets out of a text.
func (x *execution) redact(text string) string {
	if x.Redact == nil {
		return text
	}
	return x.Redact(text)
}

// conceal gives the key under which an item goes: its own, or a digest of it where a secret is in it. It is the same
// each time, and the secret is in no ledger and no report.
func (x *execution) conceal(key string) string {
	if x.redact(key) == key {
		return key
	}
	if x.Ledger == nil { // a plan before anything was sent: nothing is looked up
		sum := sha256.Sum256([]byte(key))
		return fmt.Sprintf("secret#%x", sum[:8])
	}
	return fmt.Sprintf("secret#%016x", uint64(x.Ledger.Digest([]byte(key))))
}

// compose makes what a step will send. A recipient that a secret variable names is secret in every notation.
func (x *execution) compose(s *engine.Step, op engine.Sender, call *engine.Call) (engine.Message, error) {
	m, err := op.Message(call)
	if err != nil || x.Hide == nil || !x.secret(s, "to") {
		return m, err
	}
	if to := s.Params.Field("to"); !onlyUses(to, "inputs", "vars", "run", "job") {
		return m, nil // another one for each item: a number of a list, with a prefix that is no secret any more
	}
	x.Hide(strings.TrimPrefix(m.Recipient, "+"))
	return m, nil
}

// secret says whether a parameter of a step reads a variable that is not released.
func (x *execution) secret(s *engine.Step, parameter string) bool {
	if x.job.Variables == nil {
		return false
	}
	return slices.ContainsFunc(s.Params.Field(parameter).Variables(), x.job.Variables.Secret)
}
