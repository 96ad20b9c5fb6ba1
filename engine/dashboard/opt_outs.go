package dashboard

import (
	"net/http"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
)

// optOutsPage is who must not be written to; of one person also that they came back.
type optOutsPage struct {
	Of     string // the person who was asked for; empty: everybody
	Lines  []optOutLine
	Longer string
}

// optOutLine is a word about a person that holds, or the newest one about a person who came back.
type optOutLine struct {
	engine.OptOut

	Who    string
	Others []string
	Except []string
	URL    string // of everything that was sent to and came from the person
}

// What says what the person left.
func (l optOutLine) What() string {
	switch {
	case l.Back:
		return "came back"
	case l.Scope == engine.ScopeMarketing:
		return "marketing"
	}
	return "everything"
}

func (d *dashboard) optOuts(r *http.Request, f *frame) (any, error) {
	f.Title = "Opt-outs"
	size := listSize(r)
	p := &optOutsPage{Of: strings.TrimSpace(r.FormValue("of"))}
	l := audience.Reading(r.Context(), d.People)
	if p.Of != "" {
		e, err := audience.EntryOf(l, personID(p.Of))
		if err == nil {
			p.add(e, true)
		}
		return p, err
	}
	for e, err := range audience.FirstEntries(l) {
		if err != nil {
			return nil, err
		}
		if len(p.Lines) >= size {
			p.Longer = longerList(r, size)
			break
		}
		p.add(e, false)
	}
	return p, nil
}

func (p *optOutsPage) add(e audience.Entry, back bool) {
	for _, s := range e.Holding {
		p.Lines = append(p.Lines, newOptOutLine(e.IDs, s))
	}
	if back && len(e.Holding) == 0 && len(e.Words) > 0 {
		p.Lines = append(p.Lines, newOptOutLine(e.IDs, audience.Standing{OptOut: e.Newest()}))
	}
}

func newOptOutLine(ids []string, s audience.Standing) optOutLine {
	l := optOutLine{OptOut: s.OptOut, Who: ids[0], Others: ids[1:], Except: s.Except}
	l.URL = address("/search", "q", l.Who)
	return l
}
