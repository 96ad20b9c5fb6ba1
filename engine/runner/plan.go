package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Plan says what apply would do, without a network and without changing anything. Ledger may be nil: nothing was ever sent. What
// it remembers of each item, to find two rows that are the same one, goes to the disk where there are many.
func (e *Engine) Plan(ctx context.Context, req Request) (*engine.Plan, error) {
	p := &planner{takes: map[string]time.Duration{}, samples: map[*engine.Step]int{}, numbers: newNumberCount(), hash: sha256.New(), plan: &engine.Plan{Job: req.Job.Name, Skipped: map[string]int{}, Waits: map[string]int{}, Numbers: map[string]int{}}}
	defer func() { _ = p.numbers.people.Close() }()
	l, err := e.look(ctx, req, 0, func(l *looker) visitor {
		p.looker, p.new = l, newNewRows(ctx, l.x)
		p.values = newValues(l.x.forEachOf)
		l.x.changes.looks = true
		return p
	})
	if err := errors.Join(err, p.numbers.people.Err()); err != nil {
		return nil, err
	}
	defer p.new.close()
	if err := l.x.checkItems(ctx); err != nil {
		return nil, err
	}
	if err := l.x.checkSources(ctx, req.Job.Steps).Err(); err != nil {
		return nil, err
	}
	for _, d := range p.values.warnings() {
		l.x.warn(d)
	}
	p.plan.Rows = l.x.changes.rows
	p.plan.Scope, p.plan.People = l.x.run.Scope, int(l.x.recipients.Load())
	if most := req.Job.Limits.Recipients; most > 0 && p.plan.People > most {
		d := tooMany(req.Job.Limits, wording.People(p.plan.People))
		l.x.warn(willRefuse(d))
	}
	p.plan.Cost, p.plan.Day = p.bill.cost(l.x), l.x.people.reached.ofDay(l.x)
	if l.x.sends {
		if d := l.x.costGuard(p.plan.Cost); d != nil {
			l.x.warn(willRefuse(*d))
		}
	}
	changed, err := p.new.find(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range changed {
		l.x.warn(willRefuse(d))
	}
	p.plan.Countries = p.numbers.countries
	for _, d := range p.numbers.odd.warnings(l.x.redact) {
		l.x.warn(d)
	}
	for _, d := range p.doubts.warnings() {
		l.x.warn(d)
	}
	top := newSequence(maps.Clone(l.x.names), "", 0, nil)
	if p.plan.Rollouts, err = l.x.planWaves(ctx, top, req.Job.Steps); err != nil {
		return nil, err
	}
	l.x.warnOfRepeats()
	l.x.tellRemarks()
	p.plan.Fingerprint = hex.EncodeToString(p.hash.Sum(nil))
	p.plan.Warnings = append(p.plan.Warnings, l.x.tally.warnings...)
	return p.plan, nil
}

// planner is the visitor that plans: it looks, and renders what would be sent.
type planner struct {
	*looker
	plan    *engine.Plan
	new     *newRows
	values  values
	samples map[*engine.Step]int
	numbers *numberCount
	takes   map[string]time.Duration // by phone number id
	doubts  doubtCount
	hash    hash.Hash
}

// read notes a step that only reads.
func (p *planner) read(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if !slices.Contains(p.plan.Reads, s) {
		p.plan.Reads = append(p.plan.Reads, s)
	}
	return p.looker.read(ctx, q, s)
}

// fail notes an item that would fail.
func (p *planner) fail(q *sequence, s *engine.Step, err error) (map[string]any, engine.Ending) {
	p.plan.Invalid++
	if len(p.plan.Invalids) < engine.MaxErrors && p.shows(q) {
		p.plan.Invalids = append(p.plan.Invalids, p.x.stepError(q, s, err))
	}
	fmt.Fprintf(p.hash, "invalid %s %s\n", s.Path, q.item)
	return p.looker.fail(q, s, err)
}

// shows says whether messages and failures of an item are among those that are shown.
func (p *planner) shows(q *sequence) bool { return p.x.req.Sample == "" || p.x.req.Sample == q.item }

// deliver plans one message.
func (p *planner) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	c, answer := p.meet(ctx, q, s, op)
	if s.Params != nil && q.foresees(s.Params) {
		if err := p.x.render(ctx, &c); err != nil && !p.x.leavesUnmade(&c) && (answer.admits() || c.twin) {
			return p.unmade(&c, err)
		}
	}
	if answer.admits() || c.known {
		p.new.meet(&c)
	}
	if answer.admits() {
		p.x.repeated.meet(p.x, &c)
	}
	if c.twin {
		p.x.skipDuplicate(&c)
		return p.leaves(&c, answer)
	}
	if answer.admits() {
		answer = p.x.admit(ctx, &c, byMoment)
	}
	switch {
	case answer.admission == admitInvalid:
		return p.fail(q, s, answer.err)
	case answer.admission == admitWait:
		p.bill.meet(ctx, p.x, &c, answer)
		p.wait(&c, answer)
		return nil, p.foresee(&c, answer)
	case answer.admission == admitSkip && answer.action == 0:
		return p.leaves(&c, answer)
	}
	if answer.admits() {
		p.rows.Add(half(c.key.Hash()), q.row)
	}
	action := p.action(&c, answer)
	var digest delivery.Digest
	if c.call != nil {
		digest = p.sample(ctx, &c, action)
	}
	p.count(action)
	if action.Sends() || action == delivery.ActionDepends {
		if c.call != nil {
			p.numbers.meet(&c)
			p.doubts.meet(&c)
		}
		if err := p.x.people.reached.meetTemplate(ctx, p.x, &c); err != nil {
			p.x.fail(err)
		}
		p.bill.add(ctx, p.x, &c)
		p.byNumber(&c)
		p.values.meet(&c)
	}
	fmt.Fprintf(p.hash, "%x %x %d\n", c.intended().Hash(), digest, action)
	return nil, p.foresee(&c, answer)
}

// unmade plans a message that cannot be made: for what it reads is left out, or for its row.
func (p *planner) unmade(c *candidate, err error) (map[string]any, engine.Ending) {
	if reason := c.q.leftOutBefore(c.step); reason != "" {
		return p.leaves(c, decision{admission: admitSkip, reason: reason})
	}
	p.values.meet(c)
	return p.fail(c.q, c.step, err)
}

// leaves plans a message that is left out.
func (p *planner) leaves(c *candidate, answer decision) (map[string]any, engine.Ending) {
	p.leave(c.q, c.step, answer.reason)
	return p.leftOut(c, answer)
}

// byNumber counts a message for the number that it goes by. All numbers send at the same time: the one that takes longest says how long it
// is.
func (p *planner) byNumber(c *candidate) {
	id := ""
	if c.call != nil {
		id = c.call.Connection.PhoneNumberID
	} else if list := p.x.connections[c.step]; len(list) > 0 {
		id = list[0].PhoneNumberID
	}
	p.takes[id] += p.x.spacing(c)
	p.plan.Takes = max(p.plan.Takes, p.takes[id])
	if len(p.x.writers.numbers) > 0 && c.call != nil {
		p.plan.Numbers[id]++
	}
}

// leave counts a message that would be left out.
func (p *planner) leave(_ *sequence, _ *engine.Step, reason string) { p.plan.Skipped[reason]++ }

// stand counts a message that was sent before, or may have been.
func (p *planner) stand(ctx context.Context, c candidate, answer decision) (map[string]any, engine.Ending) {
	p.count(answer.action)
	fmt.Fprintf(p.hash, "%x stands %d\n", c.key.Hash(), answer.action)
	return p.looker.stand(ctx, c, answer)
}

// wait counts a message that would wait for a later hour.
func (p *planner) wait(c *candidate, answer decision) {
	p.plan.Waiting++
	p.plan.Waits[answer.reason]++
	if p.plan.WaitsUntil.IsZero() || answer.until.Before(p.plan.WaitsUntil) {
		p.plan.WaitsUntil = answer.until
	}
	fmt.Fprintf(p.hash, "%x waits %s\n", c.key.Hash(), answer.reason)
}

// action is what would be done about a message.
func (p *planner) action(c *candidate, answer decision) delivery.Action {
	switch {
	case !answer.admits():
		return answer.action
	case c.further > 0:
		return delivery.ActionAgain
	case c.corrected:
		return delivery.ActionCorrect
	case c.known:
		return delivery.ActionRetry
	case c.q.unsure:
		return delivery.ActionDepends
	}
	return delivery.ActionSend
}

// sample keeps the first messages of a step.
func (p *planner) sample(ctx context.Context, c *candidate, action delivery.Action) delivery.Digest {
	m, digest := c.call.Message, p.x.digest(c)
	if action.Sends() && p.samples[c.step] < engine.MaxSamples && p.shows(c.q) {
		p.samples[c.step]++
		text, masked := p.x.read(ctx, c)
		p.plan.Samples = append(p.plan.Samples, engine.Sample{
			Step: c.step, Operation: c.step.Operation.Name(), Item: c.q.item, Row: c.q.row, Recipient: m.Recipient,
			Body: json.RawMessage(p.x.redact(string(m.Body))), Text: text, Masked: masked, Action: action,
		})
	}
	return digest
}

func (p *planner) count(a delivery.Action) {
	switch a {
	case delivery.ActionSend:
		p.plan.New++
	case delivery.ActionNone:
		p.plan.AlreadySent++
	case delivery.ActionAgain:
		p.plan.Again++
	case delivery.ActionChanged:
		p.plan.Changed++
	case delivery.ActionRetry:
		p.plan.ToRetry++
	case delivery.ActionCorrect:
		p.plan.Corrected++
	case delivery.ActionHold:
		p.plan.InDoubt++
	case delivery.ActionRefused:
		p.plan.Refused++
	case delivery.ActionDepends:
		p.plan.Depends++
	}
}
