package runner

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"waybill/engine"
)

// partOutcome is what came of a part of a forEach, as the processes of a run tell each other.
type partOutcome struct {
	Counts   engine.Counts `json:"counts"`
	Messages int           `json:"messages,omitempty"` // of a rollout's wave
	Held     int           `json:"held,omitempty"`     // of Messages
	Stopped  string        `json:"stopped,omitempty"`  // why nothing more of the forEach was begun; empty: all of the part was met

	Unchanged string    `json:"unchanged,omitempty"` // what was found of the part's rows
	LeftOut   *leftRows `json:"leftOut,omitempty"`   // what where did to them; nil: it asks for no text
}

// ended is what others are to know of a part that is done with; empty: what others began of it, before the stage was stopped, stands.
func (o partOutcome) ended(stopped, found string) string {
	if stopped != "" && o == (partOutcome{}) {
		return ""
	}
	if o.Stopped = stopped; o.Counts.InDoubt == 0 {
		o.Unchanged = found
	}
	return o.text()
}

func (o partOutcome) text() string {
	text, _ := json.Marshal(o) // numbers and a text: it never fails
	return string(text)
}

// items does the items of a forEach, or of one of its waves: all, or, of a run that is divided, the parts of this process, and those that
// nobody has any more, until no part is left. Those of others are waited for: whoever has them may die.
func (w walker) items(ctx context.Context, q *sequence, s *engine.Step, now *wave, counts *engine.Counts) (engine.Ending, error) {
	if !w.x.divides(s) {
		return w.whole(ctx, q, s, now, counts)
	}
	sh := w.x.share
	p, end, err := sh.come(ctx, s, now == nil && sh.isLast(s))
	if err != nil {
		w.x.fail(err)
		return engine.EndedEarly, nil
	}
	defer end()
	if sh.countsRest() {
		ending, err := w.leftItems(ctx, q, p, now, counts)
		if err != nil {
			w.x.endEarly(err)
		}
		return ending, nil
	}
	own, ending := engine.Counts{}, engine.EndedSucceeded
	for told := false; ; {
		lease, todo, err := p.take(ctx)
		switch {
		case err != nil:
			w.x.fail(err)
			return engine.EndedEarly, nil
		case ctx.Err() != nil:
			return engine.EndedEarly, nil
		case todo == none:
			return w.allItems(q, p, lease, now, counts, own, ending)
		case todo == later:
			if !told {
				told = true
				p.tellOthers(s, "the rows that are left are other processes'; this one stays until they are done, in case one of those dies")
			}
			p.pause(ctx)
			continue
		}
		p.begun = true
		if ending, err = w.whole(ctx, q, s, now, &own); err != nil || ending == engine.EndedEarly {
			counts.Include(own)
			return ending, err
		}
		if err := p.endParts(ctx, shareStatus(q, s, own)); err != nil {
			w.x.fail(err)
			return engine.EndedEarly, nil
		}
	}
}

// allItems ends a forEach with what came of all of its parts, of whichever process, and says how it ended: in the run's last stage by the
// rows of this process alone, with whose status it ends.
func (w walker) allItems(
	q *sequence, p *portion, lease engine.Lease, now *wave, counts *engine.Counts, own engine.Counts, ending engine.Ending,
) (engine.Ending, error) {
	if len(lease.Open) > 0 { // it was told which parts are its own, and leaves the others to others
		counts.Include(own)
		return ending, nil
	}
	all := partOutcome{Stopped: p.stopped()}
	found, left := asSent{}, p.where.none()
	for i, outcome := range lease.Outcomes {
		if outcome == "" {
			continue // nobody began it before the stage was stopped
		}
		var part partOutcome
		if err := json.Unmarshal([]byte(outcome), &part); err != nil {
			w.x.fail(fmt.Errorf("%w: what came of a part of the run cannot be read: %w", engine.ErrDamaged, err))
			return engine.EndedEarly, nil
		}
		if i == 0 {
			found = asSentOf(part.Unchanged)
		}
		found = found.and(asSentOf(part.Unchanged))
		all.Counts.Include(part.Counts)
		all.Messages, all.Held, all.Stopped = all.Messages+part.Messages, all.Held+part.Held, cmp.Or(all.Stopped, part.Stopped)
		left.include(part.LeftOut)
	}
	p.x.remarks.leftOf(p.each, left)
	if len(p.stages) == 1 && now == nil {
		p.found = found
	}
	counts.Include(all.Counts)
	now.include(all.Messages, all.Held)
	if all.Stopped != "" {
		w.trip(q, p.each, all.Stopped)
	}
	if !p.stage.Last {
		ending = endingOf(all.Counts)
	}
	return ending, nil
}

// tellOthers tells why this process does nothing, but for one that has a placement, which does what it is given.
func (p *portion) tellOthers(s *engine.Step, message string) {
	if p.x.req.Placement != nil {
		return
	}
	p.x.tell(engine.Event{Kind: engine.Waiting, Step: s, Reason: "shared", Wait: lookEvery, Message: message})
}

// shareStatus says how this process's share of a run has fared, by the steps before and by its items of a forEach.
func shareStatus(q *sequence, s *engine.Step, counts engine.Counts) engine.RunStatus {
	switch {
	case q.waiting, counts.Waiting > 0:
		return engine.RunStopped
	case q.inDoubt, counts.InDoubt > 0:
		return engine.RunInDoubt
	case q.failed, q.notSent, !s.ContinueOnError && counts.Failed > 0, counts.NotSent > 0:
		return engine.RunFailed
	}
	return engine.RunSucceeded
}

// endParts says that the parts of a pass are done, but for those that were given up, and all where it did not begin.
func (p *portion) endParts(ctx context.Context, so engine.RunStatus) error {
	flight := context.WithoutCancel(ctx)
	p.x.writeNotes(flight)
	stopped, found := p.stopped(), p.x.ownUnchanged(flight).text()
	var ended, freed []engine.EndedPart
	for n, in := range p.pass {
		p.mu.Lock()
		part := &p.parts[n]
		switch {
		case in && part.held && (part.dropped || !p.begun):
			freed = append(freed, p.free(n))
		case in && part.held:
			ended = append(ended, engine.EndedPart{Stage: p.stage.Number, Part: n, Outcome: part.came.ended(stopped, found)})
		}
		part.held = false
		p.mu.Unlock()
	}
	if len(freed) > 0 {
		if err := p.ledger.FreeParts(flight, p.x.run.ID, freed); err != nil {
			return err
		}
	}
	if len(ended) == 0 {
		return nil
	}
	return p.endAll(flight, ended, so)
}
