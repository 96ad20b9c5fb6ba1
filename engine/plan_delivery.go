package engine

import (
	"context"
	"encoding/json"
	"fmt"
)

// delivery plans one message, and says whether it may go out.
func (p *planner) delivery(ctx context.Context, q *sequence, s *Step, op Sender, known map[KeyHash]Delivery, depends bool) (bool, error) {
	key := p.deliveryKey(s, q.item).Hash()
	if p.twinRow(q, s, key) {
		return false, nil
	}
	was, before := known[key]
	action := p.action(was, before, depends)
	if p.enough > 0 {
		return action.sends(), nil
	}
	var digest Digest
	if s.Params != nil && !s.Params.Uses("steps") {
		message, err := p.message(ctx, q, s, op)
		if err != nil && action != ActionNone {
			return false, p.invalid(q, s, err)
		}
		digest = p.sample(s, q, message, action, was)
	}
	p.count(action)
	fmt.Fprintf(p.hash, "%x %x %d\n", key, digest, action)
	return action.sends(), nil
}

// message renders what would be sent.
func (p *planner) message(ctx context.Context, q *sequence, s *Step, op Sender) (Message, error) {
	call, err := p.call(ctx, q, s)
	if err != nil {
		return Message{}, err
	}
	return p.compose(s, op, call)
}

// sample keeps the first messages of a step, and notes one that changed since it was sent.
func (p *planner) sample(s *Step, q *sequence, m Message, action Action, was Delivery) Digest {
	var digest Digest
	if p.Ledger != nil {
		digest = p.Ledger.Digest(m.Body)
	}
	if action == ActionNone && was.Digest != 0 && was.Digest != digest {
		p.plan.Changed++
	}
	if action.sends() && p.samples[s] < MaxSamples {
		p.samples[s]++
		p.plan.Samples = append(p.plan.Samples, Sample{
			Step: s, Operation: s.Operation.Name(), Item: q.item, Row: q.row, Recipient: m.Recipient,
			Body: json.RawMessage(p.redact(string(m.Body))), Action: action,
		})
	}
	return digest
}

// action says what apply would do about a delivery.
func (p *planner) action(was Delivery, before, depends bool) Action {
	if before {
		switch was.State {
		case Accepted, Sent, Delivered, Read:
			return ActionNone
		case InDoubt, Intended:
			if p.job.OnUncertain != Resend {
				return ActionHold
			}
			return ActionRetry
		case Rejected, Failed:
			if !was.Again && !p.RetryFailed {
				return ActionRefused
			}
			return ActionRetry
		case Planned:
			return ActionRetry
		}
	}
	if depends {
		return ActionUnknown
	}
	return ActionSend
}

func (p *planner) count(a Action) {
	switch a {
	case ActionSend:
		p.plan.New++
	case ActionNone:
		p.plan.AlreadySent++
	case ActionRetry:
		p.plan.ToRetry++
	case ActionHold:
		p.plan.InDoubt++
	case ActionRefused:
		p.plan.Refused++
	case ActionUnknown:
		p.plan.Depends++
	}
}

// twinRow finds a row that is the same item as one before it, and warns with both places.
func (p *planner) twinRow(q *sequence, s *Step, key KeyHash) bool {
	if q.item == "" || p.enough > 0 {
		return false
	}
	half := half(key)
	first, seen := p.rows[half]
	if !seen {
		p.rows[half] = q.row
		return false
	}
	p.skipTwin(q, s, Delivery{Row: first})
	return true
}

// invalid notes an item that would fail, and gives errInvalid.
func (p *planner) invalid(q *sequence, s *Step, err error) error {
	p.plan.Invalid++
	if len(p.plan.Invalids) < MaxErrors {
		text := p.redact(err.Error())
		p.plan.Invalids = append(p.plan.Invalids, StepError{Step: s, Item: q.item, Row: q.row, Err: redactedError{text, err}})
	}
	fmt.Fprintf(p.hash, "invalid %s %s\n", s.Path, q.item)
	return errInvalid
}
