package runner

import (
	"context"
	"sync"
	"time"
)

// pairedLook looks again, while a run goes on, by which ids people are known, so that a list of people who get nothing holds for what
// webhooks tell meanwhile. What answers tell is taken in at once (learnPerson). The zero value has not looked.
type pairedLook struct {
	mu   sync.Mutex
	next time.Time
}

const (
	pairedEvery = 5 * time.Second
	pairedShare = 20 // it takes no more than this part of the time, however many pairs there are
)

// again takes in what the ledger knows by now, where it is time for it. A list is expanded when it is loaded: the first look is later.
func (p *pairedLook) again(ctx context.Context, x *execution) {
	if x.looking || x.engine.Ledger == nil || x.people.excluded.Len() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	began := x.engine.Now()
	if p.next.IsZero() {
		p.next = x.began.Add(pairedEvery)
	}
	if began.Before(p.next) {
		return
	}
	if err := x.joinExcluded(context.WithoutCancel(ctx)); err != nil {
		x.fail(err)
		return
	}
	ended := x.engine.Now()
	p.next = ended.Add(max(pairedEvery, pairedShare*ended.Sub(began)))
}
