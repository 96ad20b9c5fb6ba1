package witness

import (
	"sync"
	"sync/atomic"
	"time"
)

// Every is how much of what was written a ledger that is put back may lack without being recognised, after a process that was killed.
const Every = 10 * time.Second

// Pulse begins a further epoch while something is written to a ledger: every ten seconds, and at the end. The zero value has not begun.
type Pulse struct {
	changed atomic.Bool
	raise   func() error
	done    chan struct{}
	running sync.WaitGroup
}

// Wrote says that something was written.
func (p *Pulse) Wrote() { p.changed.Store(true) }

// Kept says that an epoch was begun, and that the witness of it is kept as far as it can be.
func (p *Pulse) Kept() { p.changed.Store(false) }

// Start begins. raise begins an epoch and ends in Kept; failed is told its errors, which the next time may mend.
func (p *Pulse) Start(raise func() error, failed func(error)) {
	p.raise, p.done = raise, make(chan struct{})
	p.running.Go(func() {
		look := time.NewTicker(Every)
		defer look.Stop()
		for {
			select {
			case <-p.done:
				return
			case <-look.C:
			}
			if err := p.last(); err != nil {
				failed(err)
			}
		}
	})
}

// Stop ends it, with the epoch of what was written last. One that was not started is stopped.
func (p *Pulse) Stop() error {
	if p.done == nil {
		return nil
	}
	close(p.done)
	p.running.Wait()
	return p.last()
}

func (p *Pulse) last() error {
	if !p.changed.Load() {
		return nil
	}
	return p.raise()
}
