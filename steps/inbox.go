package steps

import (
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/engine/phone"
	"waybill/whatsapp/webhook"
)

// Receive translates a webhook into what the ledger keeps of it: its bytes and their content. Parts that are not
// understood remain in the bytes. words are what people write to be left alone; a zero value knows none.
func Receive(ev webhook.Event, raw []byte, at time.Time, words audience.Words) engine.Report {
	r := engine.Report{Body: raw, ReceivedAt: at, Identities: identities(ev, at), Moved: moved(ev, at)}
	for _, s := range ev.Statuses {
		if s.ID == "" {
			continue
		}
		r.Statuses = append(r.Statuses, status(s, at))
		if left, ok := failedForOptOut(s, at); ok {
			r.OptOuts = append(r.OptOuts, left)
		}
	}
	for _, m := range ev.Messages {
		if m.ID == "" {
			continue
		}
		in := inbound(m, at)
		r.Inbound = append(r.Inbound, in)
		if said, ok := Said(in, words); ok {
			r.OptOuts = append(r.OptOuts, said)
		}
	}
	for _, c := range ev.Changes {
		r.Notices = append(r.Notices, engine.Notice{Field: c.Field, AccountID: c.WABAID, At: orNow(c.Time, at), Raw: c.Value})
	}
	for _, p := range ev.Preferences {
		if wish, ok := preference(p, at); ok {
			r.OptOuts = append(r.OptOuts, wish)
		}
	}
	return r
}

func status(s webhook.Status, at time.Time) delivery.Status {
	state, _ := stateOf(strings.ToLower(s.Status))
	if state == 0 {
		state = delivery.Accepted // a status of any kind is that of an accepted message
	}
	out := delivery.Status{
		MessageID: s.ID, Callback: s.CallbackData, State: state, Word: s.Status, At: orNow(s.Timestamp, at),
		Recipient: s.RecipientID, Raw: s.Raw,
	}
	if out.Recipient == "" {
		out.Recipient = s.RecipientUserID
	}
	if state == delivery.Delivered || state == delivery.Read {
		out.Charge = charge(s)
	}
	if state == delivery.Failed {
		judgeFailure(&out, s.Errors)
	}
	return out
}

// charge is how a status says that its message is charged; nil: it does not say.
func charge(s webhook.Status) *delivery.Charge {
	p := s.Pricing
	if p == nil || p.Category == "" && p.Type == "" {
		return nil
	}
	c := &delivery.Charge{Category: strings.ToLower(p.Category), Type: strings.ToLower(p.Type), Model: p.Model}
	switch {
	case p.Subtype == "paid_exempt":
		c.Type = p.Subtype
	case c.Type == "" && p.Billable: // up to v22
		c.Type = "regular"
	case c.Type == "":
		c.Type = "free"
	}
	if s.RecipientID != "" && s.RecipientType != "group" {
		c.Country = phone.Region("+" + s.RecipientID)
	}
	if c.Country == "" {
		c.Country = phone.Region(s.RecipientUserID)
	}
	return c
}

func inbound(m webhook.Message, at time.Time) engine.Inbound {
	in := engine.Inbound{
		ID: m.ID, NumberID: m.PhoneNumberID, From: m.From, UserID: m.FromUserID, ProfileName: m.Contact.Name, Username: m.Contact.Username,
		At: orNow(m.Timestamp, at), Type: m.Type, Text: m.Body(), Standby: m.Standby, Raw: m.Raw,
	}
	in.Payload, _ = m.Pressed()
	if m.Context != nil {
		in.ReplyTo = m.Context.ID
	}
	return in
}

// orNow returns the time of an event, and the time of receipt where the event has none, or one more than a day in the
// future.
func orNow(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now.Add(24*time.Hour)) {
		return now
	}
	return t
}
