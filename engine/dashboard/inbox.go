package dashboard

import (
	"cmp"
	"net/http"
	"strings"

	"waybill/engine"
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
}

func (d *dashboard) inbox(r *http.Request, f *frame) (any, error) {
	f.Title = "Inbox"
	size := listSize(r)
	p := &inboxPage{Contact: strings.TrimSpace(r.FormValue("contact"))}
	contact := p.Contact
	if plain := strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(contact); isDigits(plain) {
		contact = plain // people type numbers as they read them
	}
	for m, err := range d.Ledger.Inbound(r.Context(), engine.InboundFilter{Contact: contact, Limit: size + 1}) {
		if err != nil {
			return nil, err
		}
		if len(p.Messages) == size {
			p.Longer = longerList(r, size)
			break
		}
		line := inboxLine{Inbound: m, Who: cmp.Or(m.From, m.UserID)}
		if m.From != "" {
			line.Number = "+" + m.From
		}
		line.URL = address("/inbox", "contact", line.Who)
		p.Messages = append(p.Messages, line)
	}
	return p, nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
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
