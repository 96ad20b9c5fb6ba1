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
	connection, err := w.reach(ctx, e)
	if err != nil || connection == nil {
		return err
	}
	defer connection.Close()
	if !w.flags.settle.given {
		w.flags.settle.given = true // who gave the run hears what becomes of its messages
	}
	var crews sync.WaitGroup
	defer crews.Wait()
	parts := &parts{worker: w, store: store, engine: e.Name(), crews: map[string]*crew{}}
	parts.start = func(c *crew) { crews.Go(func() { parts.work(ctx, c) }) }
	return connection.Work(ctx, ledgerMark(store), slices.Sorted(maps.Keys(w.files)), parts)
}

// reach connects to an engine as soon as it is there. nil: ctx ended before.
func (w *worker) reach(ctx context.Context, e Engine) (EngineConnection, error) {
	for pause := reconnectFrom; ; pause = min(2*pause, reconnectTo) {
		connection, err := w.app.connect(ctx, e)
		if err == nil {
			return connection, nil
		}
		if _, final := errors.AsType[*ExitError](err); final {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, nil //nolint:nilerr // whoever ended it waits for nothing
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
	seats map[int]*seat
	since time.Time // when a part was last asked for
}

// seat is a part that somebody waits for.
type seat struct {
	waiting int
	done    chan struct{} // closed when end and err are known
	end     PartEnd
	err     error
}

// Do has a part done; see Parts.
func (p *parts) Do(ctx context.Context, run string, part int) (PartEnd, error) {
	c, s := p.sit(run, part)
	select {
	case <-s.done:
		return s.end, s.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.waiting--; s.waiting == 0 && c.seats[part] == s {
		delete(c.seats, part)
	}
	return PartEnd{}, ctx.Err()
}

// sit asks the crew of a run for a part.
func (p *parts) sit(run string, part int) (*crew, *seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.crews[run]
	if c == nil {
		c = &crew{all: p, run: run, seats: map[int]*seat{}}
		p.crews[run] = c
		p.start(c)
	}
	s := c.seats[part]
	if s == nil {
		s = &seat{done: make(chan struct{})}
		c.seats[part] = s
	}
	s.waiting++
	c.since = p.worker.app.env.Now()
	return c, s
}

// Begin has nothing to begin.
func (c *crew) Begin(context.Context, string) error { return nil }

// Parts are those that are asked for.
func (c *crew) Parts() []int {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	return slices.AppendSeq([]int{}, maps.Keys(c.seats))
}

// Stands tells whoever waits for a part that is done, whoever did it, or that another process has.
func (c *crew) Stands(l engine.Lease) (bool, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	for part, s := range c.seats {
		s.end = PartEnd{Done: !slices.Contains(l.Open, part), Held: slices.Contains(l.Held, part)}
		if s.end.Done || s.end.Held {
			close(s.done)
			delete(c.seats, part)
		}
	}
	recent := c.all.worker.app.env.Now().Sub(c.since) < crewIdle
	return len(l.Open) > 0 && (len(c.seats) > 0 || recent), nil
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
	s := Standing{Status: found.Status, Over: ended(found) || found.Status == engine.RunStopped, Open: []int{}}
	divided, is := p.store.(engine.PartsReader)
	if !is {
		return s, nil
	}
	list, err := divided.RunParts(ctx, found.ID)
	for _, part := range list {
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
