package delivery

import "strings"

// Charge is how WhatsApp says that a message is charged: when it was delivered, and once. The zero value: nothing is known.
type Charge struct {
	Category string // marketing, utility, authentication, service, …; as statuses name it
	Type     string // regular; any other word says why it is free: free_customer_service, paid_exempt, …
	Model    string // PMP: by the message
	Country  string // of its recipient, two letters; empty: not known
}

// chargeRegular is the Type of messages that cost something.
const chargeRegular = "regular"

// Free says whether the message cost nothing.
func (c Charge) Free() bool { return !strings.EqualFold(c.Type, chargeRegular) }
