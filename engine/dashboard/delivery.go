package dashboard

import (
	"cmp"
	"context"
	"net/http"

	"waybill/engine"
	"waybill/engine/delivery"
)

// deliveryPage is one delivery with its requests and statuses.
type deliveryPage struct {
	deliveryLine

	RunPath  string
	Title    string // what the error code means; empty: none, or not known
	Action   string // what to do about it
	Attempts []delivery.Attempt
	Statuses []delivery.Status
	Receives bool // webhooks arrive at all
}

func (d *dashboard) delivery(r *http.Request, f *frame) (any, error) {
	id, err := readID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	one, err := d.find(r.Context(), id)
	if err != nil {
		return nil, err
	}
	f.Title = "Delivery " + idText(id)
	p := &deliveryPage{deliveryLine: newDeliveryLine(one, d.Meaning), RunPath: runPath(one.Run)}
	if p.Answer.Code != 0 {
		p.Title, p.Action = d.Meaning(p.Answer.Code)
	}
	if !one.State.Reached() || one.State == delivery.Failed {
		p.Problem = cmp.Or(one.Answer.Message, p.Problem)
	}
	if p.Attempts, err = d.Ledger.Attempts(r.Context(), id); err != nil {
		return nil, err
	}
	if one.MessageID != "" {
		if p.Statuses, err = d.Ledger.Statuses(r.Context(), one.MessageID); err != nil {
			return nil, err
		}
	}
	at, err := d.Ledger.Receiving(r.Context())
	p.Receives = !at.IsZero()
	return p, err
}

// find returns a delivery by its id. The Reader has no such question: it is asked for the first one after the id before,
// which holds as long as ids are whole numbers.
func (d *dashboard) find(ctx context.Context, id delivery.ID) (delivery.Delivery, error) {
	if id == 0 {
		return delivery.Delivery{}, engine.ErrNotFound
	}
	for one, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{After: id - 1, Limit: 1}) {
		if err == nil && one.ID != id {
			err = engine.ErrNotFound
		}
		return one, err
	}
	return delivery.Delivery{}, engine.ErrNotFound
}
