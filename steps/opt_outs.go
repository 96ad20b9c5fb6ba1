package steps

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/whatsapp/webhook"
)

// marketingMessages is the category of a wish about them.
const marketingMessages = "marketing_messages"

// about names the person whom a word is about by the ids that came with it; false: there is none.
func about(w engine.OptOut, waID, userID string) (engine.OptOut, bool) {
	w.Person, w.Also = plusNumber(waID), userID
	if w.Person == "" {
		w.Person, w.Also = userID, ""
	}
	return w, w.Person != ""
}

// preference is a wish that a person expressed in WhatsApp's own menu.
func preference(p webhook.Preference, at time.Time) (engine.OptOut, bool) {
	stop := p.Value == webhook.PreferenceStop
	if p.Category != marketingMessages || !stop && p.Value != webhook.PreferenceResume {
		return engine.OptOut{}, false
	}
	return about(engine.OptOut{
		NumberID: p.PhoneNumberID, Scope: engine.ScopeMarketing, Back: !stop, Source: engine.SourcePreference, At: orNow(p.Timestamp, at),
	}, cmp.Or(p.WaID, p.Contact.WaID), cmp.Or(p.UserID, p.Contact.UserID))
}

// failedForOptOut is what a status tells of a message that WhatsApp took and did not deliver, because the person stopped marketing messages.
func failedForOptOut(s webhook.Status, at time.Time) (engine.OptOut, bool) {
	if s.Status != webhook.StatusFailed || s.RecipientType == "group" {
		return engine.OptOut{}, false
	}
	for _, e := range s.Errors {
		if e.Code == codeOptedOut {
			return about(engine.OptOut{
				NumberID: s.PhoneNumberID, Scope: engine.ScopeMarketing, Source: engine.SourceRefusal, At: orNow(s.Timestamp, at),
			}, cmp.Or(s.RecipientID, s.Contact.WaID), cmp.Or(s.RecipientUserID, s.Contact.UserID))
		}
	}
	return engine.OptOut{}, false
}

// Said is the word about an opt-out that a message is: a stop word or a start word as its whole text, as all that is written under a picture,
// a film or a document, or as the text or payload of a button that was pressed; of an edit, as what it says now. False: it is no such word.
func Said(in engine.Inbound, words audience.Words) (engine.OptOut, bool) {
	switch in.Type {
	case "text", "image", "video", "document", "button", "interactive", "edit":
	default:
		return engine.OptOut{}, false
	}
	word, stop, start := words.Said(in.Text, in.Payload)
	if !stop && !start {
		return engine.OptOut{}, false
	}
	return about(engine.OptOut{
		NumberID: in.NumberID, Scope: engine.ScopeAll, Back: start, Source: engine.SourceWord, Word: word, At: in.At,
	}, in.From, in.UserID)
}

// inboxAndPeople is what SaidBefore works on.
type inboxAndPeople interface {
	engine.Persons
	Inbound(ctx context.Context, f engine.InboundFilter) iter.Seq2[engine.Inbound, error]
}

// toldLately is how far back SaidBefore looks for words that were looked for before: while a receiver with another word begins, one
// without it may still take messages in.
const toldLately = 7 * 24 * time.Hour

// SaidBefore looks for stop and start words in what people wrote before a receiver knew them, and keeps them with the messages' own
// times. The whole inbox is read when there is a word that it was never looked through for, else that of the last week. What the ledger
// has already stays as it is. It returns how many messages are such words.
func SaidBefore(ctx context.Context, l inboxAndPeople, words audience.Words, now time.Time) (int, error) {
	sought, err := l.SoughtWords(ctx)
	if err != nil {
		return 0, err
	}
	filter := engine.InboundFilter{Since: now.Add(-toldLately)}
	if slices.ContainsFunc(words.List(), func(word string) bool { return !slices.Contains(sought, word) }) {
		filter.Since = time.Time{}
	}
	found, err := keepSaid(ctx, l, filter, words)
	if err == nil && filter.Since.IsZero() {
		err = l.KeepSoughtWords(ctx, words.List())
	}
	return found, err
}

func keepSaid(ctx context.Context, l inboxAndPeople, f engine.InboundFilter, words audience.Words) (int, error) {
	const atOnce = 1000
	found := 0
	var said []engine.OptOut
	keep := func() error {
		found += len(said)
		err := l.OptOut(ctx, said)
		said = said[:0]
		return err
	}
	for in, err := range l.Inbound(ctx, f) {
		if err != nil {
			return found, fmt.Errorf("look for stop words in the inbox: %w", err)
		}
		w, ok := Said(in, words)
		if !ok {
			continue
		}
		if said = append(said, w); len(said) == atOnce {
			if err := keep(); err != nil {
				return found, err
			}
		}
	}
	return found, keep()
}
