package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/spill"
	"waybill/engine/wording"
)

// reach is how often the job lets one person be messaged, and how many people within a day.
func (x *execution) reach() delivery.Reach {
	r := x.req.Job.Recipients
	if x.req.TestTo != "" {
		return delivery.Reach{}
	}
	reach := delivery.Reach{Once: r.Once, PerDay: x.req.Job.Limits.PerDay}
	if r.AtMost != nil {
		reach.AtMost, reach.Per = r.AtMost.Messages, r.AtMost.Per
	}
	return reach
}

// queuesOf says what an item waits in line for. Its person is told by the end of the number that its first message goes to, which is
// the same however the number is written: people who share it wait for each other, and lose nothing by it.
func (l *loop) queuesOf(ctx context.Context, e element) queues {
	q := queues{key: e.Key}
	if len(l.messages) == 0 || l.x.looking || !l.x.reach().BoundsPerson() {
		return q
	}
	value, err := l.messages[0].Params.Field("to").Render(ctx, e.Names)
	if err != nil {
		return q // of a later step's answer, or wrong: it is found when the message is made
	}
	text, _ := eval.Text(value)
	const end = 7 // digits, which no country's spelling changes
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	q.person = digits[max(0, len(digits)-end):]
	return q
}

// placeTaken is what a refusal of the ledger for the person's sake means.
func (x *execution) placeTaken(taken *engine.PlaceTakenError) decision {
	switch {
	case taken.Once:
		return decision{admission: admitSkip, reason: "same-person"}
	case taken.PerDay:
		x.ahead.dayFull.Store(true)
		return decision{admission: admitWait, reason: "per-day", until: taken.Until}
	case x.req.Job.Recipients.AtMost.Skip:
		return decision{admission: admitSkip, reason: "at-most"}
	}
	return decision{admission: admitWait, reason: "at-most", until: taken.Until}
}

// isTemplate says whether an operation sends templates: those are of categories, and bounded by the day.
func isTemplate(op engine.Sender) bool {
	_, template := op.(engine.Categorizer)
	return template
}

// personReached: the person has had as many messages as they may have, or the day as many people. A run asks Ledger.Intend, which takes the
// place with the intent, and before a place in line is booked where it will likely say no; a plan counts by itself, what it would send among it.
func personReached(ctx context.Context, x *execution, c *candidate) decision {
	if c.call == nil || !x.reach().Bounded() {
		return decision{}
	}
	if !x.looking {
		return x.placeAhead(ctx, c)
	}
	taken, err := x.people.reached.taken(ctx, x, c)
	if err != nil {
		x.fail(err)
		return decision{admission: admitStop, reason: "run-stopped"}
	}
	if taken == nil {
		return decision{}
	}
	return x.placeTaken(taken)
}

// peopleReached is what a plan knows of whom a run would have reached: by the ledger, and by the plan itself.
type peopleReached struct {
	mu      sync.Mutex
	aliases aliases
	steps   map[*engine.Step]map[string]delivery.KeyHash
	had     map[string][]had // by person, in order
	day     *templateDay     // nil: it was not read
}

type had struct {
	key delivery.KeyHash
	id  delivery.ID // 0: the plan would send it, and the ledger does not have it
	at  time.Time
}

// taken says who has a candidate's place; nil: it is free, and the candidate's from now on.
func (r *peopleReached) taken(ctx context.Context, x *execution, c *candidate) (*engine.PlaceTakenError, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx, x, c.step); err != nil {
		return nil, err
	}
	person, err := r.aliases.person(ctx, x.engine.Ledger, x.known(c.call.Message.Recipient))
	if err != nil {
		return nil, err
	}
	key, reach, now := c.key.Hash(), x.reach(), x.engine.Now()
	if by, ok := r.steps[c.step][person]; reach.Once && ok && by != key {
		return &engine.PlaceTakenError{Once: true}, nil
	}
	if until := reach.Until(r.others(person, key), now); !until.IsZero() {
		return &engine.PlaceTakenError{Until: until}, nil
	}
	if isTemplate(c.op) {
		if err := r.loadDay(ctx, x); err != nil {
			return nil, err
		}
		if until := r.day.until(person, reach.PerDay, now); !until.IsZero() {
			return &engine.PlaceTakenError{PerDay: true, Until: until}, nil
		}
		if err := r.day.meet(person, now); err != nil {
			return nil, err
		}
	}
	if reach.AtMost > 0 {
		own := had{key: key, at: now}
		if c.further == 0 { // else the delivery before it counts, too
			own.id = c.was.ID
		}
		r.had[person] = append(slices.DeleteFunc(r.had[person], func(h had) bool { return h.id == own.id && own.id > 0 }), own)
	}
	if reach.Once {
		r.steps[c.step][person] = key
	}
	return nil, nil
}

// others are the moments at which a person had other messages.
func (r *peopleReached) others(person string, key delivery.KeyHash) []time.Time {
	var moments []time.Time
	for _, h := range r.had[person] {
		if h.key != key {
			moments = append(moments, h.at)
		}
	}
	return moments
}

// load reads, once, what the ledger has that counts.
func (r *peopleReached) load(ctx context.Context, x *execution, s *engine.Step) error {
	reach := x.reach()
	if r.steps == nil {
		r.steps, r.had = map[*engine.Step]map[string]delivery.KeyHash{}, map[string][]had{}
		if x.engine.Ledger != nil {
			if err := r.loadAll(ctx, x, reach); err != nil {
				return err
			}
		}
	}
	if r.steps[s] != nil || !reach.Once {
		return nil
	}
	r.steps[s] = map[string]delivery.KeyHash{}
	if x.engine.Ledger == nil {
		return nil
	}
	k := x.deliveryKey(s, "")
	return r.each(ctx, x, engine.ReachFilter{Job: k.Job, Scope: k.Scope, Step: k.Step}, func(person string, d engine.Reached) {
		r.steps[s][person] = d.Key.Hash()
	})
}

// loadAll reads which numbers are one account's, and, where the job bounds the messages of all jobs, those of the time that counts.
func (r *peopleReached) loadAll(ctx context.Context, x *execution, reach delivery.Reach) error {
	if err := r.aliases.load(ctx, x.engine.Ledger); err != nil {
		return err
	}
	if reach.AtMost == 0 {
		return nil
	}
	return r.each(ctx, x, engine.ReachFilter{Since: x.engine.Now().Add(-reach.Per)}, func(person string, d engine.Reached) {
		r.had[person] = append(r.had[person], had{d.Key.Hash(), d.ID, d.At})
	})
}

func (r *peopleReached) each(ctx context.Context, x *execution, f engine.ReachFilter, take func(person string, d engine.Reached)) error {
	for d, err := range x.engine.Ledger.Reached(ctx, f) {
		if err != nil {
			return err
		}
		id, err := r.aliases.since(ctx, x.engine.Ledger, d)
		if err != nil {
			return err
		}
		person, err := r.aliases.person(ctx, x.engine.Ledger, id)
		if err != nil {
			return err
		}
		take(person, d)
	}
	return nil
}

// repeatedPeople finds people who get several messages of a step, where the job does not keep them from it.
type repeatedPeople struct {
	mu    sync.Mutex
	first spill.Table // row, by the place of step and recipient
	more  map[*engine.Step]*several
}

// several is what is known of people who get more than one message of a step.
type several struct {
	people int
	rows   []int // the first of them
	n      int   // rows
}

// meet notes whom a message goes to.
func (r *repeatedPeople) meet(x *execution, c *candidate) {
	if c.call == nil || c.q.loop == nil || x.reach().Once || x.req.TestTo != "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.more == nil {
		r.more = map[*engine.Step]*several{}
	}
	recipient := c.call.Message.Recipient
	if x.looking { // a run is told by the answers who is one account
		recipient = phone.OneSpelling(recipient)
	}
	who := placeOf(c.step.Path, recipient)
	row, met := r.first.Meet(who, c.q.row)
	if !met || row == c.q.row {
		return
	}
	s := r.more[c.step]
	if s == nil {
		s = &several{}
		r.more[c.step] = s
	}
	if _, counted := r.first.Meet(placeOf(c.step.Path+"\x00several", recipient), 0); !counted {
		s.people++
		s.note(row)
	}
	s.note(c.q.row)
}

// note keeps the first rows of the file, in whatever order they come.
func (s *several) note(row int) {
	const shown = 10
	s.n++
	at, _ := slices.BinarySearch(s.rows, row)
	s.rows = slices.Insert(s.rows, at, row)
	s.rows = s.rows[:min(len(s.rows), shown)]
}

// warnOfRepeats tells which people get, or got, several messages of a step.
func (x *execution) warnOfRepeats() {
	r := &x.repeated
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { _ = r.first.Close() }()
	if err := r.first.Err(); err != nil {
		x.warn(diag.Diagnostic{Code: "same-person", Summary: "whether people get more than one message of a step was not looked at: " + err.Error()})
		return
	}
	for step, s := range r.more {
		rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.rows), " ", ", "), "[]")
		if s.n > len(s.rows) {
			rows += " …"
		}
		verb := "got"
		if x.looking {
			verb = wording.Agree(s.people, "gets", "get")
		}
		x.warn(diag.Diagnostic{
			Code: "same-person", Range: step.Range,
			Summary: fmt.Sprintf("%s %s more than one message of %s: rows %s", wording.People(s.people), verb, step.Path, rows),
			Detail:  "Their rows name one and the same recipient. That may be right: one parent, three children.",
			Hint:    "say recipients: { once: true } to send one message to a person",
		})
	}
}

// refusedPlace is the decision behind an error of Ledger.Intend; ok is false for another error.
func (x *execution) refusedPlace(err error) (decision, bool) {
	taken, ok := errors.AsType[*engine.PlaceTakenError](err)
	if !ok {
		return decision{}, false
	}
	return x.placeTaken(taken), true
}
