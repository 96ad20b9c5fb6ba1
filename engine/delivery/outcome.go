package delivery

// Outcome is what became of a message as one run sees it: of a delivery by the last attempt that the run made for it, as statuses
// and a person's word have told since. What another run did to the delivery later changes none of it. The numbers are stored in
// ledgers: never renumber them.
type Outcome uint8

// The outcomes. The last three are of rows that never became a request.
const (
	OutcomeUnderWay    Outcome = 1  // its request is on its way
	OutcomeAccepted    Outcome = 2  // taken by WhatsApp, or sent to the phone; no more is known
	OutcomeHeld        Outcome = 3  // taken by WhatsApp, which holds it back (Delivery.HeldBack)
	OutcomeDelivered   Outcome = 4  // on the phone
	OutcomeRead        Outcome = 5  // the person saw it
	OutcomeUndelivered Outcome = 6  // taken by WhatsApp, and failed later
	OutcomeRefused     Outcome = 7  // the last answer was a no, or an error after the last try
	OutcomeNotSent     Outcome = 8  // throttled to the end, no connection, or the run stopped first: the next apply sends it
	OutcomeInDoubt     Outcome = 9  // the request may have been taken
	OutcomeInvalid     Outcome = 10 // its row cannot be sent
	OutcomeSkipped     Outcome = 11 // left out, for a reason
	OutcomeWaiting     Outcome = 12 // not now, and later
)

// Outcomes lists them all in order.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomeUnderWay, OutcomeAccepted, OutcomeHeld, OutcomeDelivered, OutcomeRead, OutcomeUndelivered, OutcomeRefused, OutcomeNotSent,
		OutcomeInDoubt, OutcomeInvalid, OutcomeSkipped, OutcomeWaiting,
	}
}

// String returns the outcome as people read it: "not sent".
func (o Outcome) String() string { return Words(o.Name()) }

// Name returns the one word by which programs know the outcome: "notSent". See State.Name.
func (o Outcome) Name() string {
	switch o {
	case OutcomeUnderWay:
		return "underWay"
	case OutcomeAccepted:
		return "accepted"
	case OutcomeHeld:
		return "held"
	case OutcomeDelivered:
		return "delivered"
	case OutcomeRead:
		return "read"
	case OutcomeUndelivered:
		return "undelivered"
	case OutcomeRefused:
		return "refused"
	case OutcomeNotSent:
		return "notSent"
	case OutcomeInDoubt:
		return "inDoubt"
	case OutcomeInvalid:
		return "invalid"
	case OutcomeSkipped:
		return "skipped"
	case OutcomeWaiting:
		return "waiting"
	}
	return "unknown"
}

// Outcome returns what became of the delivery as a run sees it, and whether the run made an attempt for it.
func (r *Record) Outcome(run string) (Outcome, bool) {
	for n := len(r.Attempts); n > 0; n-- {
		if r.Attempts[n-1].Run == run {
			return r.OutcomeAt(n), true
		}
	}
	return 0, false
}

// OutcomeAt returns what became of the delivery by one of its attempts, 1 for the first. The last attempt left it where it stands.
// A former one is judged by what is known of itself: its messages, its answer, and a person's word on it.
func (r *Record) OutcomeAt(attempt int) Outcome {
	a, s := &r.Attempts[attempt-1], r.State
	if attempt < len(r.Attempts) {
		best, _ := r.bestMessage(a.Number)
		s = a.Left(best)
	}
	return s.Outcome(a.HeldBack != "")
}

// Left is where an attempt left its delivery, by what is known of it now. message is the standing of the message that WhatsApp took of
// it; the zero value: it took none, or nothing is known of it any more.
func (a *Attempt) Left(message Standing) State {
	if a.Result != ResultAccepted {
		s, _ := a.outcome()
		return s
	}
	if message.State != 0 {
		return message.State
	}
	return Failed
}

// Outcome returns what became of a delivery in that state. held says that WhatsApp holds back what it accepted.
func (s State) Outcome(held bool) Outcome {
	switch s {
	case Planned:
		return OutcomeNotSent
	case Intended:
		return OutcomeUnderWay
	case InDoubt:
		return OutcomeInDoubt
	case Rejected:
		return OutcomeRefused
	case Accepted:
		if held {
			return OutcomeHeld
		}
		return OutcomeAccepted
	case Sent: // whatever held it has let it go
		return OutcomeAccepted
	case Delivered:
		return OutcomeDelivered
	case Read:
		return OutcomeRead
	case Failed:
		return OutcomeUndelivered
	}
	return 0
}

// Cause is whose fault a failure is. The zero value is not known. The numbers are stored in ledgers.
type Cause uint8

// The causes.
const (
	CauseMessage    Cause = 1 // template, language, parameters, text or media: every message of its kind would fail
	CausePerson     Cause = 2 // this recipient: not on WhatsApp, opted out, reached too often
	CauseAccount    Cause = 3 // token, permission, payment, policy: every later message would fail
	CauseLimit      Cause = 4 // throttled: a rate, a pair, a quota
	CauseService    Cause = 5 // WhatsApp had an error of its own
	CauseConnection Cause = 6 // nothing connected: no request left
	CausePacing     Cause = 7 // held back at first, and dropped later (132015, 135000)
)
