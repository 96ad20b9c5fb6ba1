package runner

import (
	"context"

	"waybill/engine"
)

const (
	batchSize = 256  // items looked up in the ledger at once
	maxBegun  = 4096 // items begun and not ended: those that wait give back their permits, not their memory
)

// inline does items one after the other, as they come.
type inline struct{}

func (inline) start(_ context.Context, _ queues, _ func() bool, do func(*permit), _ func()) {
	do(&permit{})
}

func (inline) wait() {}

// team does items side by side.
type team struct {
	workers *workers
	working *semaphore // items that do something
	begun   *semaphore // items begun and not ended, also those that wait
	keys    *keyQueue
}

func newTeam(n, most int) *team {
	return &team{
		workers: newWorkers(), working: newSemaphore(n, most), begun: newSemaphore(maxBegun, maxBegun), keys: newKeyQueue(),
	}
}

func (t *team) start(ctx context.Context, in queues, idle func() bool, do func(*permit), giveUp func()) {
	if idle() {
		do(&permit{})
		return
	}
	permits := &[2]permit{{of: t.begun}, {of: t.working}}
	begun, working := &permits[0], &permits[1]
	if begun.take(ctx) != nil || working.take(ctx) != nil {
		begun.release()
		giveUp()
		return
	}
	turn := t.keys.enter(in)
	t.workers.do(func() {
		defer begun.release()
		defer working.release()
		defer t.keys.leave(in)
		if !turn.isNow() && working.without(ctx, func() error { return turn.wait(ctx) }) != nil {
			giveUp()
			return
		}
		do(working)
	})
}

func (t *team) wait() { t.workers.finish() }

// concurrency is how many items work at the same time: what the file says; else enough for the number's throughput while an answer
// takes half a second, and when answers take longer more, up to what two seconds need.
func (x *execution) concurrency(s *engine.Step) (n, most int) {
	if n := s.ForEach.Concurrency; n > 0 {
		return n, n
	}
	const least, enough, limit = 32, 512, 1200
	rate := int(min(x.fastest([]*engine.Step{s}), limit))
	n = min(max(rate/2, least), enough)
	return n, max(n, min(2*rate, limit))
}

// fastest is the highest throughput of the steps, with all of their numbers, and of those inside them.
func (x *execution) fastest(steps []*engine.Step) float64 {
	rate := 0.0
	for _, s := range steps {
		of := 0.0
		for _, c := range x.connections[s] {
			of += c.Throughput
		}
		rate = max(rate, of, x.fastest(s.Steps))
	}
	return rate
}
