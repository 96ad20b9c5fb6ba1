package steps

import (
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/webhook"
)

// Receive translates a webhook into what the ledger keeps of it: its bytes and their content. Parts that are not
// understood remain in the bytes.
func Receive(ev webhook.Event, raw []byte, at time.Time) engine.Report {
	r := engine.Report{Body: raw, ReceivedAt: at}
	for _, s := range ev.Statuses {
		if s.ID == "" {
			continue
		}
		r.Statuses = append(r.Statuses, status(s, at))
	}
	for _, m := range ev.Messages {
		if m.ID == "" {
			continue
		}
		r.Inbound = append(r.Inbound, inbound(m, at))
	}
	for _, c := range ev.Changes {
		r.Notices = append(r.Notices, engine.Notice{Field: c.Field, AccountID: c.WABAID, At: orNow(c.Time, at), Raw: c.Value})
	}
	for _, p := range ev.Preferences {
		if stop := p.Value == webhook.PreferenceStop; stop || p.Value == webhook.PreferenceResume {
			r.Preferences = append(r.Preferences, engine.Preference{
				NumberID: p.PhoneNumberID, AccountID: p.WABAID, WaID: p.WaID, UserID: p.UserID, Category: p.Category, Stop: stop,
				At: orNow(p.Timestamp, at),
			})
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
	if state == delivery.Failed {
		judgeFailure(&out, s.Errors)
	}
	return out
}

func inbound(m webhook.Message, at time.Time) engine.Inbound {
	in := engine.Inbound{
		ID: m.ID, NumberID: m.PhoneNumberID, From: m.From, UserID: m.FromUserID, ProfileName: m.Contact.Name,
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
