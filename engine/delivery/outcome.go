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
