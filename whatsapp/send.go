package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// Gate is asked at the last moment, when the connection stands and before the first byte of a message is handed
// to it. A non-nil answer stops the request, and nothing can have been accepted. It is called at most once.
type Gate func() error

// The words of Sent.Status. Source: Meta, messages/send-messages and templates/template-pacing.
const (
	SentAccepted = "accepted"
	SentHeld     = "held_for_quality_assessment" // sent later, or dropped with 132015
	SentPaused   = "paused"
)

// Sent is the answer to an accepted message: accepted, not yet delivered.
type Sent struct {
	MessageID string // "wamid…", opaque, may hold characters that an address must escape
	WaID      string // the recipient's account in digits; may differ from Input (Brazil, Mexico), may be empty
	Input     string // the recipient as asked for
	UserID    string // business-scoped user id, when sent to one
	Status    string // accepted when the answer says nothing
}

// Send posts one message and returns its id. An *Error says by Sent whether the request may have left, and by
// Advice what that means. An answer of 200 that holds no message id is an error too, for nobody can tell
// whether the message was accepted. gate may be nil. The message is not checked: see Message.Check.
//
// POST /{phone-number-id}/messages. Source: Meta, messages/send-messages.
func (c *Client) Send(ctx context.Context, phoneNumberID string, m Message, gate Gate) (Sent, error) {
	body, err := m.Body()
	if err != nil {
		return Sent{}, &Error{Op: opSend, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	return c.post(ctx, phoneNumberID, body, gate)
}

// SendBody is Send for a body that Message.Body made before, of a message without CallbackData, which is given here.
func (c *Client) SendBody(ctx context.Context, phoneNumberID string, body []byte, callback string, gate Gate) (Sent, error) {
	body, err := withCallback(body, callback)
	if err != nil {
		return Sent{}, &Error{Op: opSend, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	return c.post(ctx, phoneNumberID, body, gate)
}

// withCallback puts a callback at the end of a body, in bytes of its own.
func withCallback(body []byte, callback string) ([]byte, error) {
	open, closed := bytes.CutSuffix(body, []byte("}"))
	if !closed || len(open) < 2 {
		return nil, errors.New("the body is no message")
	}
	text, err := json.Marshal(callback)
	if err != nil {
		return nil, err
	}
	whole := make([]byte, 0, len(open)+len(text)+32)
	whole = append(whole, open...)
	whole = append(whole, `,"biz_opaque_callback_data":`...)
	return append(append(whole, text...), '}'), nil
}

const opSend = "send a message"

func (c *Client) post(ctx context.Context, phoneNumberID string, body []byte, gate Gate) (Sent, error) {
	if err := needID("phone number id", phoneNumberID); err != nil {
		return Sent{}, &Error{Op: opSend, Err: err}
	}
	ctx, w := c.watched(ctx)
	defer w.end()
	leaving := &departure{gate: gate, watch: w, ended: ctx.Err}
	leaving.rest.Reset(body)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at(nil, phoneNumberID, "messages"), leaving)
	if err != nil {
		return Sent{}, &Error{Op: opSend, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	// With its length known and no GetBody, net/http neither probes the body nor sends the request a second time.
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	got, err := c.do(ctx, r, maxSent)
	left, refusal := leaving.seal()
	if refusal != nil {
		return Sent{}, &Error{Op: opSend, Err: refusal}
	}
	if err != nil || got.status < 200 || got.status > 299 {
		return Sent{}, c.failure(opSend, got, err, left && !undialled(err))
	}
	sent, err := readSent(got.body)
	if err != nil {
		return Sent{}, c.failure(opSend, got, err, left)
	}
	return sent, nil
}

// undialled tells that no connection was ever made. net/http asks for the body only once there is one; a transport
// in memory has to read it to know what to pretend.
func undialled(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

func readSent(body []byte) (Sent, error) {
	var wire struct {
		Contacts []struct {
			Input  string `json:"input"`
			WaID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		} `json:"contacts"`
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		// Contacts are told by a courtesy; an id that can be read is an acceptance whatever stands around it.
		var only struct {
			Messages []struct {
				ID string `json:"id"`
			} `json:"messages"`
		}
		if json.Unmarshal(body, &only) != nil || len(only.Messages) == 0 || only.Messages[0].ID == "" {
			return Sent{}, fmt.Errorf("the answer is not what it should be: %w", err)
		}
		return Sent{MessageID: only.Messages[0].ID, Status: SentAccepted}, nil
	}
	if len(wire.Messages) == 0 || wire.Messages[0].ID == "" {
		return Sent{}, errNoID
	}
	sent := Sent{MessageID: wire.Messages[0].ID, Status: wire.Messages[0].Status}
	if sent.Status == "" {
		sent.Status = SentAccepted
	}
	if len(wire.Contacts) > 0 {
		sent.Input, sent.WaID, sent.UserID = wire.Contacts[0].Input, wire.Contacts[0].WaID, wire.Contacts[0].UserID
	}
	return sent, nil
}

var (
	errNoID   = errors.New("the answer holds no message id")
	errSealed = errors.New("the call has ended before its message left")
)

// departure is the body of a send. Its first Read asks the gate; from then on the message may have left. A
// transport may go on reading after the call has ended, so the end seals it: what has not left then never will,
// and what is told about it stays true.
type departure struct {
	gate  Gate
	watch *watch
	ended func() error // the call's context: a message whose call is over must not leave
	rest  bytes.Reader

	mu      sync.Mutex
	asked   bool
	left    bool
	sealed  bool
	refusal error
}

func (d *departure) Read(into []byte) (int, error) {
	if err := d.open(); err != nil {
		return 0, err
	}
	return d.rest.Read(into)
}

// Close has nothing to free.
func (d *departure) Close() error { return nil }

func (d *departure) open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.left:
		return nil
	case d.refusal != nil:
		return d.refusal
	case d.sealed, d.asked:
		return errSealed
	}
	d.asked = true
	refusal := d.ask()
	switch {
	case refusal != nil:
		d.refusal = refusal
		return refusal
	case d.sealed, d.ended() != nil:
		return errSealed
	}
	d.left = true
	d.watch.connected()
	return nil
}

// ask calls the gate with the lock released: it may wait, and the call may end meanwhile.
func (d *departure) ask() error {
	if d.gate == nil {
		return nil
	}
	d.watch.pause()
	d.mu.Unlock()
	defer d.mu.Lock()
	return d.gate()
}

// seal ends the departure and says whether the message may have left, and what the gate said against it.
func (d *departure) seal() (left bool, refusal error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sealed = true
	return d.left, d.refusal
}

var _ io.ReadCloser = (*departure)(nil)
