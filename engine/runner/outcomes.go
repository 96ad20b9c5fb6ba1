package runner

import (
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// outcomes are the acceptances that were handed to the ledger and that no item waits for. The ledger answers them in the order in which
// they were handed over. What a crash loses of them is in doubt.
type outcomes struct {
	mu       sync.Mutex
	changed  *sync.Cond
	handed   int
	answered int
	failed   bool
}

func newOutcomes() *outcomes {
	o := &outcomes{}
	o.changed = sync.NewCond(&o.mu)
	return o
}

// hand hands one over. When it cannot be written the run ends for that.
func (o *outcomes) hand(x *execution, a delivery.Attempt) {
	o.mu.Lock()
	o.handed++
	o.mu.Unlock()
	x.engine.Ledger.SettleSoon(a, func(err error) {
		if err != nil {
			x.fail(err)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.answered++
		o.failed = o.failed || err != nil
		o.changed.Broadcast()
	})
}

// wait returns when those that were handed over before are answered, and whether all are durable.
func (o *outcomes) wait() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for before := o.handed; o.answered < before; {
		o.changed.Wait()
	}
	return !o.failed
}

// lastSteps finds the operations behind which nothing follows in their item.
func lastSteps(steps []*engine.Step, inItem bool, into map[*engine.Step]bool) map[*engine.Step]bool {
	for i, s := range steps {
		last := s.ForEach != nil || inItem && i == len(steps)-1
		if s.Operation != nil {
			into[s] = last
		}
		lastSteps(s.Steps, last, into)
	}
	return into
}
