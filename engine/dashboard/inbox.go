package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"waybill/engine"
	"waybill/engine/wording"
)

type inboxPage struct {
	Contact  string
	Messages []inboxLine  // of everybody
	Spoken   []spokenLine // with Contact
	Longer   string
}

type inboxLine struct {
	engine.Inbound

	Known known // what else is known of the person

	Who    string // number or user id: what ?contact= takes
	Number string // with a plus, to read; empty for people who hide theirs
	URL    string // of everything that this person wrote
	Search string // of everything that was sent to this person, too
	Ago    string
}

func (d *dashboard) inbox(r *http.Request, f *frame) (any, error) {
	f.Title = "Inbox"
	size := listSize(r)
	p := &inboxPage{Contact: strings.TrimSpace(r.FormValue("contact"))}
	if p.Contact != "" {
		var more bool
		var err error
		if p.Spoken, more, err = d.spoken(r.Context(), p.Contact, size); more {
			p.Longer = longerList(r, size)
		}
		return p, err
	}
	for m, err := range d.Ledger.Inbound(r.Context(), engine.InboundFilter{Limit: size + 1}) {
		if err != nil {
			return nil, err
		}
		if len(p.Messages) == size {
			p.Longer = longerList(r, size)
			break
		}
		line, err := d.newInboxLine(r.Context(), m)
		if err != nil {
			return nil, err
		}
		p.Messages = append(p.Messages, line)
	}
	return p, nil
}

func (d *dashboard) newInboxLine(ctx context.Context, m engine.Inbound) (inboxLine, error) {
	line := inboxLine{Inbound: m, Who: cmp.Or(m.From, m.UserID), Ago: wording.Ago(d.Now().Sub(m.At))}
	if m.From != "" {
		line.Number = "+" + m.From
	}
	line.URL, line.Search = address("/inbox", "contact", line.Who), address("/search", "q", cmp.Or(line.Number, line.Who))
	var err error
	line.Known, err = d.knownOf(ctx, cmp.Or(line.Number, line.Who))
	line.Known.Username = cmp.Or(m.Username, line.Known.Username)
	return line, err
}
