package runner

import (
	"context"

	"waybill/engine"
	"waybill/engine/diag"
)

// consultAbove is how many people a run reaches before it asks what its messages are checked by.
const consultAbove = 20

// consult asks, before the first message of a run that reaches many, what the messages of its steps are checked by, where nothing
// beside the job tells. A run that is wrong by the answer is refused; without an answer it goes on, with a warning. audience may be
// nil: nobody counted. In the sandbox nobody would be messaged in vain.
func (x *execution) consult(ctx context.Context, audience *Audience) error {
	steps := x.toConsult(nil, x.req.Job.Steps)
	if n, repeated := x.req.Job.Senders(); len(steps) == 0 || !repeated && n <= consultAbove || x.req.Connection != nil {
		return nil
	}
	if audience == nil {
		if most, known, err := x.atMost(ctx); err != nil || known && most <= consultAbove {
			return err
		}
		counted, err := x.engine.count(ctx, x.req, consultAbove)
		if err != nil {
			return err
		}
		audience = &counted
	}
	if audience.People <= consultAbove && !audience.Unknown {
		return nil
	}
	var found diag.List
	for _, s := range steps {
		op, _ := s.Operation.(engine.Consulter)
		list, err := op.Consult(ctx, x.req.Job, s, x.connections[s])
		if err != nil {
			x.warn(diag.Diagnostic{
				Code: "templates-unread", Range: s.NameRange,
				Summary: "the templates could not be read before the first message: " + x.redact(err.Error()),
				Detail:  "A parameter that a template does not take is found only when WhatsApp refuses each message.",
				Hint:    "waybill templates pull, once, with a token that may read them",
			})
			continue
		}
		found = append(found, list...)
	}
	return nothingSent(found).Err()
}

// toConsult adds the steps of which nothing is known, and whose connection is the same for every item.
func (x *execution) toConsult(found, steps []*engine.Step) []*engine.Step {
	for _, s := range steps {
		if !x.selected(s) {
			continue
		}
		op, ok := s.Operation.(engine.Consulter)
		if _, fixed := x.connections[s]; ok && fixed && !op.Informed(x.req.Job, s) {
			found = append(found, s)
		}
		found = x.toConsult(found, s.Steps)
	}
	return found
}
