package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"waybill/engine"
)

// runStage is what the processes of a divided run come to together: a forEach whose items are divided among them, or steps that one of them
// does for all. A rollout, and a forEach with an `if`, are several stages of the ledger.
type runStage struct {
	each  *engine.Step   // whose items are divided; nil: one process does the steps
	steps []*engine.Step // at least one, next to each other in the job
}

// divisible finds the stages of a run that can be divided among processes, with a digest of what they are made of; else the reason, for
// people.
func (x *execution) divisible(ctx context.Context) (stages []runStage, rows, why string) {
	switch {
	case x.req.Mode == engine.ModeRun:
		return nil, "", "waybill run makes a run of its own each time; apply is shared"
	case x.req.ToResend != nil:
		return nil, "", "it sends again what is in doubt, which are few; apply when it is done"
	case findsItems(x.req.Job.Steps) && (x.req.Job.Limits.Recipients > 0 || x.req.Job.Limits.Cost != nil):
		return nil, "", "its limits are kept by counting while it sends, since rows come from an answer; without them in the job it is shared"
	}
	sum, divided := sha256.New(), 0
	for _, s := range x.req.Job.Steps {
		not := x.undivided(s)
		if not != "" {
			if x.reaches(s) {
				why = not
			}
			if last := len(stages) - 1; last >= 0 && stages[last].each == nil {
				stages[last].steps = append(stages[last].steps, s)
			} else {
				stages = append(stages, runStage{steps: []*engine.Step{s}})
			}
			continue
		}
		digest := ""
		if fixed(s.ForEach) {
			var err error
			if digest, err = x.readWhole(ctx, s); err != nil {
				return nil, "", fmt.Sprintf("the rows of step %s cannot be read to their end (%v); mend them, and it is shared", s.Path, err)
			}
		}
		fmt.Fprintf(sum, "%s\x00%s\x00", s.Path, digest)
		divided++
		stages = append(stages, runStage{each: s, steps: []*engine.Step{s}})
	}
	if divided == 0 {
		return nil, "", why
	}
	return stages, hex.EncodeToString(sum.Sum(nil)[:16]), ""
}

// undivided says why one process does a step of the job; empty: its items are divided among all.
func (x *execution) undivided(s *engine.Step) string {
	switch {
	case !x.reaches(s):
		return "it sends nothing"
	case s.ForEach == nil:
		return fmt.Sprintf("step %s is no forEach; divided are the rows of one that stands in the job's own steps, and in no group", s.Path)
	case fixed(s.ForEach):
		return ""
	case !s.ForEach.From.OnlyUses("inputs", "vars", "run", "job", "steps"):
		return fmt.Sprintf("the rows of step %s depend on more than the job and its answers; shared are those that all processes find the same", s.Path)
	case s.ForEach.Source.Origin(s.ForEach) != (engine.Origin{}):
		return fmt.Sprintf("the rows of step %s are asked for with an answer of another step; with a name that does not depend on it, or as a list in the answer, they are shared", s.Path)
	}
	return "" // a list in an answer, which all processes are told
}

// stages does the steps of a divided run.
func (w walker) stages(ctx context.Context, q *sequence) {
	for i, st := range w.x.share.stages {
		before := q.end
		if st.each == nil && slices.ContainsFunc(st.steps, w.x.selected) {
			w.together(ctx, q, st.steps, i == len(w.x.share.stages)-1)
		} else {
			w.steps(ctx, q, st.steps)
		}
		if q.end == interrupted {
			return
		}
		if q.end == blocked && before != blocked && i < len(w.x.share.stages)-1 {
			w.x.tally.leaveRest()
		}
	}
}

// together has one process do steps, and gives what came of them to all. final: no stage follows.
func (w walker) together(ctx context.Context, q *sequence, steps []*engine.Step, final bool) {
	text, err := w.x.share.alone(ctx, steps[0], final, func() (string, engine.RunStatus, error) {
		var err error
		if q.known, err = w.x.lookupOutside(ctx); err != nil { // what a process did that died meanwhile is there
			return "", "", err
		}
		w.steps(ctx, q, steps)
		if q.end == interrupted {
			return "", "", errInterrupted
		}
		w.x.writeNotes(context.WithoutCancel(ctx))
		outcome, err := q.outcome(steps, w.x.tally.stopReason())
		return outcome, shareStatus(q, steps[0], engine.Counts{}), err
	})
	if err == nil && text != "" {
		err = w.takeOutcome(q, text)
	}
	if err != nil {
		w.x.endEarly(err)
		q.close(interrupted)
	}
}

// alone has one process of the run do something, and returns what came of it, where another did it; empty: this one did. Whoever does it
// may die, and then the next does it. Its error is errInterrupted where the run ended first. Of a run that was stopped nothing is done.
func (sh *share) alone(
	ctx context.Context, s *engine.Step, final bool, do func() (outcome string, so engine.RunStatus, err error),
) (string, error) {
	p, end, err := sh.come(ctx, nil, final)
	if err != nil {
		return "", err
	}
	defer end()
	if sh.countsRest() {
		return p.cameOf(ctx)
	}
	return p.alone(ctx, s, do)
}

// alone does the one part of a stage, or waits for what another makes of it.
func (p *portion) alone(
	ctx context.Context, s *engine.Step, do func() (outcome string, so engine.RunStatus, err error),
) (string, error) {
	for told := false; ; {
		lease, todo, err := p.take(ctx)
		switch {
		case err != nil:
			return "", err
		case ctx.Err() != nil:
			return "", errInterrupted
		case todo == none:
			return lease.Outcomes[0], nil
		case todo == some:
			outcome, so, err := do()
			if err == nil {
				err = p.endAll(ctx, []engine.EndedPart{{Stage: p.stage.Number, Outcome: outcome}}, so)
			}
			return "", err
		}
		if !told {
			told = true
			p.tellOthers(s, "another process does step "+s.Path+" for all; this one waits for it, in case that one dies")
		}
		p.pause(ctx)
	}
}

// fares is how the run has fared when processes agree on a value.
type fares struct {
	q      *sequence     // the job's own
	counts engine.Counts // of the items of the step, so far
	final  bool          // with that value the run is over
}

// agree makes a value; where the items of a step are divided, one process of the run makes it, and all have the same. Its error is
// errInterrupted where the run ended first.
func agree[T any](ctx context.Context, x *execution, s *engine.Step, so fares, make func() (T, error)) (value T, err error) {
	if !x.divides(s) {
		return make()
	}
	text, err := x.share.alone(ctx, s, so.final, func() (string, engine.RunStatus, error) {
		if value, err = make(); err != nil {
			return "", "", err
		}
		text, err := json.Marshal(value)
		return string(text), shareStatus(so.q, s, so.counts), err
	})
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &value)
	}
	return value, err
}
