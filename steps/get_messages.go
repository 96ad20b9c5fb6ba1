package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
)

// defaultLimit is how many messages getMessages returns when the step sets no limit.
const defaultLimit = 1000

// getMessages returns what people wrote, from the inbox that the webhook receiver fills: the API has no call that
// lists messages (Source: Meta, webhooks/create-webhook-endpoint).
type getMessages struct{ ledger engine.Ledger }

// Name is the key in the file.
func (*getMessages) Name() string { return "getMessages" }

// Outputs are the messages, newest first, how many there are, also beyond the limit, and how many messages of people who hide their
// number may be the contact's: WhatsApp never told whose they are.
func (*getMessages) Outputs() map[string]eval.Type {
	message := eval.Object(map[string]eval.Type{
		"id": eval.String(), "from": eval.String(), "userId": eval.String(), "name": eval.String(), "timestamp": eval.String(),
		"type": eval.String(), "text": eval.String(), "replyTo": eval.String(), "standby": eval.Boolean(), "username": eval.String(),
		"payload": eval.String(), "content": eval.Any(),
	})
	return map[string]eval.Type{"messages": eval.List(message), "totalCount": eval.Integer(), "unattributed": eval.Integer()}
}

// Needs names whose inbox it is.
func (*getMessages) Needs() []string { return []string{"phoneNumberId"} }

// Check checks the literal parameters.
func (*getMessages) Check(s *engine.Step) diag.List {
	return checkLiteralValues(s, map[string]func(string) error{
		"since":   func(v string) error { _, err := parseSince(v); return err },
		"contact": checkNumber(s),
	})
}

// Do reads the inbox. Where no webhook ever arrived it fails: an empty list would mean that no message was written.
func (o *getMessages) Do(ctx context.Context, c *engine.Call) (engine.Outcome, error) {
	filter, limit, err := inboxFilter(c)
	if err != nil {
		return engine.Outcome{}, err
	}
	last, err := o.ledger.Receiving(ctx)
	if err != nil {
		return engine.Outcome{}, fmt.Errorf("read the ledger: %w", err)
	}
	if last.IsZero() {
		return engine.Outcome{}, errors.New("no webhook ever reached this ledger, so nobody can tell who wrote: " +
			"run waybill serve on it and subscribe its address to the messages webhook")
	}
	var newest []engine.Inbound
	messages, total, unattributed := []any{}, 0, 0
	for _, number := range c.NumberIDs() {
		filter.NumberID = number
		found, of, err := o.newest(ctx, filter, limit)
		if err != nil {
			return engine.Outcome{}, err
		}
		strangers, err := o.unattributed(ctx, filter)
		if err != nil {
			return engine.Outcome{}, err
		}
		newest, total, unattributed = append(newest, found...), total+of, unattributed+strangers
	}
	slices.SortStableFunc(newest, func(a, b engine.Inbound) int { return b.At.Compare(a.At) })
	newest = newest[:min(limit, len(newest))]
	for _, in := range newest {
		messages = append(messages, inboundValue(in))
	}
	return engine.Outcome{Values: map[string]any{"messages": messages, "totalCount": total, "unattributed": unattributed}}, nil
}

// newest are the messages in the inbox of one number, as many as may be returned, and how many there are.
func (o *getMessages) newest(ctx context.Context, f engine.InboundFilter, limit int) (list []engine.Inbound, total int, err error) {
	for in, err := range o.ledger.Inbound(ctx, f) {
		if err != nil {
			return nil, 0, fmt.Errorf("read the inbox: %w", err)
		}
		if total++; len(list) < limit {
			list = append(list, in)
		}
	}
	return list, total, nil
}

// mostUnattributed bounds how many messages are looked through for those that may be a contact's.
const mostUnattributed = 10_000

// unattributed counts the messages that may be of a contact whose user id is not known: those of people who hide their number and whom
// WhatsApp never named by both. Zero for a contact whose user id is known, and for everybody's messages.
func (o *getMessages) unattributed(ctx context.Context, f engine.InboundFilter) (int, error) {
	if f.Contact == "" || strings.Trim(f.Contact, "0123456789") != "" {
		return 0, nil
	}
	hasNumber := func(ids []string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, "+") })
	}
	ids, err := o.ledger.Person(ctx, "+"+f.Contact)
	if err != nil || slices.ContainsFunc(ids, func(id string) bool { return !strings.HasPrefix(id, "+") }) {
		return 0, err
	}
	f.Contact, f.Limit = "", mostUnattributed
	found := 0
	strangers := map[string]bool{}
	for in, err := range o.ledger.Inbound(ctx, f) {
		if err != nil {
			return 0, fmt.Errorf("read the inbox: %w", err)
		}
		if in.From != "" || in.UserID == "" {
			continue
		}
		stranger, asked := strangers[in.UserID]
		if !asked {
			ids, err := o.ledger.Person(ctx, in.UserID)
			if err != nil {
				return 0, err
			}
			stranger = !hasNumber(ids)
			strangers[in.UserID] = stranger
		}
		if stranger {
			found++
		}
	}
	return found, nil
}

func inboxFilter(c *engine.Call) (engine.InboundFilter, int, error) {
	filter := engine.InboundFilter{}
	from, err := text(c.Args, "since")
	if err == nil && from != "" {
		filter.Since, err = parseSince(from)
	}
	if err != nil {
		return filter, 0, fmt.Errorf("since: %w", err)
	}
	contact, err := text(c.Args, "contact")
	if err == nil && contact != "" {
		var to phone.Number
		to, err = c.ReadNumber("contact", contact)
		filter.Contact = strings.TrimPrefix(to.Text, "+")
	}
	if err != nil {
		return filter, 0, fmt.Errorf("contact: %w", err)
	}
	limit, err := integer(c.Args, "limit")
	if limit == 0 {
		limit = defaultLimit
	}
	return filter, limit, err
}

// parseSince reads a point in time, also as UNIX seconds, the form that webhooks use.
func parseSince(s string) (time.Time, error) {
	if n := json.Number(s); len(s) == 10 {
		if seconds, err := n.Int64(); err == nil {
			return time.Unix(seconds, 0), nil
		}
	}
	at, _, err := parseTime(s)
	return at, err
}

func inboundValue(in engine.Inbound) map[string]any {
	var content any
	if len(in.Raw) > 0 {
		// What the ledger keeps was parsed before; a value that is none stays null.
		_ = json.Unmarshal(in.Raw, &content)
	}
	return map[string]any{
		"id": in.ID, "from": in.From, "userId": in.UserID, "name": in.ProfileName, "timestamp": timestamp(in.At),
		"type": in.Type, "text": in.Text, "replyTo": in.ReplyTo, "standby": in.Standby, "username": in.Username,
		"payload": in.Payload, "content": content,
	}
}
