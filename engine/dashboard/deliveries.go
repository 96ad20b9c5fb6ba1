package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

const pageSize = 100

// deliveryLine is one delivery in a list.
type deliveryLine struct {
	delivery.Delivery

	URL   string
	Fault fault // the zero value: none
}

func (d *dashboard) newDeliveryLine(of delivery.Delivery) deliveryLine {
	line := deliveryLine{Delivery: of, URL: "/deliveries/" + idText(of.ID)}
	switch {
	case of.State.Succeeded():
		// Its answer is that of a request: what it says of a lost one is over, now that WhatsApp has the message.
		if of.MessageID == "" {
			line.Fault.Ours = "taken as sent by hand; no webhook has confirmed it"
		}
	case of.Answer.Code != 0 || of.Answer.Message != "":
		line.Fault = d.faultOf(of.Answer)
	}
	if !line.Fault.Some() && of.HeldBack != "" {
		line.Fault.Ours = "WhatsApp holds it back: " + of.HeldBack
	}
	return line
}

// deliveriesPage is one page of a run's deliveries.
type deliveriesPage struct {
	Run        engine.Run
	RunPath    string
	Path       string
	WiderScope bool // the run's scope is more than the run, so that there is a choice
	Form       deliveriesForm
	States     []stateChoice
	Lines      []deliveryLine
	Total      int    // of what is narrowed to; uncounted: it took too long
	From, To   int    // which of them this page shows, from 1
	Next       string // address; empty: there is none
	Previous   string
	Filtered   bool
	CSV        string // address of the same as a table for a spreadsheet; empty: there is none
}

// deliveriesForm is what the address asks for.
type deliveriesForm struct {
	Search, Code, Step, Scope string
	States                    []delivery.State
	After                     delivery.ID
	Trail                     []delivery.ID // where the pages before this one began, so that there is a way back
}

type stateChoice struct {
	Word, Param string
	Chosen      bool
}

func (d *dashboard) deliveries(r *http.Request, f *frame) (any, error) {
	run, err := d.find(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	form, err := readForm(r)
	if err != nil {
		return nil, err
	}
	f.Title = "Deliveries · " + run.Job
	p := &deliveriesPage{
		Run: run, RunPath: runPath(run.ID), Path: runPath(run.ID) + "/deliveries", WiderScope: run.Scope != run.ID, Form: form,
	}
	p.Filtered = form.Search != "" || form.Code != "" || form.Step != "" || len(form.States) > 0
	for _, s := range delivery.States() {
		p.States = append(p.States, stateChoice{s.String(), s.Name(), slices.Contains(form.States, s)})
	}
	if d.CSV != nil && form.Scope == "" {
		whole := form
		whole.After, whole.Trail = 0, nil
		p.CSV = p.Path + ".csv" + whole.query()
	}
	filter := form.filter(run)
	filter.Limit = pageSize + 1
	for delivery, err := range d.Ledger.Deliveries(r.Context(), filter) {
		if err != nil {
			return nil, err
		}
		if len(p.Lines) == pageSize {
			p.Next = p.Path + form.nextQuery(p.Lines[pageSize-1].ID)
			break
		}
		p.Lines = append(p.Lines, d.newDeliveryLine(delivery))
	}
	p.setRange()
	p.Total, err = d.count(r.Context(), filter)
	return p, err
}

// setRange says which of all this page shows, and which page was before it.
func (p *deliveriesPage) setRange() {
	before := len(p.Form.Trail)
	p.From, p.To = before*pageSize+min(1, len(p.Lines)), before*pageSize+len(p.Lines)
	if before > 0 {
		p.Previous = p.Path + p.Form.previousQuery()
	}
}

// readForm reads an address that a person may have typed.
func readForm(r *http.Request) (deliveriesForm, error) {
	q := r.URL.Query()
	trimmed := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	form := deliveriesForm{Search: trimmed("q"), Code: trimmed("code"), Step: trimmed("step")}
	if q.Get("scope") == "all" {
		form.Scope = "all"
	}
	if form.Code != "" {
		if n, err := strconv.Atoi(form.Code); err != nil || n <= 0 {
			return form, addressError("An error code is a number, such as 131026. It says “" + brief(form.Code) + "”.")
		}
	}
	for _, list := range q["state"] {
		for name := range strings.SplitSeq(list, ",") {
			at := slices.IndexFunc(delivery.States(), func(s delivery.State) bool { return strings.EqualFold(s.Name(), name) })
			switch {
			case at >= 0 && !slices.Contains(form.States, delivery.States()[at]):
				form.States = append(form.States, delivery.States()[at])
			case at < 0 && name != "":
				return form, addressError("There is no state “" + brief(name) + "”.")
			}
		}
	}
	var err error
	if form.After, err = readID(cmp.Or(q.Get("after"), "0")); err != nil {
		return form, err
	}
	for part := range strings.SplitSeq(q.Get("trail"), ".") {
		if part == "" {
			continue
		}
		id, err := readID(part)
		if err != nil {
			return form, err
		}
		form.Trail = append(form.Trail, id)
	}
	return form, nil
}

// filter is what the form asks of the ledger.
func (f deliveriesForm) filter(run engine.Run) engine.DeliveryFilter {
	filter := engine.DeliveryFilter{SeenBy: run.ID, Step: f.Step, States: f.States, Search: f.Search, After: f.After}
	if f.Scope == "all" {
		filter.SeenBy, filter.Job, filter.Scope = "", run.Job, run.DeliveryScope()
	}
	filter.Code, _ = strconv.Atoi(f.Code) // readForm saw that it is a number, or empty
	return filter
}

// nextQuery returns the query of the page after this one.
func (f deliveriesForm) nextQuery(after delivery.ID) string {
	f.Trail = append(slices.Clone(f.Trail), f.After)
	f.After = after
	return f.query()
}

// previousQuery returns the query of the page before this one.
func (f deliveriesForm) previousQuery() string {
	f.After = f.Trail[len(f.Trail)-1]
	f.Trail = f.Trail[:len(f.Trail)-1]
	return f.query()
}

func (f deliveriesForm) query() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "0" {
			q.Set(name, value)
		}
	}
	set("q", f.Search)
	set("code", f.Code)
	set("step", f.Step)
	set("scope", f.Scope)
	states := make([]string, len(f.States))
	for i, s := range f.States {
		states[i] = s.Name()
	}
	set("state", strings.Join(states, ","))
	set("after", idText(f.After))
	trail := make([]string, len(f.Trail))
	for i, id := range f.Trail {
		trail[i] = idText(id)
	}
	if len(trail) > 0 {
		q.Set("trail", strings.Join(trail, "."))
	}
	if len(q) == 0 {
		return "?"
	}
	return "?" + q.Encode()
}
