package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"waybill/engine"
)

// Of a run that was stopped, rows are left that nobody came to and nobody counted: those of parts whose process died or left, and those of
// later waves. The processes may have been at different stages when they heard of it, so once the run is said to be stopped each that lives
// goes through the stages anew, as one that joins late does, as far as anybody came. What is left there is counted by whoever gets it.

// leftCounter is the visitor of that walk: what steps were left out or failed was noted when it was found.
type leftCounter struct{ *performer }

func (leftCounter) leave(*sequence, *engine.Step, string) {}

func (leftCounter) fail(*sequence, *engine.Step, error) (map[string]any, engine.Ending) {
	return nil, engine.EndedFailed
}

// countLeft counts, of a divided run that was stopped and was said to be, the messages that are left. It stays until all are counted,
// whoever does so, or ctx ends. An engine is not asked: it has nothing to give of a run that was stopped.
func (x *execution) countLeft(ctx context.Context, end runEnd) {
	if x.share == nil || end.status != engine.RunStopped || !end.until.IsZero() || x.leftToOthers(end) {
		return // one that waits is not stopped for all: it is taken up when the hour comes
	}
	if err := x.share.beginRest(ctx); err != nil {
		x.endEarly(err)
		return
	}
	walker{x, leftCounter{&performer{x}}}.stages(ctx, newSequence(maps.Clone(x.names), "", 0, nil))
	if ctx.Err() == nil && !x.leftToOthers(end) {
		x.write(context.WithoutCancel(ctx), end, &x.notes.met) // nothing is left, and nobody needs what came of the stages
	}
}

// beginRest ends the parts that this process has of a forEach, whose rows are counted, and goes back to before the first stage.
func (sh *share) beginRest(ctx context.Context) error {
	sh.rest.Store(true)
	if at := sh.now.Load(); at != nil && at.each != nil {
		if err := at.endParts(ctx, engine.RunStopped); err != nil {
			return err
		}
	}
	sh.now.Store(nil)
	return nil
}

// countsRest says whether the run was stopped, and what is left of it is counted; nil: never.
func (sh *share) countsRest() bool { return sh != nil && sh.rest.Load() }

// endEarly ends the run for an error. None is errInterrupted, for something else ended it, and of what is left of a run that was stopped, that
// it was taken up again.
func (x *execution) endEarly(err error) {
	_, lost := errors.AsType[*engine.PartLostError](err)
	if errors.Is(err, errInterrupted) || x.share.countsRest() && (lost || errors.Is(err, engine.ErrNotFound)) {
		return
	}
	x.fail(err)
}

// leftItems counts what is left of the items of a forEach, or of one of its waves, until none of its parts is open. Its error is
// errInterrupted where the run did not come so far, or ctx ended.
func (w walker) leftItems(
	ctx context.Context, q *sequence, p *portion, now *wave, counts *engine.Counts,
) (engine.Ending, error) {
	for told := false; ; {
		lease, todo, err := p.take(ctx)
		switch {
		case err != nil:
			return engine.EndedEarly, err
		case ctx.Err() != nil || !lease.Begun():
			return engine.EndedEarly, errInterrupted
		case len(lease.Open) == 0:
			return w.allItems(q, p, lease, now, counts, engine.Counts{}, engine.EndedSucceeded)
		case todo == some:
			p.begun = true
			err := w.countingLoop(q, p.each, now, p).countUnreachedOf(ctx, func(e element) bool { return now.holds(p.each, e) && p.has(e) })
			if err == nil {
				err = p.endParts(ctx, engine.RunStopped)
			}
			if err != nil {
				return engine.EndedEarly, err
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

// errCounted says that other processes counted all that was left of a run that was stopped: they forgot what came of its stages since.
var errCounted = fmt.Errorf("%w, and all of it is counted", errInterrupted)

// cameOf is what came of a stage that one process did for all; its error is errInterrupted where the run ended before that.
func (p *portion) cameOf(ctx context.Context) (string, error) {
	lease, _, err := p.look(ctx, false)
	switch {
	case err != nil:
		return "", err
	case ctx.Err() != nil || len(lease.Outcomes) == 0:
		return "", errInterrupted
	case lease.Outcomes[0] == "":
		return "", errCounted
	}
	return lease.Outcomes[0], nil
}

// laterStage is the stage in which one process counts the waves behind the last one that anybody came to: the one that was begun for that,
// where the rollout ended before the run did, and else the last of all.
func (w walker) laterStage(ctx context.Context, q *sequence, rolloutEnded bool) (*portion, error) {
	if rolloutEnded {
		p := w.x.share.open(nil, false)
		if lease, _, err := p.look(ctx, false); err != nil || lease.Begun() {
			return p, err
		}
	}
	q.close(interrupted)
	p := w.x.share.open(nil, false)
	p.stage.Number = engine.RestStage
	return p, nil
}

// countingLoop is a forEach whose messages are counted as not sent. p is nil where one process counts for all.
func (w walker) countingLoop(q *sequence, s *engine.Step, now *wave, p *portion) *loop {
	l := &loop{w: w, x: w.x, outer: q, step: s, wave: now, portion: p}
	l.messages, _ = senders(s)
	l.tripped.Store(true)
	return l
}
