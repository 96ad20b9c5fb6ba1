package runner

import (
	"context"
	"errors"

	"waybill/engine"
)

// cut is where a forEach whose items are divided was when the run was stopped for all.
type cut struct {
	portion *portion
	outer   *sequence
	wave    *wave // nil: it goes in none
}

// cutShort notes where a forEach was when the run was stopped for a reason: the rows that are left are counted when all know that.
func (sh *share) cutShort(ctx context.Context, p *portion, outer *sequence, now *wave) {
	if sh.x.wasCutShort(ctx) {
		sh.cut = &cut{p, outer, now}
	}
}

// countLeft counts, of a divided run that was stopped and was said to be, the messages that nobody came to and nobody counted: those of
// parts whose process died or left, once these are free, and those of later waves. It stays until all are counted, whoever does so, or ctx
// ends. An engine is not asked: it has nothing to give of a run that was stopped.
func (x *execution) countLeft(ctx context.Context, end runEnd) {
	if x.share == nil || x.share.cut == nil || end.status != engine.RunStopped || x.leftToOthers(end) {
		return
	}
	c := x.share.cut
	err := c.countParts(ctx)
	if err == nil && c.wave != nil {
		err = c.countWaves(ctx)
	}
	_, lost := errors.AsType[*engine.PartLostError](err)
	if err == nil || lost || errors.Is(err, engine.ErrNotFound) || errors.Is(err, errInterrupted) { // it was resumed, or the user does not wait
		return
	}
	x.tally.fail(err)
}

// countParts counts what is left of the parts of the stage, until none is open. Its error is errInterrupted where ctx ended.
func (c *cut) countParts(ctx context.Context) error {
	p := c.come(c.portion)
	if err := p.endParts(ctx, engine.RunStopped); err != nil { // its own are counted
		return err
	}
	for told := false; ; {
		lease, todo, err := p.take(ctx)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return errInterrupted
		case len(lease.Open) == 0:
			return nil
		case todo == some:
			c.count(ctx, p, c.wave, func(e element) bool { return c.wave.holds(p.each, e) && p.has(e) })
			if err := p.endParts(ctx, engine.RunStopped); err != nil {
				return err
			}
			continue
		}
		if !told {
			told = true
			p.tellOthers(p.each, "the run is stopped; this process stays until the rows that others had are counted (Ctrl-C ends that)")
		}
		p.pause(ctx)
	}
}

// countWaves has one process count the waves behind the one that the rollout has come to, unless the wave stopped it: who found that counts.
func (c *cut) countWaves(ctx context.Context) error {
	x, s := c.portion.x, c.portion.each
	state, err := x.engine.Ledger.Rollout(ctx, x.deliveryKey(s, ""))
	if err != nil || state == nil || state.Stopped != "" || state.Wave >= len(state.Until) {
		return err
	}
	now := waveOf(state, false)
	p := c.come(&portion{share: x.share, stage: Stage{Number: engine.RestStage, Alone: true}})
	_, err = p.alone(ctx, s, func() (string, engine.RunStatus, error) {
		c.count(ctx, nil, now, func(e element) bool { return now.follows(s, e) })
		return "", engine.RunStopped, nil
	})
	return err
}

// come makes a portion the one that is counted.
func (c *cut) come(p *portion) *portion {
	p.rest = true
	p.now.Store(p)
	return p
}

// count counts the messages of items that are meant.
func (c *cut) count(ctx context.Context, p *portion, now *wave, meant func(element) bool) {
	l := &loop{x: c.portion.x, outer: c.outer, step: c.portion.each, wave: now, portion: p}
	l.messages, _ = senders(l.step)
	l.tripped.Store(true)
	l.countUnreachedOf(ctx, meant)
	l.x.writeNotes(ctx)
}
