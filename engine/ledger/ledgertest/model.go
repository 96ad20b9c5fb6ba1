package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Subject is what a model drives: a ledger, or the transitions of package delivery alone.
type Subject interface {
	Intend(i delivery.Intent) (delivery.Ticket, error)
	Settle(a delivery.Attempt) error
	Resolve(id delivery.ID, sent bool) error
	Tell(s delivery.Status) error
	Look(k delivery.Key, id delivery.ID) (delivery.Delivery, error)
	Crash() error // the sender is killed, and another one takes over
}

// SecondRun is a run that a model makes requests for, beside the one of intents in general. A ledger must have both.
const SecondRun = anotherRun

// Judge is a Subject that tells what became of a delivery as a run sees it.
type Judge interface {
	Outcome(k delivery.Key, run string) (delivery.Outcome, bool)
}

// Restorer is a Subject that can be put back to a time at which it did not have a delivery.
type Restorer interface {
	Forget(k delivery.Key)
}

// History lets chance interleave intents, answers, statuses, crashes and the user's word, beside an account of what WhatsApp
// really took. No request may be allowed while one before it may have been taken, unless the user said so;
// and after each step every delivery stands where the account says. The prefix makes the items of one history its own.
func History(rt *rapid.T, s Subject, prefix string) {
	m := &model{T: rt, subject: s, prefix: prefix, accounts: map[string]*account{}}
	for _, item := range m.items() {
		m.open(&account{item: item, key: key(item)})
	}
	actions := map[string]func(*rapid.T){ // what has two names happens twice as often
		"intend":      m.intend,
		"intend more": m.intend,
		"answer":      func(*rapid.T) { m.answer(func(r *request) bool { return r.flying }) },
		"answer late": func(*rapid.T) { m.answer(func(r *request) bool { return !r.lost && !r.flying }) },
		"status":      m.status,
		"status more": m.status,
		"resolve":     m.resolve,
		"further":     m.further,
		"too late":    m.intendFormer,
		"crash":       m.crash,
		"":            m.compare,
	}
	if r, ok := s.(Restorer); ok {
		actions["restore"] = func(rt *rapid.T) { m.restore(rt, r) }
	}
	rt.Repeat(actions)
	m.finish()
}

type model struct {
	*rapid.T
	subject  Subject
	prefix   string
	accounts map[string]*account // of the newest delivery of each item
	all      []*account
	messages int
}

// open begins the account of a delivery.
func (m *model) open(a *account) {
	m.accounts[a.key.Item] = a
	m.all = append(m.all, a)
}

// further begins a further delivery of an item that was sent, as a user may ask for.
func (m *model) further(*rapid.T) {
	a := m.pickAccount()
	if len(a.requests) == 0 || !a.expect().State.Succeeded() || a.key.Again > 1 {
		m.SkipNow()
	}
	next := &account{key: a.key, before: a}
	next.key.Again++
	next.item = fmt.Sprintf("%s number %d", a.key.Item, next.key.Number())
	m.open(next)
	m.intendFor(next)
}

// intendFormer asks for a request of a delivery that a further one followed.
func (m *model) intendFormer(*rapid.T) {
	a := m.pickAccount()
	if a.before == nil || len(a.requests) == 0 {
		m.SkipNow()
	}
	i := intent(a.key.Item)
	i.Key, i.Allowed = a.before.key, delivery.Allowed{Resend: true, Refused: true, Again: true}
	_, err := m.subject.Intend(i)
	if held, ok := errors.AsType[*delivery.DecidedError](err); !ok || held.Delivery.Key != a.key {
		m.Fatalf("a request of %s was allowed, or held for another reason than %s: %v", a.before.item, a.item, err)
	}
}

func (m *model) must(err error) {
	if err != nil {
		m.Fatal(err)
	}
}

func (m *model) items() []string { return []string{m.prefix + "/ana", m.prefix + "/eva"} }

func (m *model) pickAccount() *account {
	return m.accounts[rapid.SampledFrom(m.items()).Draw(m.T, "item")]
}

// pickRequest picks one of the requests that fit. When there is none it skips the action, before it draws anything: else the
// history would soon be over.
func (m *model) pickRequest(fit func(*request) bool) (*account, *request) {
	var accounts []*account
	var requests []*request
	for _, a := range m.all {
		for _, r := range slices.Concat(a.lost, a.requests) {
			if fit(r) {
				accounts, requests = append(accounts, a), append(requests, r)
			}
		}
	}
	if len(requests) == 0 {
		m.SkipNow()
	}
	n := rapid.IntRange(0, len(requests)-1).Draw(m.T, "request")
	return accounts[n], requests[n]
}

func (m *model) bool(name string) bool { return rapid.Bool().Draw(m.T, name) }

// rarely is true once in four times.
func (m *model) rarely(name string) bool { return rapid.IntRange(0, 3).Draw(m.T, name) == 3 }

func (m *model) intend(*rapid.T) {
	m.intendFor(m.pickAccount())
}

// mayBegin says whether the ledger may begin a delivery that it does not have.
func (a *account) mayBegin(allowed delivery.Allowed) bool {
	return a.before == nil || allowed.Again && len(a.before.requests) > 0 && a.before.expect().State.Succeeded()
}

func (m *model) intendFor(a *account) {
	i := intent(a.key.Item)
	i.Key = a.key
	i.Allowed.Again = m.bool("again")
	i.Allowed.Resend, i.Allowed.Refused = m.bool("resend"), m.bool("refused")
	if m.bool("second run") {
		i.Run = SecondRun
	}
	if len(a.requests) == 0 && !a.mayBegin(i.Allowed) {
		_, err := m.subject.Intend(i)
		if held, ok := errors.AsType[*delivery.DecidedError](err); !errors.Is(err, engine.ErrNotFound) && (!ok || held.Delivery.Key == a.key) {
			m.Fatalf("%s was begun, and what is before it is not sent, or nobody asked: %v", a.item, err)
		}
		return
	}
	claimed := a.begin(i.Run)
	ticket, err := m.subject.Intend(i)
	held, isHeld := errors.AsType[*delivery.DecidedError](err)
	allowed := i.Allowed.Action(a.expect().State, a.expect().Retryable).Sends() && (a.before == nil || i.Allowed.Again)
	want := a.expect()
	switch {
	case isHeld && len(a.requests) == 0:
		m.Fatalf("%s is new and held: %+v", a.item, held.Delivery)
	case isHeld && held.Delivery.State != want.State:
		m.Fatalf("%s is held as %s, want %s", a.item, held.Delivery.State, want.State)
	case isHeld && !claimed && !a.flying() && allowed:
		m.Fatalf("%s is %s and held: %+v", a.item, want.State, i.Allowed)
	case isHeld:
		return
	}
	m.must(err)
	a.allow(i.Allowed.Resend)
	if n, r := a.mayBeTaken(); r != nil || claimed {
		m.Fatalf("attempt %d of %s was allowed while attempt %d may have been taken: %+v", ticket.Attempt, a.item, n, r)
	}
	if ticket.Attempt != len(a.requests)+1 {
		m.Fatalf("attempt %d of %s, want %d", ticket.Attempt, a.item, len(a.requests)+1)
	}
	r := &request{ticket: ticket, run: i.Run, flying: true}
	if !m.rarely("not taken") {
		r.messages = append(r.messages, m.newMessage())
		if m.rarely("twice") {
			r.messages = append(r.messages, m.newMessage())
		}
	}
	a.requests = append(a.requests, r)
}

func (m *model) newMessage() *message {
	m.messages++
	return &message{
		id: fmt.Sprintf("wamid.%s-%d", m.prefix, m.messages), arrives: m.bool("arrives"), again: m.bool("again"),
		told: map[delivery.State]time.Time{},
	}
}

// answer lets an answer come, in time or late, or lets it be lost.
func (m *model) answer(of func(*request) bool) {
	_, r := m.pickRequest(of)
	a := delivery.Attempt{Delivery: r.ticket.Delivery, Number: r.ticket.Attempt, Ended: r.ticket.At.Add(1e8)}
	switch {
	case m.rarely("lost"):
		a.Result = delivery.ResultInDoubt
	case len(r.messages) > 0:
		a.Result, a.MessageID = delivery.ResultAccepted, r.messages[0].id
	case m.bool("refused"):
		a.Result, a.Retryable, a.Cause = delivery.ResultRefused, m.bool("again"), delivery.CausePerson
	default:
		a.Result, a.Last = delivery.ResultNotSent, m.bool("last")
		a.Cause = rapid.SampledFrom([]delivery.Cause{0, delivery.CauseService, delivery.CauseLimit, delivery.CauseConnection}).Draw(m.T, "cause")
		if a.Cause == delivery.CauseService || a.Cause == delivery.CauseLimit {
			a.Answer.Status = 500
		}
	}
	m.must(m.subject.Settle(a))
	r.answered(a)
}

func (m *model) status(*rapid.T) {
	a, r := m.pickRequest(func(r *request) bool { return len(r.messages) > 0 })
	n := rapid.IntRange(0, len(r.messages)-1).Draw(m.T, "message")
	words := []delivery.State{delivery.Sent, delivery.Failed}
	if r.messages[n].arrives { // one device may fail before another has it
		words = []delivery.State{delivery.Accepted, delivery.Sent, delivery.Failed, delivery.Delivered, delivery.Read}
	}
	m.tell(a, r, r.messages[n], rapid.SampledFrom(words).Draw(m.T, "word"), r.lost || m.bool("callback"))
}

func (m *model) tell(a *account, r *request, to *message, word delivery.State, withCallback bool) {
	s := delivery.Status{
		MessageID: to.id, State: word, Word: word.String(), At: at(int(word)),
		Retryable: word == delivery.Failed && to.again,
	}
	if m.bool("later") { // a voice note is read, and then played
		s.At = s.At.Add(5 * time.Second)
	}
	if withCallback {
		s.Callback = r.ticket.Callback
		a.attribute(r, to)
	}
	m.must(m.subject.Tell(s))
	if told, ok := to.told[word]; !ok || s.At.Before(told) {
		to.told[word] = s.At
	}
}

func (m *model) resolve(*rapid.T) {
	a, r := m.pickRequest(func(r *request) bool { return !r.lost })
	want, sent := a.expect(), m.bool("sent")
	err := m.subject.Resolve(r.ticket.Delivery, sent)
	if _, held := errors.AsType[*delivery.DecidedError](err); held != (want.State != delivery.InDoubt) {
		m.Fatalf("resolve %s, which is %s: %v", a.item, want.State, err)
	} else if held {
		return
	}
	m.must(err)
	a.last().word = delivery.ResolvedSent
	if !sent {
		a.last().word = delivery.ResolvedPlanned
		a.allow(true)
	}
}

func (m *model) crash(*rapid.T) {
	if !slices.ContainsFunc(m.all, (*account).flying) {
		m.SkipNow() // it would change nothing
	}
	m.takeOver()
}

func (m *model) takeOver() {
	m.must(m.subject.Crash())
	for _, a := range m.all {
		a.crash()
	}
}

func (m *model) restore(_ *rapid.T, s Restorer) {
	if !m.rarely("restore") {
		return
	}
	a := m.pickAccount()
	m.takeOver()
	s.Forget(a.key)
	a.forget()
}

// compare holds every delivery against its account.
func (m *model) compare(*rapid.T) {
	for _, a := range m.all {
		if len(a.requests) == 0 {
			continue
		}
		got, err := m.subject.Look(a.key, a.requests[0].ticket.Delivery)
		m.must(err)
		want := a.expect()
		m.counting(a, got)
		if got.State != want.State || got.Retryable != want.Retryable || !got.StatusAt.Equal(want.StatusAt) ||
			got.Attempts != want.Attempts {
			m.Fatalf("%s is %s, retryable %t, of %v, after %d attempts,\nwant %s, %t, %v, %d",
				a.item, got.State, got.Retryable, got.StatusAt, got.Attempts, want.State, want.Retryable, want.StatusAt, want.Attempts)
		}
		switch has := a.attributed(got.MessageID); {
		case got.MessageID != "" && !has:
			m.Fatalf("%s has the message %s, which is another's", a.item, got.MessageID)
		case got.MessageID == "" && got.State.Reached() && a.last().word != delivery.ResolvedSent:
			m.Fatalf("%s is %s and has no message", a.item, got.State)
		}
		arrived := got.State == delivery.Delivered || got.State == delivery.Read
		if a.arrived && !arrived {
			m.Fatalf("%s is %s, and had arrived", a.item, got.State)
		}
		a.arrived = arrived
		m.judge(a)
	}
}

// counting holds what a ledger says of the deliveries before the newest of an item against their accounts.
func (m *model) counting(a *account, got delivery.Delivery) {
	if m.accounts[a.key.Item] != a || got.Counting().State.Succeeded() {
		return
	}
	for before := a.before; before != nil; before = before.before {
		if len(before.requests) > 0 && before.expect().State.Succeeded() {
			m.Fatalf("%s was sent, and the item does not count as sent: %+v", before.item, got)
		}
	}
}

// judge holds what became of an item, as each run sees it, against its account.
func (m *model) judge(a *account) {
	j, ok := m.subject.(Judge)
	if !ok {
		return
	}
	for _, run := range []string{theRun, SecondRun} {
		got, has := j.Outcome(a.key, run)
		if want, wantHas := a.outcome(run); got != want || has != wantHas {
			m.Fatalf("of %s became %d, %t in run %s, want %d, %t", a.item, got, has, run, want, wantHas)
		}
	}
}

// finish lets every status come that is still to come.
func (m *model) finish() {
	for _, a := range m.all {
		for _, r := range a.requests {
			for _, to := range r.messages {
				word := delivery.Failed
				if to.arrives {
					word = delivery.Delivered
				}
				m.tell(a, r, to, word, true)
			}
		}
	}
	m.compare(m.T)
}
