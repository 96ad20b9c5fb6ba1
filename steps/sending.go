package steps

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// sending is what the three operations that reach a person have in common: all but how a draft is made of parameters.
type sending struct {
	*clients
	draft func(engine.Args, readNumber) (*draft, []*problem)
}

// Outputs are the same for all messages.
func (s sending) Outputs() map[string]eval.Type {
	return s.outputs
}

// Needs returns the connection keys that a message needs.
func (sending) Needs() []string { return []string{"token", "phoneNumberId"} }

// Reserve books the next moment at which the number and the recipient may have a message.
func (s sending) Reserve(c *engine.Call) engine.Reservation {
	pace := s.pace(c.Connection)
	r := pace.Reserve(c.Message.Recipient)
	return engine.Reservation{Wait: r.Wait, RecipientOnly: r.RecipientOnly, Idle: r.Idle, Err: r.Err, Stale: func() bool { return pace.Stale(r) }}
}

// Check checks the literal parameters.
func (s sending) Check(step *engine.Step) diag.List {
	return append(checkLiterals(step, s.draft), checkMediaIDs(step)...)
}

// Message makes the message that will be sent, whose body plan shows and the ledger stores. A file is checked, not
// uploaded.
func (s sending) Message(c *engine.Call) (engine.Message, error) {
	d, problems := s.draft(c.Args, c.ReadNumber)
	return s.finish(c, d, problems)
}

// finish checks a draft, and makes the message of it.
func (sending) finish(c *engine.Call, d *draft, problems []*problem) (engine.Message, error) {
	for _, file := range d.files {
		if err := file.check(c.Open); err != nil {
			problems = append(problems, &problem{Path: file.param, Err: err})
		}
	}
	problems = d.check(problems)
	if err := errorOf(problems); err != nil {
		return engine.Message{}, err
	}
	body, err := d.Body()
	if err != nil {
		return engine.Message{}, fmt.Errorf("write the request: %w", err)
	}
	return engine.Message{
		Recipient: string(d.To), Number: d.number, Body: body, Request: d, Doubts: doubts(c.Step, problems),
	}, nil
}

// doubts are the warnings about what an expression made. What is literal was told when the file was read, and odd numbers go with
// the number.
func doubts(s *engine.Step, problems []*problem) []engine.Doubt {
	var list []engine.Doubt
	for _, p := range problems {
		if _, constant := locate(s.Params, p.Path); constant || !p.Warning || p.Path == "to" {
			continue
		}
		list = append(list, engine.Doubt{Parameter: p.Path, Summary: p.Summary(), Hint: hintFor(s, p)})
	}
	return list
}

// Prepare uploads the draft's files, if it has any, each once a run, and chooses the way of a template that goes by its category.
func (s sending) Prepare(ctx context.Context, c *engine.Call) (engine.Message, error) {
	d, ok := c.Message.Request.(*draft)
	if !ok || len(d.files) == 0 && d.via != viaAuto {
		return c.Message, nil
	}
	ready := *d
	if d.via == viaAuto && c.Category != nil {
		ready.marketing = c.Category(ctx) == engine.CategoryMarketing
	}
	ready.ids = make([]string, 0, len(d.files))
	var err error
	for _, file := range d.files {
		var id string
		if id, err = s.uploadOnce(ctx, c, file); err != nil {
			return engine.Message{}, err
		}
		file.put(&ready.Message, id)
		ready.ids = append(ready.ids, id)
	}
	m := c.Message
	m.Request = &ready
	if len(d.files) > 0 {
		if m.Sent, err = ready.Body(); err != nil {
			return engine.Message{}, fmt.Errorf("write the request: %w", err)
		}
	}
	return m, nil
}

// Do sends the message once. Both the gate and the limiter are asked right before it leaves, since group commits bunch
// messages whose reservations lie apart.
func (s sending) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	client, err := s.client(c.Connection)
	if err != nil {
		return engine.Outcome{}, err
	}
	d, ok := c.Message.Request.(*draft)
	if !ok {
		err := fmt.Errorf("a %T is no message of %s", c.Message.Request, c.Step.Operation.Name())
		return engine.Outcome{}, &engine.Verdict{Result: delivery.ResultRefused, Cause: delivery.CauseMessage, Err: err}
	}
	pace, began := s.pace(c.Connection), s.world.Now()
	gate := whatsapp.Gate{Wait: func() error { return turn(ctx, pace, c) }, Ask: c.CheckDeadline}
	sent, err := d.post(ctx, client, c, gate)
	if refusal, ok := errors.AsType[*whatsapp.Error](err); ok && s.forgetUploads(c, d, refusal) {
		return engine.Outcome{}, mediaVerdict(refusal)
	}
	if err != nil {
		return engine.Outcome{}, sendVerdict(err, pace, d.To, began)
	}
	s.confirmUploads(c, d)
	pace.Accepted(string(d.To))
	out := engine.Outcome{MessageID: sent.MessageID, Answer: delivery.Answer{Status: 200}, Person: d.identity(sent)}
	if sent.Status != whatsapp.SentAccepted {
		out.HeldBack = sent.Status
	}
	return out, nil
}

// turn waits until the message may leave.
func turn(ctx context.Context, pace whatsapp.Pace, c *engine.Call) error {
	if c.Stale != nil && c.Stale() {
		return engine.ErrSlowed
	}
	err := pace.Wait(ctx, c.CheckDeadline)
	if errors.Is(err, whatsapp.ErrSlowed) {
		return engine.ErrSlowed
	}
	return err
}

// identity is by which ids an answer names the recipient; the zero value where it says nothing new. What is no id is not taken for one: an
// answer may be anybody's, and what it says is kept.
func (d *draft) identity(sent whatsapp.Sent) engine.Identity {
	var i engine.Identity
	if !d.To.IsUserID() {
		i.Number = string(d.To)
	}
	i.WaID = plusNumber(sent.WaID)
	switch {
	case whatsapp.Recipient(sent.UserID).IsUserID():
		i.UserID = sent.UserID
	case d.To.IsUserID():
		i.UserID = string(d.To)
	}
	if !i.Names() {
		return engine.Identity{}
	}
	return i
}

// post sends the body that the ledger stored.
func (d *draft) post(ctx context.Context, client *whatsapp.Client, c *engine.Call, gate whatsapp.Gate) (whatsapp.Sent, error) {
	return client.SendBody(ctx, c.Message.Leaving(), whatsapp.Envelope{
		PhoneNumberID: c.Connection.PhoneNumberID, Callback: c.Ticket.Callback, MessagingAccountID: c.Connection.MessagingAccountID,
		Marketing: d.marketing,
	}, gate)
}
