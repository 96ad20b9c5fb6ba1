package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/secret"
)

// Operation is one of the six things a step can do. It knows no retries, no ledger writes and no at-most-once:
// the engine does that, once, for all.
type Operation interface {
	// Name is the key in the file: "sendText".
	Name() string
	// Outputs are the names a later step can use, with their types; success, errorMessage, errorCode, attempts and
	// skipped are added by the engine.
	Outputs() map[string]eval.Type
	// Needs names the connection keys without which it cannot work: "token", "phoneNumberId", "wabaId".
	Needs() []string
	// Check looks at what is literal in the parameters. No I/O.
	Check(s *Step) diag.List
	// Do makes one try. Its error is a *Verdict where the answer said something; any other error is, of a Sender,
	// in doubt, and of a reader a failure.
	Do(ctx context.Context, c *Call) (Outcome, error)
}

// Sender is an operation that reaches a person. Do is called only after its intent is on disk.
type Sender interface {
	Operation
	// Message makes what will be sent. It is pure: plan shows it and the ledger remembers its digest. Its error is
	// about the item, and the item fails by it: nothing is sent.
	Message(c *Call) (Message, error)
	// Prepare does what must be done before the message can leave and reaches nobody: it uploads a file, once a
	// run. Most have nothing to do and return c.Message. Its errors are judged as those of Do, but nothing is in doubt.
	Prepare(ctx context.Context, c *Call) (Message, error)
	// Reserve books the next place in line of the sending number and of the recipient.
	Reserve(c *Call) Reservation
}

// Describer is a Sender that can say how its message reads.
type Describer interface {
	// Describe returns the message made of these parameters as the person will read it, in lines: a template as it is known beside the job in
	// that folder, else its name and parameters. It takes any parameters, also those that Message refuses.
	Describe(dir string, a Args) string
}

// Worded is a Sender that knows which words in its bodies are the API's own and say nothing of a person. A ledger that keeps bodies keeps
// these words once, and not with each message: see package mould.
type Worded interface {
	// Words returns those words as JSON has them between its quotes, by the name under which they stand.
	Words() map[string][]string
}

// Reservation is a booked place in line.
type Reservation struct {
	Wait          time.Duration // until the message may leave; zero: now
	RecipientOnly bool          // it is the recipient's own wait: meanwhile others may go
	Idle          time.Duration // how long the number could have sent before, and no message was there
	Err           error         // why nobody can say when it may leave; ErrBusy: it passes, and Wait is until it can be asked again
	Stale         func() bool   // asked when Wait is over: the number's rate was lowered since, so that another place is to be booked
}

// Message is what a Sender would send, opaque to the engine.
type Message struct {
	Recipient string          // "+34612345678"
	Number    phone.Number    // the recipient as it was read
	Body      json.RawMessage // the request's body without the callback, for samples and the digest
	Sent      json.RawMessage // the body as it leaves, after a Prepare that changed it; empty: Body
	Request   any             // what Do wants back
	Doubts    []Doubt         // about values that are known only when the item is
}

// Leaving is the request's body as it leaves, without the callback.
func (m Message) Leaving() json.RawMessage {
	if len(m.Sent) > 0 {
		return m.Sent
	}
	return m.Body
}

// Doubt is what is likely to be wrong with a message that can be sent all the same.
type Doubt struct {
	Parameter string // its path, such as buttonParameters[0].value
	Summary   string
	Hint      string
}

// Connection is where and as whom to call, rendered for one step.
type Connection struct {
	Token         secret.Secret
	PhoneNumberID string
	WABAID        string
	// MessagingAccountID is of the account that pays for messages, where several share the number; empty: the number's own.
	MessagingAccountID string
	BaseURL            string
	ConnectTimeout     time.Duration
	ReadTimeout        time.Duration
	Throughput         float64 // messages a second
}

// Args are an operation's parameters, rendered: string, bool, int64, float64, json.Number, nil, []any, map[string]any.
type Args map[string]any

// Call is one use of an operation.
type Call struct {
	Run           string // id
	Dir           string // folder that relative file names start from
	Step          *Step
	Connection    Connection
	Numbers       []Connection // where the step's connection names several numbers: one for each; Connection is one of them
	Args          Args
	Country       phone.Country   // how numbers without + are read
	Known         KnownNumber     // one that was read already
	Open          Opener          // the user's files, within the folders that are allowed
	Message       Message         // of a Sender, after Message or Prepare
	Ticket        delivery.Ticket // of a Sender in Do
	CheckDeadline func() error    // of a Sender in Do: asked right before the first byte is written; an error: do not
	Stale         func() bool     // of a Sender in Do: Reservation.Stale of the place that it has; nil: it has none
	Try           int             // 1 for the first try in this run

	// Category returns of which category the message is, one of Category…; empty: nobody knows, and the run says so. Of a Sender in
	// Prepare; nil elsewhere.
	Category func(ctx context.Context) string

	// WithoutPermit lets another item work while wait passes: for waits of a reader that may be long. Its error is wait's.
	WithoutPermit func(ctx context.Context, wait func() error) error
}

// NumberIDs are the ids of all numbers that the connection names.
func (c *Call) NumberIDs() []string {
	if len(c.Numbers) == 0 {
		return []string{c.Connection.PhoneNumberID}
	}
	ids := make([]string, len(c.Numbers))
	for i, n := range c.Numbers {
		ids[i] = n.PhoneNumberID
	}
	return ids
}

// Outcome is what a good call left: a value for each of the operation's Outputs.
type Outcome struct {
	Values    map[string]any
	MessageID string   // of a Sender: the proof
	HeldBack  string   // of a Sender, see Delivery
	Person    Identity // of a Sender: by which ids the answer names the recipient; NumberID and At are not filled
	Answer    delivery.Answer
}

// Verdict is the error of a call, with what it means for the message.
type Verdict struct { //nolint:errname // it is a meaning, and an error only to travel as one
	Result    delivery.Result // never ResultAccepted. ResultNotSent: ask again. An error that is no Verdict is, of a Sender, ResultInDoubt
	Ambiguous bool            // of ResultNotSent: a 5xx without an error of the API; under the policy Strict it is in doubt
	After     time.Duration   // of ResultNotSent: what the answer asked for, waited in full; zero: the engine's back-off
	Advised   time.Duration   // of ResultNotSent: what is known to be needed, waited as far as the file's maxDelay lets
	Stop      bool            // of ResultRefused: every later call would fail alike; the run ends
	Halted    bool            // of ResultRefused: WhatsApp takes no message of this kind until somebody acts, whatever it took before
	Cause     delivery.Cause  // whose fault it is
	Retryable bool            // of ResultRefused: the reason passes, or is the account's; apply tries it again
	OptedOut  bool            // the person does not want marketing messages
	Answer    delivery.Answer
	Err       error
}

func (v *Verdict) Error() string { return v.Err.Error() }

// Unwrap returns the cause.
func (v *Verdict) Unwrap() error { return v.Err }

// ErrLate is what Call.CheckDeadline returns when too much time passed since the intent was written: this process may have been stopped for
// a while, and another may have settled the delivery since.
var ErrLate = errors.New("the send deadline has passed")

// ErrSlowed is a Sender's answer in Do for a message that did not leave, since its number was slowed down after its place was reserved: it is
// to reserve anew. It is an ErrLate, too: nothing left, and it was no try.
var ErrSlowed = fmt.Errorf("the number was slowed down before the message left: %w", ErrLate)

// StepError is a step's failure as the report shows it.
type StepError struct {
	Step *Step
	Item string // key; empty outside a forEach
	Row  int    // line or index in the item's source; 0 for none
	Cell string // the column or parameter that is wrong; empty: the row as a whole, or no row is
	Code int    // the vendor's code; 0 for none
	Err  error

	Values []string // what the cells of its row hold, for text that many can see: it is shown without them
}

func (e *StepError) Error() string {
	if e.Item != "" {
		return fmt.Sprintf("step %s, item %s: %v", e.Step.Path, e.Item, e.Err)
	}
	return fmt.Sprintf("step %s: %v", e.Step.Path, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }
