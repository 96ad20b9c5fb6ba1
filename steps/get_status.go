package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp/webhook"
)

// defaultWait is how long waitFor waits when the file does not say.
const defaultWait = 10 * time.Minute

// getStatus returns the status of a message: from the webhooks in the ledger first, then from the API's message history.
// There is no call that reads a message's status (GET /{message-id} does not exist).
type getStatus struct {
	*clients
	ledger engine.Ledger
}

// Name is the key in the file.
func (*getStatus) Name() string { return "getStatus" }

// Outputs are what is known of the message.
func (*getStatus) Outputs() map[string]eval.Type {
	event := eval.Object(map[string]eval.Type{"status": eval.String(), "timestamp": eval.String()})
	failure := eval.Object(map[string]eval.Type{"code": eval.Integer(), "message": eval.String()})
	return map[string]eval.Type{
		"status": eval.String(), "timestamp": eval.String(), "events": eval.List(event), "errors": eval.List(failure),
	}
}

// Needs names what the message history cannot do without.
func (*getStatus) Needs() []string { return []string{"token", "phoneNumberId"} }

// Check checks the literal parameters.
func (*getStatus) Check(s *engine.Step) diag.List {
	return checkLiteralValues(s, map[string]func(string) error{
		"waitTimeout": func(v string) error { _, err := engine.Duration(v); return err },
	})
}

// Do reads the status, and with waitFor waits for it.
func (o *getStatus) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	q, err := o.query(c)
	if err != nil {
		return engine.Outcome{}, err
	}
	if q.want == 0 {
		known, err := o.lookUp(ctx, q)
		if err != nil {
			return engine.Outcome{}, err
		}
		return known.outcome(), nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, q.timeout, errWaitTimeout)
	defer cancel()
	return o.wait(ctx, q)
}

// errWaitTimeout is the cause of a wait that ended without the status it waited for.
var errWaitTimeout = errors.New("waitTimeout passed")

// statusQuery holds the parameters of a step.
type statusQuery struct {
	call      *engine.Call
	messageID string
	want      delivery.State // of waitFor; 0: any status
	waitFor   string         // "" or the word of want
	timeout   time.Duration
}

func (*getStatus) query(c *engine.Call) (statusQuery, error) {
	q := statusQuery{call: c, timeout: defaultWait}
	var err error
	if q.messageID, err = required(c.Args, "messageId"); err != nil {
		return q, err
	}
	if q.waitFor, err = text(c.Args, "waitFor"); err != nil {
		return q, err
	}
	switch q.waitFor {
	case "":
	case "sent":
		q.want = delivery.Sent
	case "delivered":
		q.want = delivery.Delivered
	case "read":
		q.want = delivery.Read
	default:
		return q, fmt.Errorf("waitFor: %q is neither sent, delivered nor read", q.waitFor)
	}
	if v, ok := c.Args["waitTimeout"]; ok && v != nil {
		if q.timeout, err = engine.Duration(v); err != nil {
			return q, fmt.Errorf("waitTimeout: %w", err)
		}
	}
	return q, nil
}

// lookUp reads the ledger, and the message history where the ledger has no status.
func (o *getStatus) lookUp(ctx context.Context, q statusQuery) (statusHistory, error) {
	known, err := o.recorded(ctx, q)
	if err != nil || !known.empty() {
		return known, err
	}
	return o.history(ctx, q)
}

// recorded returns the statuses that webhooks brought.
func (o *getStatus) recorded(ctx context.Context, q statusQuery) (statusHistory, error) {
	statuses, err := o.ledger.Statuses(ctx, q.messageID)
	if err != nil {
		return statusHistory{}, fmt.Errorf("read the ledger: %w", err)
	}
	return statusHistory{statuses: statuses}, nil
}

// history returns the statuses in the API's message history, that of the number which sent the message: of several the first that has it.
func (o *getStatus) history(ctx context.Context, q statusQuery) (known statusHistory, err error) {
	numbers := q.call.Numbers
	if len(numbers) == 0 {
		numbers = []engine.Connection{q.call.Connection}
	}
	for _, c := range numbers {
		if known, err = o.historyOf(ctx, q, c); err == nil {
			return known, nil
		}
	}
	return known, err
}

func (o *getStatus) historyOf(ctx context.Context, q statusQuery, c engine.Connection) (statusHistory, error) {
	client, err := o.client(c)
	if err != nil {
		return statusHistory{}, err
	}
	entries, err := client.MessageHistory(ctx, c.PhoneNumberID, q.messageID)
	if err != nil {
		return statusHistory{}, withContext(readVerdict(err), "no webhook told of this message, and the message history cannot be read")
	}
	var known statusHistory
	for _, entry := range entries {
		if entry.MessageID != q.messageID {
			continue
		}
		for _, event := range entry.Events {
			state, ok := stateOf(event.Status)
			if !ok {
				continue
			}
			status := delivery.Status{MessageID: q.messageID, State: state, Word: event.Status, At: event.Timestamp}
			if state == delivery.Failed {
				status.Answer.Message = event.ErrorDescription
			}
			known.statuses = append(known.statuses, status)
		}
	}
	if known.empty() {
		return known, errUnknownMessage
	}
	return known, nil
}

var errUnknownMessage = errors.New("nothing is known of this message: no webhook told of it and the message history does not hold it; " +
	"run waybill serve on this ledger and subscribe its address to the messages webhook")

// withContext puts words before an error's own and keeps its verdict.
func withContext(err error, words string) error {
	v, ok := errors.AsType[*engine.Verdict](err)
	if !ok {
		return fmt.Errorf("%s: %w", words, err)
	}
	w := *v
	w.Err = fmt.Errorf("%s: %w", words, v.Err)
	return &w
}

// stateOf returns the state that a status word means, and false for none. Any other word, such as deleted, means that
// the message was accepted at least.
func stateOf(word string) (delivery.State, bool) {
	switch word {
	case webhook.StatusSent:
		return delivery.Sent, true
	case webhook.StatusDelivered:
		return delivery.Delivered, true
	case webhook.StatusRead, webhook.StatusPlayed:
		return delivery.Read, true
	case webhook.StatusFailed, "error":
		return delivery.Failed, true
	case "":
		return 0, false
	}
	return delivery.Accepted, true
}
