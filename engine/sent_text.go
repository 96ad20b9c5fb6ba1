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
