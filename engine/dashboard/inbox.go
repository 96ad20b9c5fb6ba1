package dashboard

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/wording"
)

type inboxPage struct {
	Contact  string
	Messages []inboxLine
	Longer   string
}

type inboxLine struct {
	engine.Inbound

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
	contact := cmp.Or(numberDigits(p.Contact), p.Contact)
	for m, err := range d.Ledger.Inbound(r.Context(), engine.InboundFilter{Contact: contact, Limit: size + 1}) {
		if err != nil {
			return nil, err
		}
		if len(p.Messages) == size {
			p.Longer = longerList(r, size)
			break
		}
		p.Messages = append(p.Messages, newInboxLine(m, d.Now()))
	}
	return p, nil
}

func newInboxLine(m engine.Inbound, now time.Time) inboxLine {
	line := inboxLine{Inbound: m, Who: cmp.Or(m.From, m.UserID), Ago: wording.Ago(now.Sub(m.At))}
	if m.From != "" {
		line.Number = "+" + m.From
	}
	line.URL, line.Search = address("/inbox", "contact", line.Who), address("/search", "q", cmp.Or(line.Number, line.Who))
	return line
}

type noticesPage struct {
	Notices []noticeLine
	Longer  string
}

func (d *dashboard) notices(r *http.Request, f *frame) (any, error) {
	f.Title = "Notices"
	size := listSize(r)
	p := &noticesPage{}
	for n, err := range d.Ledger.Notices(r.Context(), size+1) {
		if err != nil {
			return nil, err
		}
		if len(p.Notices) == size {
			p.Longer = longerList(r, size)
			break
		}
		p.Notices = append(p.Notices, noticeLine{n, NoticeFacts(n)})
	}
	return p, nil
}
