package dashboard

import (
	"context"
	"net/http"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
)

// deliveryPage is one delivery with its requests and statuses.
type deliveryPage struct {
	deliveryLine

	RunPath  string
	Attempts []delivery.Attempt
	Texts    []sentText // what was said, where it changed from one request to the next
	Statuses []delivery.Status
	Receives bool // webhooks arrive at all
}

// sentText is what a request said.
type sentText struct {
	engine.SentText

	Reads string // as the person reads it; empty: not known
}

// Words is what it said word for word.
func (t sentText) Words() []byte { return []byte(t.Body) }

// texts returns what the requests for a delivery said.
func (d *dashboard) texts(ctx context.Context, one delivery.Delivery) ([]sentText, error) {
	texts, err := d.Ledger.Texts(ctx, one.ID)
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	run, err := d.Ledger.Run(ctx, one.Run)
	if err != nil {
		return nil, err
	}
	var out []sentText
	for i, t := range texts {
		if i > 0 && t.Body == texts[i-1].Body && t.Why == texts[i-1].Why {
			continue
		}
		text := sentText{SentText: t}
		if t.Why == "" {
			text.Reads = d.Reads(run.File, t.Body)
		}
		out = append(out, text)
	}
	return out, nil
}

func (d *dashboard) delivery(r *http.Request, f *frame) (any, error) {
	id, err := readID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	one, err := d.findDelivery(r.Context(), id)
	if err != nil {
		return nil, err
	}
	f.Title = "Delivery " + idText(id)
	p := &deliveryPage{deliveryLine: d.newDeliveryLine(one), RunPath: runPath(one.Run)}
	if p.Attempts, err = d.Ledger.Attempts(r.Context(), id); err != nil {
		return nil, err
	}
	p.Attempts = slices.Clone(p.Attempts)
	for i, a := range p.Attempts {
		p.Attempts[i].Answer.Message = d.said(a.Answer)
	}
	if p.Texts, err = d.texts(r.Context(), one); err != nil {
		return nil, err
	}
	if one.MessageID != "" {
		if p.Statuses, err = d.Ledger.Statuses(r.Context(), one.MessageID); err != nil {
			return nil, err
		}
	}
	p.Statuses = slices.Clone(p.Statuses)
	for i, s := range p.Statuses {
		p.Statuses[i].Answer.Message = d.said(s.Answer)
	}
	at, err := d.Ledger.Receiving(r.Context())
	p.Receives = !at.IsZero()
	return p, err
}

// findDelivery returns a delivery by its id.
func (d *dashboard) findDelivery(ctx context.Context, id delivery.ID) (delivery.Delivery, error) {
	if id == 0 { // a filter that does not narrow
		return delivery.Delivery{}, engine.ErrNotFound
	}
	for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{ID: id, Limit: 1}) {
		return one, err
	}
	return delivery.Delivery{}, engine.ErrNotFound
}
