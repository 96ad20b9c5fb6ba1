package proof

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// maker makes the lines of one run.
type maker struct {
	ledger engine.Reader
	run    string
	ended  time.Time // when the run ended; zero: it did not
	shown  bool      // recipients in full
}

func newMaker(l engine.Reader, run engine.Run, shown bool) *maker {
	return &maker{ledger: l, run: run.ID, ended: run.FinishedAt, shown: shown}
}

// delivery returns the line of a delivery that the run counts; nil: no request was made for it by its end.
func (m *maker) delivery(ctx context.Context, d delivery.Delivery) (*deliveryLine, error) {
	attempts, err := m.ledger.Attempts(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	attempts, earlier := m.seen(attempts)
	line := &deliveryLine{
		Record: recordDelivery, ID: int64(d.ID), Step: d.Key.Step, Item: m.text(d.Key.Item, d.Recipient), Key: keyDigest(m.ledger, d.Key),
		Attempts: []attemptLine{},
	}
	if d.Key.Again > 0 {
		line.Number = d.Key.Number()
	}
	var last delivery.Attempt
	for _, a := range attempts {
		standing, err := m.standing(ctx, d, a)
		if err != nil {
			return nil, err
		}
		last = a
		line.Attempts = append(line.Attempts, m.attempt(a, standing, d.Recipient))
		line.Outcome = outcomeOf(a, standing, d.State == delivery.Intended && a.Number == d.Attempts).Name()
	}
	switch {
	case last.Number == 0:
		return nil, nil
	case d.Run != last.Run:
		line.LaterRun = d.Run
	default:
		line.Row, line.Recipient = d.Row, m.recipient(d.Recipient)
		line.PhoneNumberID = d.NumberID
		line.RecipientDigest = keyed(m.ledger, recipientDomain, []byte(d.Recipient))
	}
	if earlier {
		line.EarlierRun = last.Run
	}
	return line, nil
}

// seen returns the requests of a delivery that the run made itself; of one that it met and left, those of the runs before it.
func (m *maker) seen(attempts []delivery.Attempt) (list []delivery.Attempt, earlier bool) {
	var before []delivery.Attempt
	for _, a := range attempts {
		switch {
		case a.Run == m.run:
			list = append(list, a)
		case !a.At.After(m.ended):
			before = append(before, a)
		}
	}
	if len(list) > 0 {
		return list, false
	}
	return before, len(before) > 0
}

// standing is what is known of an attempt's message; zero: there is none.
func (m *maker) standing(ctx context.Context, d delivery.Delivery, a delivery.Attempt) (delivery.Standing, error) {
	switch {
	case a.Resolved == delivery.ResolvedSent && a.MessageID == "":
		return delivery.Standing{State: delivery.Accepted}, nil
	case a.MessageID == "":
		return delivery.Standing{}, nil
	case a.MessageID == d.MessageID && d.State.Reached():
		return delivery.Standing{State: d.State, At: d.StatusAt}, nil
	}
	standing := delivery.Standing{State: delivery.Accepted}
	statuses, err := m.ledger.Statuses(ctx, a.MessageID)
	for _, s := range statuses {
		standing = standing.Merge(s.Standing())
	}
	return standing, err
}

func (m *maker) attempt(a delivery.Attempt, standing delivery.Standing, recipient string) attemptLine {
	line := attemptLine{
		Number: a.Number, At: instant(a.At), Ended: instant(a.Ended), Result: a.Result.Name(), MessageID: m.message(a.MessageID),
		Status: stateWord(standing), StatusAt: instant(standing.At),
		HTTP: a.Answer.Status, Code: a.Answer.Code, Message: m.text(a.Answer.Message, recipient),
	}
	switch a.Resolved {
	case delivery.ResolvedSent:
		line.ByHand = "sent"
	case delivery.ResolvedPlanned:
		line.ByHand = "planned"
	}
	return line
}

// unsent returns the line of a row that became no request.
func (m *maker) unsent(u engine.Unsent) unsentLine {
	line := unsentLine{
		Record: recordUnsent, Step: u.Step, Item: m.text(u.Item, ""), File: u.File, Row: u.Row, Cell: u.Cell,
		Outcome: u.Outcome.Name(), Reason: u.Reason, Count: max(1, u.Count),
	}
	if m.shown {
		line.Message = u.Message
	}
	return line
}

func (m *maker) recipient(r string) string {
	if m.shown {
		return r
	}
	return masked(r)
}

// message is a message id. WhatsApp's have the recipient's number in them; they have so much else in them that their digest cannot be
// guessed, and whoever has the id can compare it.
func (m *maker) message(id string) string {
	if m.shown || id == "" {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return digestPrefix + hex.EncodeToString(sum[:])
}

const digestPrefix = "sha256:"

// text is a text that may hold the recipient.
func (m *maker) text(text, recipient string) string {
	if m.shown {
		return text
	}
	return maskIn(text, recipient)
}

func stateWord(s delivery.Standing) string {
	if s.State == 0 {
		return ""
	}
	return s.State.Name()
}
