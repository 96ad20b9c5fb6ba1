package report

import (
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// Charged is how the delivered messages of a run were charged, as their statuses say.
type Charged struct {
	Charged int          `json:"charged"` // messages that cost something
	Free    int          `json:"free"`
	Rows    []ChargedRow `json:"rows"`

	Rates    *string `json:"rates"`    // the file of the rate card; null: there is none
	Currency *string `json:"currency"` // of amount; null likewise
	Amount   *string `json:"amount"`   // what that makes by the card, without discounts for many; null likewise
	Unpriced int     `json:"unpriced"` // charged messages for which the card has no price; they are not in amount
}

// ChargedRow are messages that were charged alike.
type ChargedRow struct {
	Category string `json:"category"`
	Type     string `json:"type"` // regular; any other word says why they are free
	Country  string `json:"country"`
	Messages int    `json:"messages"`
}

// NewCharged makes it of what a ledger says, and of what that costs: nil where there is no rate card. It is nil where nothing is known.
func NewCharged(list []engine.Charged, cost *engine.ChargedCost) *Charged {
	if len(list) == 0 {
		return nil
	}
	doc := &Charged{Rows: []ChargedRow{}}
	for _, c := range list {
		if c.Free() {
			doc.Free += c.Messages
		} else {
			doc.Charged += c.Messages
		}
		doc.Rows = append(doc.Rows, ChargedRow{Category: c.Category, Type: c.Type, Country: c.Country, Messages: c.Messages})
	}
	if cost != nil {
		doc.Rates, doc.Currency, doc.Amount, doc.Unpriced = &cost.Rates, &cost.Currency, decimal(cost.Amount), cost.Unpriced
	}
	return doc
}

// String says in a line how many messages of which category were charged, how many were free, and what that makes by the rate card.
func (c *Charged) String() string {
	charged, free := map[string]int{}, map[string]int{}
	for _, r := range c.Rows {
		if (delivery.Charge{Type: r.Type}).Free() {
			free[r.Category] += r.Messages
		} else {
			charged[r.Category] += r.Messages
		}
	}
	line := wording.Charged(charged, free)
	if c.Amount != nil && c.Charged > 0 {
		line += fmt.Sprintf("; that makes %s %s by %s", *c.Amount, *c.Currency, *c.Rates)
		if c.Unpriced > 0 {
			line += ", and " + wording.Plural(c.Unpriced, "message") + " without a price there"
		}
	}
	return line
}
