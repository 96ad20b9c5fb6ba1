package steps

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/whatsapp"
)

// sending is what the three operations that reach a person have in common.
type sending struct{ *clients }

// Outputs are the same for all messages.
func (s sending) Outputs() map[string]eval.Type {
	return s.outputs
}

// Needs names what a message cannot do without.
func (sending) Needs() []string { return []string{"token", "phoneNumberId"} }

// Turn books the next place in the number's line and in the recipient's.
func (s sending) Turn(c *engine.Call) engine.Turn {
	pace := s.pace(c.Connection)
	booked := pace.Reserve(c.Message.Recipient)
	return engine.Turn{Wait: booked.Wait, Own: booked.RecipientOnly, Idle: booked.Idle, Void: func() bool { return pace.Stale(booked) }}
}

// message finishes a draft: it is checked, and its body is what plan shows and the ledger remembers.
func (sending) message(d *draft, problems []*problem) (engine.Message, error) {
	problems, _ = d.check(problems)
	if len(problems) > 0 {
		return engine.Message{}, joinProblems(problems)
	}
	body, err := d.Body()
	if err != nil {
		return engine.Message{}, fmt.Errorf("write the request: %w", err)
	}
	return engine.Message{Recipient: string(d.To), Body: body, Request: d}, nil
}

// joinProblems makes one error of several problems.
func joinProblems(problems []*problem) error {
	list := make([]error, len(problems))
	for i, p := range problems {
		list[i] = p
	}
	if len(list) == 1 {
		return list[0]
	}
	return errors.Join(list...)
}

// Prepare uploads the draft's file, if it has one, once a run.
func (s sending) Prepare(ctx context.Context, c *engine.Call) (engine.Message, error) {
	d, ok := c.Message.Request.(*draft)
	if !ok || d.file == nil {
		return c.Message, nil
	}
	id, err := s.uploadOnce(ctx, c, d.file)
	if err != nil {
		return engine.Message{}, err
	}
	ready := *d
	d.file.put(&ready.Message, id)
	m := c.Message
	m.Request = &ready
	return m, nil
}

// Do sends the message once. The gate is asked at the very last moment, and so is the limiter, for commits bunch
// what was reserved apart.
func (s sending) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	client, err := s.client(c.Connection)
	if err != nil {
		return engine.Outcome{}, err
	}
	d, ok := c.Message.Request.(*draft)
	if !ok {
		return engine.Outcome{}, &engine.Verdict{Judgement: engine.JudgedRefused, Err: fmt.Errorf("a %T is no message of %s", c.Message.Request, c.Step.Operation.Name())}
	}
	pace := s.pace(c.Connection)
	gate := whatsapp.Gate{Wait: func() error { return pace.Wait(ctx, c.Gate) }, Ask: c.Gate}
	sent, err := d.post(ctx, client, c, gate)
	if err != nil {
		return engine.Outcome{}, sendVerdict(err, pace, d.To)
	}
	pace.Accepted(string(d.To))
	out := engine.Outcome{MessageID: sent.MessageID, Answer: engine.Answer{Status: 200}}
	if sent.Status != whatsapp.SentAccepted {
		out.HeldBack = sent.Status
	}
	return out, nil
}

// post sends the body that the ledger knows; one that was made before its file had an id is made again.
func (d *draft) post(ctx context.Context, client *whatsapp.Client, c *engine.Call, gate whatsapp.Gate) (whatsapp.Sent, error) {
	if d.file == nil {
		return client.SendBody(ctx, c.Connection.PhoneNumberID, c.Message.Body, c.Ticket.Callback, gate)
	}
	m := d.Message
	m.CallbackData = c.Ticket.Callback
	return client.Send(ctx, c.Connection.PhoneNumberID, m, gate)
}
