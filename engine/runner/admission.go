package runner

import (
	"context"
	"errors"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/price"
	"waybill/engine/wording"
)

// admissionRules answers "may this message go now?". They are asked from top to bottom, before every request: of run,
// apply, resume, resolve and each retry; plan and count ask them too. The first that does not say go decides. Ledger.Intend
// then asks the same of the ledger as it is at that moment, and checkDeadline is the last word before the first byte.
//
// A further rule is one entry here, with its reason in engine/diag/codes.md.
func admissionRules() []rule {
	return []rule{
		{byKey, runStopped},
		{byKey, duplicateItem},
		{byKey, waitCancelled},
		{byKey, decidedBefore},
		{byKey, notChosen},
		{byMessage, refusedBefore},
		{byMessage, sentBefore},
		{byMessage, recipientChanged},
		{byMessage, expired},
		{byMessage, excluded},
		{byMessage, optedOut},
		{byMessage, quietHours},
		{byMoment, personReached}, // a run asks the ledger again, with the intent
		{byMoment, sendingRate},
		{byMoment, connection},     // behind the wait in line: the one message that is tried goes at once
		{byMoment, recipientLimit}, // behind the wait in line: who waits is not counted yet
		{byMoment, costLimit},
	}
}

// rule is one answer to whether a message may go.
type rule struct {
	needs stage
	ask   func(ctx context.Context, x *execution, c *candidate) decision
}

// stage is what a rule must know. Rules are sorted by it: what needs less is asked first.
type stage uint8

const (
	byKey     stage = iota // the delivery's key and what the ledger has of it; nothing is rendered
	byMessage              // also the message, where it was rendered
	byMoment               // also the moment: asked right before the request; a plan takes its own moment for it
)

// candidate is a message that asks to go.
type candidate struct {
	q     *sequence
	step  *engine.Step
	op    engine.Sender
	key   delivery.Key
	was   delivery.Delivery   // what the ledger has of it, as far as it was asked
	known bool                // the ledger has it
	other int                 // row of another item with the same key that this run met first
	twin  bool                // there is such an item
	call  *engine.Call        // with its message; nil until it is rendered
	place *engine.Reservation // booked in line and not used yet

	sent      bool // its item was sent before, and its message says whether it is left
	further   int  // delivery.Key.Again of the further delivery that it begins; 0: it begins none
	digest    delivery.Digest
	refused   bool          // the ledger has it as refused for good, or undelivered
	corrected bool          // and what was wrong with it was put right since
	unwritten bool          // none of its numbers had written to its person, as far as was known when one was chosen
	expires   time.Time     // from then on it is not sent; zero: not asked yet, or never
	counted   bool          // its recipient is, in execution.recipients
	counts    bool          // and by this message
	cost      *price.Amount // what it costs at most, in execution.cost; nil: it is not in it
}

// admission is what a rule says.
type admission uint8

const (
	admitGo      admission = iota
	admitSkip              // it will not be sent by this run
	admitHold              // it may have been sent: a person or a status decides
	admitWait              // ask again after decision.wait
	admitStop              // nothing more is sent by this run
	admitInvalid           // it cannot be sent, as its row stands: decision.err
)

// decision is what became of a candidate. The zero value lets it go.
type decision struct {
	admission admission
	reason    string          // why not: a code of `waybill explain`
	action    delivery.Action // of decidedBefore
	wait      time.Duration   // of admitWait: a worker waits for it
	until     time.Time       // of admitWait: when it may go, where nobody waits for it; zero: wait says
	err       error           // of admitInvalid
	own       bool            // the wait is the recipient's own: meanwhile others may go
}

func (d decision) admits() bool { return d.admission == admitGo }

// admit asks the rules that need no more than a stage knows.
func (x *execution) admit(ctx context.Context, c *candidate, upTo stage) decision {
	for _, r := range x.rules {
		if r.needs > upTo {
			break
		}
		if d := r.ask(ctx, x, c); !d.admits() {
			return c.inDoubt(r, c.inTime(d))
		}
	}
	return decision{}
}

// inDoubt holds a message that may not go out again, and that may have been sent before: it is not left out, for it stays in doubt.
func (c *candidate) inDoubt(r rule, d decision) decision {
	if d.admission == admitSkip && d.action == 0 && r.needs >= byMessage && c.known && c.was.State == delivery.InDoubt {
		d.admission, d.action = admitHold, delivery.ActionHold
	}
	return d
}

// runStopped: the run was interrupted, or an error ended it that every later request would meet too; or the forEach reached its
// stopAfter, and nothing of the item has gone out.
func runStopped(ctx context.Context, _ *execution, c *candidate) decision {
	if ctx.Err() != nil || c.q != nil && c.groupStopped() && !*c.q.recipientCounted {
		return decision{admission: admitStop, reason: "run-stopped"}
	}
	return decision{}
}

// duplicateItem: of two rows that are the same item the first is sent, also where it failed.
func duplicateItem(_ context.Context, x *execution, c *candidate) decision {
	if c.known && c.q != nil && (delivery.Intent{Run: x.run.ID, Row: c.q.row, Began: x.began}).Duplicates(c.was) {
		c.other, c.twin = c.was.Row, true
	}
	if row, left := x.left(c); left {
		c.other, c.twin = row, true
	}
	if c.twin {
		return decision{admission: admitSkip, reason: "duplicate-key"}
	}
	return decision{}
}

// decidedBefore: what the ledger has of the delivery decides, by delivery's one rule. An item counts as sent while any of its deliveries
// is, but for a run that began a further one.
func decidedBefore(_ context.Context, x *execution, c *candidate) decision {
	c.refused, c.sent = false, false
	if !c.known {
		return decision{}
	}
	own := c.was.Run == x.run.ID
	switch {
	case !c.was.Counting().State.Succeeded(), own && !c.was.State.Succeeded():
		return x.byState(c)
	case own || !x.compares(c):
		return x.leaveSent(c)
	}
	c.sent = true // sentBefore looks at the message
	return decision{}
}

// byState is delivery's one rule.
func (x *execution) byState(c *candidate) decision {
	d := decision{action: x.allowed(c.was).Action(c.was.State, c.was.Retryable)}
	switch d.action {
	case delivery.ActionNone:
		d.admission, d.reason = admitSkip, "already-sent"
	case delivery.ActionRefused:
		c.refused = true // refusedBefore looks at the message
		return decision{}
	case delivery.ActionHold:
		d.admission, d.reason = admitHold, "in-doubt"
	case delivery.ActionSend, delivery.ActionRetry, delivery.ActionDepends, delivery.ActionCorrect, delivery.ActionAgain, delivery.ActionChanged:
		return decision{}
	}
	return d
}

// recipientChanged: a message in doubt was to go out again, and its row names another person by now. Nobody said that this one
// should be messaged.
func recipientChanged(_ context.Context, x *execution, c *candidate) decision {
	if c.call != nil && c.was.State == delivery.InDoubt && x.req.ToResend != nil && x.inLedger(c.call.Message.Recipient) != c.was.Recipient {
		return decision{admission: admitHold, reason: "recipient-changed"}
	}
	return decision{}
}

// recipientLimit counts the people that are reached, each once for all messages of their item, and keeps limits.recipients also
// where the items could not be counted before.
func recipientLimit(_ context.Context, x *execution, c *candidate) decision {
	if !c.count() {
		return decision{}
	}
	if n := x.recipients.Add(1); x.most > 0 && n > x.most {
		x.stop(&stopError{reason: "limits.recipients: " + wording.People(int(x.most)) +
			wording.Agree(int(x.most), " was messaged or was", " were messaged or were") + " about to be, and no more may be"})
		return decision{admission: admitStop, reason: "too-many-recipients"}
	}
	return decision{}
}

// count notes that the candidate's recipient is counted, and says whether they were not before.
func (c *candidate) count() bool {
	if person := c.q.recipientCounted; person != nil {
		c.counted, *person = c.counted || *person, true
	}
	c.counts = !c.counted
	c.counted = true
	return c.counts
}

// uncount takes back that the candidate's recipient is counted: the ledger refused the message its place, and nothing goes out.
func (x *execution) uncount(c *candidate) {
	if !c.counts {
		return
	}
	c.counts, c.counted = false, false
	if person := c.q.recipientCounted; person != nil {
		*person = false
	}
	x.recipients.Add(-1)
}

// sendingRate keeps the throughput of the number and the pace of each recipient: it books a place in line, which holds unless
// the rate changed meanwhile. A plan books none.
func sendingRate(_ context.Context, x *execution, c *candidate) decision {
	for !x.looking {
		if c.place == nil {
			place := c.op.Reserve(c.call)
			c.place = &place
			c.q.permit.turned(place)
			if !x.hasPace(c, place) {
				return decision{admission: admitStop, reason: "no-pace"}
			}
			if place.Wait > 0 {
				return decision{admission: admitWait, reason: rateReason(place), wait: place.Wait, own: place.RecipientOnly || behind(c.call, place.Wait)}
			}
		}
		valid := !c.place.Stale()
		c.call.Stale, c.place = c.place.Stale, nil
		if valid {
			break
		}
	}
	return decision{}
}

// behind says whether a number's turn comes so late that it is behind the job's other numbers: their messages go meanwhile.
func behind(call *engine.Call, wait time.Duration) bool {
	const late = 3 * time.Second // beyond what the permits of all numbers can have booked
	return len(call.Numbers) > 1 && wait > late
}

// rateReason says whose rate a place in line is of.
func rateReason(place engine.Reservation) string {
	switch {
	case place.Err != nil:
		return "no-pace"
	case place.RecipientOnly:
		return "pair-limit"
	}
	return "sending-rate"
}

// sendWithin is how long after its intent a request may still be written. Past it the process may have been stopped, and the
// delivery settled by another.
const sendWithin = 5 * time.Second

// checkDeadline lets a request out only for a while after its intent. Both clocks are asked: the monotonic one stands still while a
// machine is suspended, the other may be set.
func (x *execution) checkDeadline(intended time.Time) func() error {
	return func() error {
		now := x.engine.Now()
		if now.Sub(intended) > sendWithin || now.Round(0).Sub(intended.Round(0)).Abs() > sendWithin {
			return engine.ErrLate
		}
		return nil
	}
}

// allowed is what the user allows this run about a delivery; of one that the ledger does not have, the zero value.
func (x *execution) allowed(d delivery.Delivery) delivery.Allowed {
	once := x.again(d.Key.Item) && d.Run != x.run.ID // what this run did is not done once more when it is resumed
	return delivery.Allowed{
		Resend:  once || x.req.Job.OnUncertain == engine.Resend || x.req.ToResend != nil && x.req.ToResend(d),
		Refused: once || x.req.RetryFailed,
		Again:   x.req.Again.Asked() || d.Key.Again > 0 && d.Sent == nil,
	}
}

// mayBegin says whether a forEach begins a further item.
func (l *loop) mayBegin(ctx context.Context) bool {
	switch {
	case l.tripped.Load() || l.portion.stopped() != "": // stopAfter
		return false
	case ctx.Err() != nil:
		l.cut.Store(true)
		return false
	}
	return true
}

// declined is the error of a candidate that was not admitted.
type declined struct{ decision }

func (d *declined) Error() string { return d.reason }

// errUnreachable is the error of a request that did not connect, while its forEach pauses for that.
var errUnreachable = errors.New("nothing connects")

// errInterrupted is the error of what the run's end cut short.
var errInterrupted = errors.New("the run ended first")
