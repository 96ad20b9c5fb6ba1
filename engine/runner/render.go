package runner

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
)

// render makes the candidate's call with its message.
func (x *execution) render(ctx context.Context, c *candidate) error {
	call, err := x.call(ctx, c.q, c.step)
	if err != nil {
		return err
	}
	if call.Message, err = x.message(c.step, c.op, call); err != nil {
		return err
	}
	if len(call.Numbers) > 1 {
		if err := x.chooseNumber(ctx, c, call); err != nil {
			return err
		}
	}
	c.call = call
	return nil
}

// call makes the use of an operation: connection and parameters, rendered for one item.
func (x *execution) call(ctx context.Context, q *sequence, s *engine.Step) (*engine.Call, error) {
	c := &engine.Call{Run: x.run.ID, Dir: x.req.Job.Dir, Step: s, Open: x.req.Open, Known: q.number, WithoutPermit: q.permit.without}
	var err error
	if c.Country, err = x.countryOf(q); err != nil {
		return nil, err
	}
	list, fixed := x.connections[s]
	if !fixed {
		if list, err = renderConnections(ctx, x.req.Job, s, q.names); err != nil {
			return nil, err
		}
	}
	if c.Connection = list[0]; len(list) > 1 {
		c.Numbers = list
	}
	args, err := renderArgs(ctx, s, q.names)
	if _, sends := s.Sender(); sends && x.req.TestTo != "" && err == nil {
		args = maps.Clone(args)
		args["to"] = x.req.TestTo
	}
	c.Args = args
	return c, err
}

func renderArgs(ctx context.Context, s *engine.Step, n eval.Names) (engine.Args, error) {
	if s.Params == nil {
		return engine.Args{}, nil
	}
	value, err := s.Params.Render(ctx, n)
	if err != nil {
		return nil, err
	}
	args, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("parameters of %s are a %T, not a map", s.Operation.Name(), value)
	}
	return args, nil
}

// message makes what a step will send. A recipient that a secret variable names is secret in every notation.
func (x *execution) message(s *engine.Step, op engine.Sender, call *engine.Call) (engine.Message, error) {
	m, err := op.Message(call)
	if err != nil || !x.hidden[s] {
		return m, err
	}
	x.engine.Hide(strings.TrimPrefix(m.Recipient, "+"))
	return m, nil
}

// hiddenRecipients finds the steps whose recipient a variable names that is not released, where such is to be hidden. Where it is another
// one for each item it is a number of a list, with a prefix that is no secret any more.
func (x *execution) hiddenRecipients(steps []*engine.Step, into map[*engine.Step]bool) map[*engine.Step]bool {
	if x.engine.Hide == nil || x.req.Job.Variables == nil {
		return into
	}
	for _, s := range steps {
		to := s.Params.Field("to")
		if to.OnlyUses("inputs", "vars", "run", "job") && slices.ContainsFunc(to.Variables(), x.req.Job.Variables.Secret) {
			into[s] = true
		}
		x.hiddenRecipients(s.Steps, into)
	}
	return into
}

// redact takes secrets out of a text.
func (x *execution) redact(text string) string {
	if x.engine.Redact == nil {
		return text
	}
	return x.engine.Redact(text)
}

// redactKey returns the key under which an item goes: its own, or a digest of it where a secret is in it. It is the same each time,
// and the secret is in no ledger and no report.
func (x *execution) redactKey(key string) string {
	if x.redact(key) == key {
		return key
	}
	if x.engine.Ledger == nil { // a plan before anything was sent: nothing is looked up
		sum := sha256.Sum256([]byte(key))
		return fmt.Sprintf("secret#%x", sum[:8])
	}
	return fmt.Sprintf("secret#%016x", uint64(x.engine.Ledger.Digest([]byte(key))))
}

// redactedError shows a text without secrets and keeps the cause for errors.As.
type redactedError struct {
	text  string
	cause error
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.cause }
