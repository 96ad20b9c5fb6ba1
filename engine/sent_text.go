package engine

// SentText is what one request for a delivery said, as far as the ledger keeps it.
type SentText struct {
	Attempt int     // of the delivery, 1 for the first
	Body    string  // the request's body as it was sent, but for the callback in it, and with *** for each secret; empty: see Why
	Why     NotKept // why it is not there; empty: it is
}

// NotKept is why a text is not kept.
type NotKept string

// The reasons.
const (
	NotKeptOff       NotKept = "off"       // the job says keepText: 0
	NotKeptTakenOut  NotKept = "taken out" // keepText is over, or it was pruned
	NotKeptForgotten NotKept = "forgotten" // its person was
	NotKeptEarlier   NotKept = "earlier"   // the message was sent before ledgers kept texts
)

// SecretInText stands in a text that is kept, in place of a secret.
const SecretInText = "***"

// Said says why, for people.
func (w NotKept) Said() string {
	switch w {
	case NotKeptOff:
		return "what it said is not kept: the job says keepText: 0"
	case NotKeptTakenOut:
		return "what it said is no longer kept: the time that the job says (keepText) is over, or the ledger was pruned"
	case NotKeptForgotten:
		return "what it said is not kept: its person was forgotten"
	case NotKeptEarlier:
		return "what it said is not kept: it was sent before this ledger kept texts"
	}
	return ""
}
