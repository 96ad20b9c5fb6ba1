package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testModel lets chance interleave intents, answers, statuses, crashes and the user's word, beside an account of what
// WhatsApp really took. Whatever happens, no request may be allowed while one before it may have been taken, unless
// the user said so; and in the end every delivery stands where the account says.
func testModel(t *testing.T, open Open) {
	t.Helper()
	d := newDesk(t, open)
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		checks++
		m := &model{T: rt, desk: d, prefix: fmt.Sprint(checks)}
		rt.Repeat(map[string]func(*rapid.T){
			"intend":  m.intendOne,
			"answer":  m.answerOne,
			"status":  m.statusOne,
			"resolve": m.resolveOne,
			"crash":   m.crashAll,
			"":        func(*rapid.T) {},
		})
		m.finish()
	})
}

// request is one attempt as WhatsApp and the network know it.
type request struct {
	ticket  delivery.Ticket
	item    string
	flying  bool // its process lives and waits for the answer
	allowed bool // the user said since that it may go out again
	known   bool // the ledger was told that it was not taken, or failed
	message string
	arrives bool // else it fails
	again   bool // of a failing one
	said    bool // its last status was recorded
}

type model struct {
	*rapid.T
	desk     *desk
	prefix   string
	requests []*request
	byHand   []string // items that the user called sent
	messages int
}

func (m *model) item(rt *rapid.T) string {
	return m.prefix + "/" + rapid.SampledFrom([]string{"ana", "eva"}).Draw(rt, "item")
}

func (m *model) of(item string) []*request {
	var out []*request
	for _, r := range m.requests {
		if r.item == item {
			out = append(out, r)
		}
	}
	return out
}

func (m *model) pick(rt *rapid.T, ok func(*request) bool) *request {
	var fit []*request
	for _, r := range m.requests {
		if ok(r) {
			fit = append(fit, r)
		}
	}
	if len(fit) == 0 {
		rt.Skip("none")
	}
	return fit[rapid.IntRange(0, len(fit)-1).Draw(rt, "request")]
}

func (m *model) intendOne(rt *rapid.T) {
	i := intent(m.item(rt))
	i.Allowed.Resend, i.Allowed.Refused = rapid.Bool().Draw(rt, "resend"), rapid.Bool().Draw(rt, "refused")
	ticket, err := m.desk.Intend(m.desk.Context(), i)
	if held, ok := errors.AsType[*delivery.DecidedError](err); ok {
		if s := held.Delivery.State; s == delivery.Planned && !slices.ContainsFunc(m.of(i.Key.Item), func(r *request) bool { return r.flying }) {
			rt.Fatalf("%s is planned and held", i.Key.Item)
		}
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	before := m.of(i.Key.Item)
	for n, r := range before {
		r.allowed = r.allowed || i.Allowed.Resend
		if r.flying || !r.known && !r.allowed {
			rt.Fatalf("attempt %d of %s was allowed while attempt %d may have been taken: %+v", ticket.Attempt, i.Key.Item, n+1, *r)
		}
	}
	if ticket.Attempt != len(before)+1 {
		rt.Fatalf("attempt %d of %s, want %d", ticket.Attempt, i.Key.Item, len(before)+1)
	}
	r := &request{ticket: ticket, item: i.Key.Item, flying: true}
	if rapid.Bool().Draw(rt, "taken") {
		m.messages++
		r.message = fmt.Sprintf("wamid.%s-%d", m.prefix, m.messages)
		r.arrives, r.again = rapid.Bool().Draw(rt, "arrives"), rapid.Bool().Draw(rt, "again")
	}
	m.requests = append(m.requests, r)
}

// answerOne lets an answer come, in time or late, or lets it be lost.
func (m *model) answerOne(rt *rapid.T) {
	r := m.pick(rt, func(*request) bool { return true })
	a := delivery.Attempt{Delivery: r.ticket.Delivery, Number: r.ticket.Attempt, Ended: r.ticket.At.Add(1e8)}
	switch {
	case rapid.Bool().Draw(rt, "lost"):
		a.Result = delivery.ResultInDoubt
	case r.message != "":
		a.Result, a.MessageID = delivery.ResultAccepted, r.message
	case rapid.Bool().Draw(rt, "refused"):
		a.Result, a.Retryable = delivery.ResultRefused, rapid.Bool().Draw(rt, "again")
	default:
		a.Result, a.Last = delivery.ResultNotSent, rapid.Bool().Draw(rt, "last")
	}
	if _, err := m.desk.Settle(m.desk.Context(), a); err != nil {
		rt.Fatal(err)
	}
	r.flying = false
	r.known = r.known || a.Result == delivery.ResultRefused || a.Result == delivery.ResultNotSent
}

func (m *model) statusOne(rt *rapid.T) {
	r := m.pick(rt, func(r *request) bool { return r.message != "" })
	words := []delivery.State{delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read}
	if !r.arrives {
		words = []delivery.State{delivery.Sent, delivery.Failed}
	}
	m.say(r, rapid.SampledFrom(words).Draw(rt, "word"), rapid.Bool().Draw(rt, "callback"))
}

func (m *model) say(r *request, word delivery.State, withCallback bool) {
	s := delivery.Status{MessageID: r.message, State: word, Word: word.String(), At: at(int(word)), Retryable: word == delivery.Failed && r.again}
	if withCallback {
		s.Callback = r.ticket.Callback
	}
	if err := m.desk.Record(m.desk.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{s}}); err != nil {
		m.Fatal(err)
	}
	r.known = r.known || word == delivery.Failed
	r.said = r.said || withCallback
}

func (m *model) resolveOne(rt *rapid.T) {
	r := m.pick(rt, func(*request) bool { return true })
	sent := rapid.Bool().Draw(rt, "sent")
	_, err := m.desk.Resolve(m.desk.Context(), r.ticket.Delivery, sent)
	var held *delivery.DecidedError
	switch {
	case errors.As(err, &held):
	case err != nil:
		rt.Fatal(err)
	case sent:
		m.byHand = append(m.byHand, r.item)
	default:
		for _, r := range m.of(r.item) {
			r.allowed = true
		}
	}
}

func (m *model) crashAll(*rapid.T) {
	m.desk.crash()
	for _, r := range m.requests {
		r.flying = false
	}
}

// finish lets every status come that is still to come, and compares.
func (m *model) finish() {
	for _, r := range m.requests {
		switch {
		case r.message == "":
		case r.arrives:
			m.say(r, delivery.Delivered, true)
		default:
			m.say(r, delivery.Failed, true)
		}
	}
	for _, item := range []string{m.prefix + "/ana", m.prefix + "/eva"} {
		requests := m.of(item)
		if len(requests) == 0 {
			continue
		}
		got := m.desk.look(item)
		taken := slices.ContainsFunc(requests, func(r *request) bool { return r.message != "" })
		arrived := slices.ContainsFunc(requests, func(r *request) bool { return r.message != "" && r.arrives })
		switch {
		case arrived && got.State != delivery.Delivered && got.State != delivery.Read:
			m.Fatalf("%s is %s, and was delivered", item, got.State)
		case !arrived && (got.State == delivery.Delivered || got.State == delivery.Read):
			m.Fatalf("%s is %s, and never was", item, got.State)
		case !taken && got.State.Reached() && !slices.Contains(m.byHand, item):
			m.Fatalf("%s is %s, and WhatsApp never took it", item, got.State)
		}
	}
}
