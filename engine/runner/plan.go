package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"math"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// Plan says what apply would do, without a network and without changing anything. Ledger may be nil: nothing
// was ever sent. It remembers a few bytes of each item, to find two rows that are the same one.
func (e *Engine) Plan(ctx context.Context, req Request) (*engine.Plan, error) {
	p, err := e.plan(ctx, req, 0)
	if err != nil {
		return nil, err
	}
	return p.plan, nil
}

// People counts by how many items, and steps outside of one, somebody may be messaged. It stops counting past
// enough, when that is above 0. Not known: further items come from a step of the run itself.
func (e *Engine) People(ctx context.Context, req Request, enough int) (n int, known bool, err error) {
	if enough <= 0 {
		enough = math.MaxInt
	}
	p, err := e.plan(ctx, req, enough)
	if err != nil {
		return 0, false, err
	}
	return p.plan.People, !p.unknown, nil
}

func (e *Engine) plan(ctx context.Context, req Request, enough int) (*planner, error) {
	quiet := *e
	quiet.Observe = nil // nothing happens yet
	x, err := quiet.begin(ctx, req, func(error) {})
	if err != nil {
		return nil, err
	}
	p := &planner{
		execution: x, enough: enough, samples: map[*engine.Step]int{}, hash: sha256.New(), rows: map[uint64]int{},
		plan: &engine.Plan{Job: x.job.Name, Scope: x.run.Scope},
	}
	outside, err := x.knownOutside(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := p.steps(ctx, newSequence(maps.Clone(x.names), "", 0, nil), x.job.Steps, outside, false); err != nil && !errors.Is(err, errEnough) && !errors.Is(err, errInvalid) {
		return nil, err
	}
	if most := x.job.Limits.Recipients; most > 0 && enough == 0 && p.plan.People > most {
		d := tooMany(x.job.Limits, fmt.Sprintf("%d people", p.plan.People))
		d.Detail += " apply will refuse it."
		x.warn(d)
	}
	p.plan.Fingerprint = hex.EncodeToString(p.hash.Sum(nil))
	p.plan.Warnings = append(p.plan.Warnings, x.book.warnings...)
	return p, nil
}

// planner walks a job as execution does, and looks instead of doing.
type planner struct {
	*execution
	plan    *engine.Plan
	unknown bool // somebody may be messaged by items that nobody knows yet
	enough  int  // stop once so many people are counted; 0: count them all
	samples map[*engine.Step]int
	hash    hash.Hash
	rows    map[uint64]int // row of each key seen, by half of its hash
}

// errEnough ends the counting; errInvalid ends the item's sequence, as its failure will.
var (
	errEnough  = errors.New("counted enough")
	errInvalid = errors.New("the item will fail")
)

// steps plans a sequence and says whether it may message somebody. depends: it is done or not by what earlier
// steps will have answered.
func (p *planner) steps(ctx context.Context, q *sequence, steps []*engine.Step, known map[delivery.KeyHash]delivery.Delivery, depends bool) (bool, error) {
	any := false
	for _, s := range steps {
		if !s.Within(p.Only) {
			continue
		}
		wanted, unsure, err := p.wanted(ctx, q, s)
		if err != nil {
			return any, p.invalid(q, s, err)
		}
		if !wanted {
			continue
		}
		messages, err := p.step(ctx, q, s, known, depends || unsure)
		if errors.Is(err, errInvalid) && s.ContinueOnError {
			err = nil
		}
		if err != nil {
			return any, err
		}
		if s.ForEach != nil {
			continue // its items are people of their own
		}
		any = any || messages
		if messages && q.item == "" && s.Operation != nil {
			p.people()
		}
	}
	return any, nil
}

// wanted says whether a step would be done, as far as that is known before the run.
func (p *planner) wanted(ctx context.Context, q *sequence, s *engine.Step) (wanted, unsure bool, err error) {
	if s.If == nil {
		return true, false, nil
	}
	failed, _ := s.If.UsesStatus()
	if failed || s.If.Uses("steps") {
		return true, true, nil
	}
	q.names[eval.Failed] = false
	wanted, err = s.If.Truth(ctx, q.names)
	return wanted, false, err
}

func (p *planner) step(ctx context.Context, q *sequence, s *engine.Step, known map[delivery.KeyHash]delivery.Delivery, depends bool) (bool, error) {
	if s.ForEach != nil {
		return p.forEach(ctx, q, s, depends)
	}
	return p.single(ctx, q, s, known, depends)
}

// single plans a step for one item, or for none.
func (p *planner) single(ctx context.Context, q *sequence, s *engine.Step, known map[delivery.KeyHash]delivery.Delivery, depends bool) (bool, error) {
	if s.Operation == nil {
		return p.steps(ctx, q, s.Steps, known, depends)
	}
	op, sender := s.Sender()
	if !sender {
		if !slices.Contains(p.plan.Reads, s) {
			p.plan.Reads = append(p.plan.Reads, s)
		}
		return false, nil
	}
	return p.delivery(ctx, q, s, op, known, depends)
}

// forEach plans a step for each of its items, as they stream by.
func (p *planner) forEach(ctx context.Context, q *sequence, s *engine.Step, depends bool) (bool, error) {
	if sourceUses(s.ForEach, "steps") {
		p.unknown = p.unknown || p.reaches(s)
		p.warn(diag.Diagnostic{
			Code: "plan-depends", Range: s.ForEach.Range,
			Summary: fmt.Sprintf("the items of %s come from an earlier step and are not known before the run", s.Path),
		})
		return false, nil
	}
	if s.ForEach.Key == nil && p.reaches(s) {
		p.warn(noKey(s))
	}
	from := p.source(q, s)
	any, begun := false, 0
	for batch := range from.batches(ctx) {
		known, err := from.lookup(ctx, batch)
		if err != nil {
			return any, err
		}
		for _, b := range batch {
			if fatal := b.fatal(); fatal != nil {
				return any, unreadable(s, fatal)
			}
			if p.Limit > 0 && begun == p.Limit {
				return any, nil
			}
			begun++
			messages, err := p.item(ctx, q, s, b, known, depends)
			if err != nil && !errors.Is(err, errInvalid) { // which is noted, and concerns that item alone
				return any, err
			}
			any = any || messages
		}
	}
	return any, ctx.Err()
}

// unreadable is the finding about a source that cannot be read to its end.
func unreadable(s *engine.Step, err error) error {
	if _, ok := errors.AsType[*eval.RenderError](err); ok {
		return finding(err, s.ForEach.Range)
	}
	return diag.List{{
		Severity: diag.Error, Code: "unreadable-file", Range: s.ForEach.PathRange, Summary: err.Error(),
		Detail: "Rows are missing behind that place, so nothing was sent.",
	}}.Err()
}

func noKey(s *engine.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "no-item-key", Range: s.ForEach.Range,
		Summary: fmt.Sprintf("the items of %s have no key: each is told by a hash of all its cells", s.Path),
		Detail:  "When one cell changes, the row is a new item and its person is messaged again.",
		Hint:    "add key: ${{ " + s.ForEach.As + ".id }} with a column that stays",
	}
}

func (p *planner) item(ctx context.Context, outer *sequence, s *engine.Step, b element, known map[delivery.KeyHash]delivery.Delivery, depends bool) (bool, error) {
	if b.err != nil {
		return false, p.invalid(&sequence{item: b.Key, row: b.Row}, s, b.err)
	}
	q := newSequence(b.Names, b.Key, b.Row, outer.steps)
	var messages bool
	var err error
	if s.Operation != nil {
		messages, err = p.single(ctx, q, s, known, depends)
	} else {
		messages, err = p.steps(ctx, q, s.Steps, known, depends)
	}
	if messages {
		p.people()
	}
	if p.enough > 0 && p.plan.People > p.enough {
		return messages, errEnough
	}
	return messages, err
}

func (p *planner) people() { p.plan.People++ }
