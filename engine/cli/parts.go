package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/runner"
)

const (
	// crewIdle is how long a process stays in a run although it was given no part of it.
	crewIdle = time.Minute
	// reconnectFrom and reconnectTo bound the pauses between tries to reach an engine.
	reconnectFrom, reconnectTo = time.Second, 30 * time.Second
)

// errPart is all that an engine is told of a failure: what failed may name people.
var errPart = errors.New("this worker could not go on with the run; what it printed says why")

// workFor does the parts that an engine gives to this process, until ctx ends.
func (w *worker) workFor(ctx context.Context, e Engine) (err error) {
	a := w.app
	store, err := a.openLedger(w.flags.state, false, a.ledgerLog(a.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if !w.flags.settle.given {
		w.flags.settle.given = true // who gave the run hears what becomes of its messages
	}
	var crews sync.WaitGroup
	defer crews.Wait()
	parts := &parts{worker: w, store: store, engine: e.Name(), crews: map[string]*crew{}}
	parts.start = func(c *crew) { crews.Go(func() { parts.work(ctx, c) }) }
	return w.stay(ctx, e, func(c EngineConnection) error {
		return c.Work(ctx, ledgerMark(store), slices.Sorted(maps.Keys(w.files)), parts)
	})
}

// stay works for an engine until ctx ends. While it cannot, since the engine is not there or was lost, it says so and tries again.
func (w *worker) stay(ctx context.Context, e Engine, work func(EngineConnection) error) error {
	for pause := reconnectFrom; ; pause = min(2*pause, reconnectTo) {
		worked := time.Duration(0)
		connection, err := w.app.connect(ctx, e)
		if err == nil {
			began := w.app.env.Now()
			err = work(connection)
			worked = w.app.env.Now().Sub(began)
			connection.Close()
		}
		if _, final := errors.AsType[*ExitError](err); final || err == nil {
			return err
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // whoever ended it waits for nothing
		}
		if worked > reconnectTo {
			pause = reconnectFrom
		}
		fmt.Fprintf(w.app.err, "waiting: %v; the next try is in %s\n", err, pause)
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
}

// parts does parts of runs; see Parts. Of each run one crew works in this process, so that all of its parts are one sender's, and the rows
// are read once for as many as are asked for together.
type parts struct {
	worker *worker
	store  engine.Ledger
	engine string
	start  func(*crew)

	mu    sync.Mutex
	crews map[string]*crew // by the run
}

// crew works at the parts of one run that were given to this process. It is the run's placement here.
type crew struct {
	all   *parts
	run   string
	seats map[stagePart]*seat
	since time.Time // when a part was last asked for
}

// stagePart is a part of a run's stage.
type stagePart struct{ stage, part int }

// begun is the part of a place that stands for the stage itself: it is done when the stage has begun.
const begun = -1

// seat is a place that somebody waits for.
type seat struct {
	waiting int
	done    chan struct{} // closed when end and err are known
	end     PartEnd
	err     error
}

// Do has a part done; see Parts.
func (p *parts) Do(ctx context.Context, run string, stage, part int) (PartEnd, error) {
	return p.await(ctx, run, stagePart{stage, part})
}

// Next has this process go on to the next stage; see Parts.
func (p *parts) Next(ctx context.Context, run string, stage int) (PartEnd, error) {
	return p.await(ctx, run, stagePart{stage + 1, begun})
}

// await asks the crew of a run for a place, and returns when it is done or will not be.
func (p *parts) await(ctx context.Context, run string, at stagePart) (PartEnd, error) {
	c, s := p.sit(run, at)
	select {
	case <-s.done:
		return s.end, s.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.waiting--; s.waiting == 0 && c.seats[at] == s {
		delete(c.seats, at)
	}
	return PartEnd{}, ctx.Err()
}

// sit asks the crew of a run for a place.
func (p *parts) sit(run string, at stagePart) (*crew, *seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.crews[run]
	if c == nil {
		c = &crew{all: p, run: run, seats: map[stagePart]*seat{}}
		p.crews[run] = c
		p.start(c)
	}
	s := c.seats[at]
	if s == nil {
		s = &seat{done: make(chan struct{})}
		c.seats[at] = s
	}
	s.waiting++
	c.since = p.worker.app.env.Now()
	return c, s
}

// Begin has nothing to begin.
func (c *crew) Begin(context.Context, string) error { return nil }

// Parts are those of a stage that are asked for.
func (c *crew) Parts(s runner.Stage) []int {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	asked := []int{}
	for at := range c.seats {
		if at.stage == s.Number && at.part != begun {
			asked = append(asked, at.part)
		}
	}
	return asked
}

// Stands tells whoever waits for a part that is done, whoever did it, or that another process has. It stays while it has parts, or was asked
// for some lately.
func (c *crew) Stands(s runner.Stage, l engine.Lease) (bool, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	for at, seat := range c.seats {
		if seat.end = at.end(s.Number, l); seat.end != (PartEnd{}) {
			close(seat.done)
			delete(c.seats, at)
		}
	}
	recent := c.all.worker.app.env.Now().Sub(c.since) < crewIdle
	return len(c.seats) > 0 || len(l.Has) > 0 || recent, nil
}

// end says how it went with a place, when the run's process has come to a stage that stands so; the zero value: it is not known yet.
func (at stagePart) end(stage int, l engine.Lease) PartEnd {
	switch {
	case at.stage < stage: // which is over
		return PartEnd{Done: true}
	case at.stage > stage: // where the process is on its way there, no part of this one is open
		return PartEnd{Before: len(l.Open) > 0}
	case at.part == begun:
		return PartEnd{Done: true}
	}
	return PartEnd{Done: !slices.Contains(l.Open, at.part), Held: slices.Contains(l.Held, at.part)}
}

// work works at a run until its crew has nothing to do any more.
func (p *parts) work(ctx context.Context, c *crew) {
	end, err := p.goOn(ctx, c)
	if err != nil && ctx.Err() == nil {
		p.worker.app.explain(ctx, fmt.Errorf("run %s: %w", c.run, err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.crews, c.run)
	for _, s := range c.seats {
		if s.end = end; err != nil {
			s.err = errPart
		}
		close(s.done)
	}
	clear(c.seats)
}

// goOn makes this process one of those that work at a run, and says how the run stands when it leaves it.
func (p *parts) goOn(ctx context.Context, c *crew) (PartEnd, error) {
	stands, err := p.Stands(ctx, c.run)
	if err != nil || stands.Over {
		return PartEnd{Over: stands.Over}, err
	}
	run, err := p.store.Run(ctx, c.run)
	if err != nil {
		return PartEnd{}, err
	}
	if p.worker.files[run.Job] == "" {
		return PartEnd{}, fmt.Errorf("this worker was not given job %s", run.Job)
	}
	_, worked := p.worker.help(ctx, run, func(req *runner.Request) {
		req.Resume, req.Due, req.Placement = &run, true, c
		req.Engine, req.Holder = p.engine, "waybill worker --engine "+p.engine
	})
	stands, err = p.Stands(context.WithoutCancel(ctx), c.run)
	return PartEnd{Over: stands.Over}, errors.Join(worked, err)
}

// Stands tells how a run stands; see Parts.
func (p *parts) Stands(ctx context.Context, run string) (Standing, error) {
	found, err := p.store.Run(ctx, run)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{Status: found.Status, Over: ended(found) || found.Status == engine.RunStopped, Stage: -1, Open: []int{}}
	divided, is := p.store.(engine.PartsReader)
	if !is {
		return s, nil
	}
	list, err := divided.RunParts(ctx, found.ID)
	for _, part := range list {
		s.Stage = part.Stage // the last
		if part.Done {
			continue
		}
		s.Open = append(s.Open, part.Number)
		if part.FreeIn > 0 {
			if s.FreeIn == 0 || part.FreeIn < s.FreeIn {
				s.FreeIn = part.FreeIn
			}
			s.Held = append(s.Held, part.Number)
		}
	}
	return s, err
}

// Stop orders that a run ends; see Parts.
func (p *parts) Stop(ctx context.Context, run string) error {
	by := engine.Actor{User: strings.ToUpper(p.engine[:1]) + p.engine[1:]} // whoever it was there
	return p.store.Give(ctx, run, engine.Order{Kind: engine.OrderStop, By: by, At: p.worker.app.env.Now()})
}
