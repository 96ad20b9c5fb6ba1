package dashboard

import (
	"context"
	"slices"
	"time"

	"waybill/engine"
)

// spokenLine is one message between us and a person.
type spokenLine struct {
	At     time.Time
	Theirs *inboxLine    // what the person wrote
	Ours   *deliveryLine // what was sent to the person
}

// spoken are the messages between us and a person, the newest first: at most size, and whether there are more.
func (d *dashboard) spoken(ctx context.Context, contact string, size int) (lines []spokenLine, more bool, err error) {
	recipient := contact
	if digits := numberDigits(contact); digits != "" {
		contact, recipient = digits, "+"+digits
	}
	for m, err := range d.Ledger.Inbound(ctx, engine.InboundFilter{Contact: contact, Limit: size + 1}) {
		if err != nil {
			return nil, false, err
		}
		line, err := d.newInboxLine(ctx, m)
		if err != nil {
			return nil, false, err
		}
		lines = append(lines, spokenLine{At: m.At, Theirs: &line})
	}
	for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{Recipient: recipient, Limit: mostSearched}) {
		if err != nil {
			return nil, false, err
		}
		line := d.newDeliveryLine(one)
		lines = append(lines, spokenLine{At: one.IntendedAt, Ours: &line})
	}
	slices.SortStableFunc(lines, func(a, b spokenLine) int { return b.At.Compare(a.At) })
	if len(lines) > size {
		return lines[:size], true, nil
	}
	return lines, false, nil
}
