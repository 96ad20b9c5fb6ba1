package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	leastDigits  = 6    // of what is taken for a phone number
	mostSearched = 2000 // messages of the inbox, and rows that were not sent, that are looked through
)

// searchPage is what all runs and the inbox have of a number, a name, a key or a message id.
type searchPage struct {
	Query      string
	Deliveries []deliveryLine
	Longer     string // more of them
	Rows       []unsentLine
	Messages   []inboxLine
	People     []personLine
}

// personLine is somebody who was found by a number, a user id or a user name.
type personLine struct {
	Number, UserID, Username string
	Sent, Wrote              string // addresses of what was sent to them, and of what they wrote
}

// Found says whether there is anything.
func (p *searchPage) Found() bool {
	return len(p.Deliveries)+len(p.Rows)+len(p.Messages)+len(p.People) > 0
}

// unsentLine is a row that was not sent, with its run.
type unsentLine struct {
	engine.Unsent

	RunPath string
}

func (d *dashboard) search(r *http.Request, f *frame) (any, error) {
	p := &searchPage{Query: strings.TrimSpace(r.FormValue("q"))}
	f.Title, f.Search = "Search", p.Query
	if p.Query == "" {
		return p, nil
	}
	size := listSize(r)
	if err := p.findDeliveries(r.Context(), d, size+1); err != nil {
		return nil, err
	}
	if len(p.Deliveries) > size {
		p.Deliveries, p.Longer = p.Deliveries[:size], longerList(r, size)
	}
	if err := p.findRows(r.Context(), d, size); err != nil {
		return nil, err
	}
	if err := p.findPeople(r.Context(), d, size); err != nil {
		return nil, err
	}
	return p, p.findMessages(r.Context(), d, size)
}

// findPeople searches who is who: a user name is found with and without the @ before it.
func (p *searchPage) findPeople(ctx context.Context, d *dashboard, most int) error {
	if d.People == nil {
		return nil
	}
	seen := map[personLine]bool{}
	for _, text := range spellings(p.Query) {
		for pair, err := range d.People.Pairs(ctx, engine.PairFilter{Search: strings.TrimPrefix(text, "@"), Limit: most}) {
			if err != nil {
				return err
			}
			line := personLine{
				Number: pair.Number, UserID: pair.Other, Username: pair.Username,
				Sent: address("/search", "q", pair.Number), Wrote: address("/inbox", "contact", pair.Number),
			}
			if !seen[line] && len(p.People) < most {
				seen[line] = true
				p.People = append(p.People, line)
			}
		}
	}
	return nil
}

// findDeliveries searches for the text as it is, and for the number that it may be, in the order of the ledger.
func (p *searchPage) findDeliveries(ctx context.Context, d *dashboard, most int) error {
	seen := map[delivery.ID]bool{}
	for _, text := range spellings(p.Query) {
		for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{Search: text, Limit: most}) {
			if err != nil {
				return err
			}
			if !seen[one.ID] {
				seen[one.ID] = true
				p.Deliveries = append(p.Deliveries, d.newDeliveryLine(one))
			}
		}
	}
	slices.SortFunc(p.Deliveries, func(a, b deliveryLine) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// findRows looks through rows that cannot be sent or wait.
func (p *searchPage) findRows(ctx context.Context, d *dashboard, most int) error {
	for _, o := range []delivery.Outcome{delivery.OutcomeInvalid, delivery.OutcomeWaiting} {
		for row, err := range d.Ledger.Unsent(ctx, engine.UnsentFilter{Outcome: o, Limit: mostSearched}) {
			if err != nil {
				return err
			}
			if len(p.Rows) < most && holds(p.Query, row.Item, row.Message) {
				p.Rows = append(p.Rows, unsentLine{row, runPath(row.Run)})
			}
		}
	}
	return nil
}

// findMessages returns what a person wrote, however long ago, and looks through the latest messages of others.
func (p *searchPage) findMessages(ctx context.Context, d *dashboard, most int) error {
	seen := map[string]bool{}
	add := func(m engine.Inbound) error {
		if len(p.Messages) >= most || seen[m.ID] {
			return nil
		}
		seen[m.ID] = true
		line, err := d.newInboxLine(ctx, m)
		p.Messages = append(p.Messages, line)
		return err
	}
	contact := cmp.Or(numberDigits(p.Query), p.Query)
	for m, err := range d.Ledger.Inbound(ctx, engine.InboundFilter{Contact: contact, Limit: most}) {
		if err != nil {
			return err
		}
		if err := add(m); err != nil {
			return err
		}
	}
	for m, err := range d.Ledger.Inbound(ctx, engine.InboundFilter{Limit: mostSearched}) {
		if err != nil {
			return err
		}
		if holds(strings.TrimPrefix(p.Query, "@"), m.From, m.UserID, m.ProfileName, m.Username, m.Text, m.ID, m.ReplyTo) {
			if err := add(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// holds says whether one of the texts has the query in it, as it is or as a number, in capitals or not.
func holds(query string, texts ...string) bool {
	for _, want := range spellings(query) {
		want = strings.ToLower(want)
		if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), want) }) {
			return true
		}
	}
	return false
}

// spellings are a query as it is, and the digits of the number that it may be.
func spellings(query string) []string {
	all := []string{query}
	if digits := numberDigits(query); digits != "" && digits != query {
		all = append(all, digits)
	}
	return all
}

// numberDigits returns the digits of a phone number as people write it, without the zeros and the plus that it begins with:
// "+34 612-345.678", "0034 (612) 345 678". Empty: it is no number.
func numberDigits(s string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("+.()/\u2060\u202a\u202c", r):
			return -1
		}
		return 'x'
	}, s)
	digits = strings.TrimLeft(digits, "0")
	if len(digits) < leastDigits || strings.Contains(digits, "x") {
		return ""
	}
	return digits
}
