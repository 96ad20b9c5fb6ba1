package runner

import (
	"fmt"
	"sync/atomic"

	"waybill/engine"
	"waybill/engine/delivery"
)

// enoughAlike is how many refusals in a row for the message itself stop a run: before anything was accepted, or where its kind was halted.
const enoughAlike = 5

// prospects is what a run has learnt of one step: whether its messages are taken at all.
type prospects struct {
	accepted atomic.Bool
	refused  atomic.Int32 // for template, language, parameters, text or media
	halted   atomic.Int32 // since the last that was accepted: for what was halted meanwhile
}

// prospectsOf makes room for what is learnt of each step that sends.
func prospectsOf(steps []*engine.Step, into map[*engine.Step]*prospects) map[*engine.Step]*prospects {
	for _, s := range steps {
		if _, ok := s.Sender(); ok {
			into[s] = &prospects{}
		}
		prospectsOf(s.Steps, into)
	}
	return into
}

// learn takes in how a message of a step was answered. As long as none was accepted, the fifth refusal of the message itself stops
// the run: the others would be refused alike. Where WhatsApp halts their kind while the run goes on, the fifth in a row does.
func (x *execution) learn(s *engine.Step, v *engine.Verdict) {
	p := x.prospects[s]
	switch {
	case v == nil:
		p.halted.Store(0)
	case v.Halted && p.halted.Add(1) == enoughAlike && p.accepted.Load():
		x.stop(&stopError{reason: fmt.Sprintf("the last %d messages of %s were all refused, and the others would be alike: %s",
			enoughAlike, s.Path, x.redact(v.Err.Error()))})
	}
	switch {
	case v == nil && p.accepted.Load():
	case v == nil:
		if shared := x.portionOf(s); shared != nil {
			shared.learn(true)
		}
		p.accepted.Store(true)
	case v.Result == delivery.ResultRefused && v.Cause == delivery.CauseMessage && !p.accepted.Load():
		n := int(p.refused.Add(1))
		shared := x.portionOf(s)
		if shared != nil {
			n = shared.learn(false)
		}
		if n == enoughAlike || shared != nil && n > enoughAlike {
			x.stop(&stopError{reason: fmt.Sprintf("the first %d messages of %s were all refused, and the others would be alike: %s",
				enoughAlike, s.Path, x.redact(v.Err.Error()))})
		}
	}
}
