package dashboard

import (
	"cmp"
	"context"
	"net/http"

	"waybill/engine"
)

// deliveryPage tells the story of one delivery.
type deliveryPage struct {
	deliveryLine

	RunPath  string
	Title    string // what the error code means; empty: none, or not known
	Action   string // what to do about it
	Attempts []engine.Attempt
	Statuses []engine.Status
	Receives bool // webhooks arrive at all
}

func (d *dashboard) delivery(r *http.Request, f *frame) (any, error) {
	id, err := readID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	delivery, err := d.find(r.Context(), id)
	if err != nil {
		return nil, err
	}
	f.Title = "Delivery " + itoa(int(id))
	p := &deliveryPage{deliveryLine: newDeliveryLine(delivery, d.Meaning), RunPath: runPath(delivery.Run)}
	if p.Answer.Code != 0 {
		p.Title, p.Action = d.Meaning(p.Answer.Code)
	}
	if !delivery.State.Reached() || delivery.State == engine.Failed {
		p.Problem = cmp.Or(delivery.Answer.Message, p.Problem)
	}
	if p.Attempts, err = d.Ledger.Attempts(r.Context(), id); err != nil {
		return nil, err
	}
	if delivery.MessageID != "" {
		if p.Statuses, err = d.Ledger.Statuses(r.Context(), delivery.MessageID); err != nil {
			return nil, err
		}
	}
	at, err := d.Ledger.Receiving(r.Context())
	p.Receives = !at.IsZero()
	return p, err
}

// find gives a delivery by its id.
func (d *dashboard) find(ctx context.Context, id engine.DeliveryID) (engine.Delivery, error) {
	if id == 0 {
		return engine.Delivery{}, engine.ErrNotFound
	}
	for delivery, err := range d.Ledger.Deliveries(ctx, engine.DeliveryFilter{After: id - 1, Limit: 1}) {
		if err == nil && delivery.ID != id {
			err = engine.ErrNotFound
		}
		return delivery, err
	}
	return engine.Delivery{}, engine.ErrNotFound
}
