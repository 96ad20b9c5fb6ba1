package sandbox

import "time"

// pricing is the object of the same name in status webhooks. Source: Meta, webhooks/reference/messages/status.
type pricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"pricing_model"`
	Type     string `json:"type,omitempty"`
	Category string `json:"category"`
}

const (
	regular     = "regular"
	freeService = "free_customer_service"
	freeGroup   = "free_group_customer_service"
)

// service reports whether the message is one without a template.
func (p pricing) service() bool { return p.Category == "service" || p.Category == "group_service" }

// chargedService reports whether it is one that is beyond the free ones.
func (p pricing) chargedService() bool { return p.service() && p.Billable }

// price is what a message costs by the rules of the sandbox's day: templates by category; those of category utility free
// inside a window, and messages without a template free, until October 2026; since then so many of these a month,
// and reactions always. The caller holds the lock.
func (s *Server) price(r *record, group, open bool, delivered time.Time) pricing {
	p := pricing{Billable: true, Model: "PMP", Type: regular, Category: r.Category}
	free := freeService
	if p.Category == "" {
		p.Category = "service"
	}
	if group {
		p.Category, free = "group_"+p.Category, freeGroup
	}
	switch {
	case !s.rules.perMessage:
		p.Model, p.Type = "CBP", ""
		p.Billable = !p.service()
	case p.service() && (!s.rules.servicePaid || r.Type == "reaction" || s.allowances.months[monthOf(delivered)] < s.allowances.free),
		r.Category == "utility" && open && !s.rules.servicePaid:
		p.Billable, p.Type = false, free
	}
	return p
}

// servicePaidSince is when messages without a template began to cost money. Source: Meta,
// pricing/non-template-messages.
func servicePaidSince() time.Time { return time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC) }

// samplePrice is the price of a message of the invented analytics.
func samplePrice(category string, at time.Time) pricing {
	p := pricing{Billable: true, Model: "PMP", Type: regular, Category: category}
	if category == "service" && at.Before(servicePaidSince()) {
		p.Billable, p.Type = false, freeService
	}
	return p
}

// cost is an invented price in dollars: repeatable, and of a believable order for each category.
func (p pricing) cost() float64 {
	switch {
	case !p.Billable:
		return 0
	case p.Category == "marketing" || p.Category == "group_marketing":
		return 0.0625
	default:
		return 0.0225
	}
}
