package runner

import (
	"context"
	"encoding/json"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// delivery plans one message, and says whether it may go out.
func (p *planner) delivery(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender, known map[delivery.KeyHash]delivery.Delivery, depends bool) (bool, error) {
	key := p.deliveryKey(s, q.item).Hash()
	if p.twinRow(q, s, key) {
		return false, nil
	}
	was, before := known[key]
	action := p.foresee(was, before, depends)
	if p.enough > 0 {
		return action.Sends(), nil
	}
	var digest delivery.Digest
	if s.Params != nil && !s.Params.Uses("steps") {
		message, err := p.message(ctx, q, s, op)
		if err != nil && action != delivery.ActionNone {
			return false, p.invalid(q, s, err)
		}
		digest = p.sample(s, q, message, action, was)
	}
	p.count(action)
	p.rows[half(key)] = q.row
	fmt.Fprintf(p.hash, "%x %x %d\n", key, digest, action)
	return action.Sends(), nil
}

// message renders what would be sent.
func (p *planner) message(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (engine.Message, error) {
	call, err := p.call(ctx, q, s)
	if err != nil {
		return engine.Message{}, err
	}
	return p.compose(s, op, call)
}

// sample keeps the first messages of a step, and notes one that changed since it was sent.
func (p *planner) sample(s *engine.Step, q *sequence, m engine.Message, action delivery.Action, was delivery.Delivery) delivery.Digest {
	var digest delivery.Digest
	if p.Ledger != nil {
		digest = p.Ledger.Digest(m.Body)
	}
	if action == delivery.ActionNone && was.Digest != 0 && was.Digest != digest {
		p.plan.Changed++
	}
	if action.Sends() && p.samples[s] < engine.MaxSamples {
		p.samples[s]++
		p.plan.Samples = append(p.plan.Samples, engine.Sample{
			Step: s, Operation: s.Operation.Name(), Item: q.item, Row: q.row, Recipient: m.Recipient,
			Body: json.RawMessage(p.redact(string(m.Body))), Action: action,
		})
	}
	return digest
}

// foresee gives what apply would do about a delivery. depends: it is done or not by what earlier steps will answer.
func (p *planner) foresee(was delivery.Delivery, before, depends bool) delivery.Action {
	switch {
	case before && was.State == delivery.Intended:
		was.State = delivery.InDoubt // as it will be once apply holds the lock: its process is gone
		return p.action(was)
	case before:
		return p.action(was)
	case depends:
		return delivery.ActionUnknown
	}
	return delivery.ActionSend
}

func (p *planner) count(a delivery.Action) {
	switch a {
	case delivery.ActionSend:
		p.plan.New++
	case delivery.ActionNone:
		p.plan.AlreadySent++
	case delivery.ActionRetry:
		p.plan.ToRetry++
	case delivery.ActionHold:
		p.plan.InDoubt++
	case delivery.ActionRefused:
		p.plan.Refused++
	case delivery.ActionUnknown:
		p.plan.Depends++
	}
}

// twinRow finds a row that is the same item as one before it, and warns with both places. A row that will fail has no
// message, and leaves it to the next.
func (p *planner) twinRow(q *sequence, s *engine.Step, key delivery.KeyHash) bool {
	first, seen := p.rows[half(key)]
	if seen {
		p.skipTwin(q, s, delivery.Delivery{Row: first})
	}
	return seen
}

// invalid notes an item that would fail, and gives errInvalid.
func (p *planner) invalid(q *sequence, s *engine.Step, err error) error {
	p.plan.Invalid++
	if len(p.plan.Invalids) < engine.MaxErrors {
		text := p.redact(err.Error())
		p.plan.Invalids = append(p.plan.Invalids, engine.StepError{Step: s, Item: q.item, Row: q.row, Err: redactedError{text, err}})
	}
	fmt.Fprintf(p.hash, "invalid %s %s\n", s.Path, q.item)
	return errInvalid
}
