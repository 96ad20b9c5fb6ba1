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
	Theirs *inboxLine // what the person wrote
	Ours   *sentLine  // what was sent to the person
}

// sentLine is what was sent to a person, with what it said.
type sentLine struct {
	deliveryLine

	Said sentText // by the newest request; the zero value: nothing is known of it
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
		lines = append(lines, spokenLine{At: one.IntendedAt, Ours: &sentLine{deliveryLine: d.newDeliveryLine(one)}})
	}
	slices.SortStableFunc(lines, func(a, b spokenLine) int { return b.At.Compare(a.At) })
	if more = len(lines) > size; more {
		lines = lines[:size]
	}
	return lines, more, d.addTexts(ctx, lines)
}

// addTexts adds what was said by what was sent.
func (d *dashboard) addTexts(ctx context.Context, lines []spokenLine) error {
	for _, line := range lines {
		if line.Ours == nil {
			continue
		}
		texts, err := d.texts(ctx, line.Ours.Delivery)
		if err != nil {
			return err
		}
		if len(texts) > 0 {
			line.Ours.Said = texts[len(texts)-1]
		}
	}
	return nil
}
