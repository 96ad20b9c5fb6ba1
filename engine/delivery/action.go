package delivery

// Allowed is what the user allows about deliveries that were tried before. The zero value holds what is in doubt and
// leaves what WhatsApp refused for good.
type Allowed struct {
	Resend  bool // what is in doubt may go out again (onUncertain: resend, resolve --resend)
	Refused bool // what WhatsApp refused for good may be tried again (--retry-failed)
	Again   bool // a further delivery may be made of an item that was sent, and tried again (--again, --to-new-recipient)
}

// Action is what is to be done about one delivery.
type Action uint8

// The actions.
const (
	ActionSend    Action = iota + 1 // new
	ActionNone                      // accepted already
	ActionRetry                     // failed for a reason that passes
	ActionHold                      // in doubt
	ActionRefused                   // refused for good; tried again where Allowed.Refused says so
	ActionCorrect                   // refused, and what was wrong with it was put right since
	ActionDepends                   // not known before earlier steps were answered; of plans
	ActionAgain                     // sent, and asked for once more: a further delivery of the item
	ActionChanged                   // sent, and its row makes another message now; left
)

// Sends says whether a message may go out.
func (a Action) Sends() bool {
	return a == ActionSend || a == ActionRetry || a == ActionDepends || a == ActionCorrect || a == ActionAgain
}

// Action returns what is to be done about a delivery that the ledger has. Nothing else decides that: plan shows it, a run
// follows it, and Ledger.Intend enforces it. retryable is Delivery.Retryable.
func (a Allowed) Action(s State, retryable bool) Action {
	switch s {
	case Planned:
		return ActionRetry
	case InDoubt:
		if a.Resend {
			return ActionRetry
		}
	case Rejected, Failed:
		if retryable || a.Refused {
			return ActionRetry
		}
		return ActionRefused
	case Accepted, Sent, Delivered, Read:
		return ActionNone
	case Intended: // its request is on its way
	}
	return ActionHold
}
