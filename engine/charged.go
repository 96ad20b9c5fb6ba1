package engine

import (
	"cmp"

	"waybill/engine/delivery"
	"waybill/engine/price"
)

// Charged are messages that were charged alike.
type Charged struct {
	delivery.Charge
	Messages int
}

// ChargedCost is what messages cost by a rate card.
type ChargedCost struct {
	Rates    string // the card's file
	Currency string
	Amount   price.Amount
	Unpriced int // charged messages for which the card has no price, or whose country is not known; they are not in Amount
}

// CostOf says what messages cost by a rate card; nil: there is no card, or nothing was charged. Discounts for many messages are not known.
func CostOf(list []Charged, card *price.Card, name string) *ChargedCost {
	if card == nil || len(list) == 0 {
		return nil
	}
	cost := &ChargedCost{Rates: name, Currency: card.Currency}
	for _, c := range list {
		if c.Free() {
			continue
		}
		amount, ok := card.Charged(cmp.Or(c.Category, CategoryService), c.Country)
		if !ok {
			cost.Unpriced += c.Messages
			continue
		}
		cost.Amount = cost.Amount.Add(amount.Times(c.Messages))
	}
	return cost
}

// ByCategory counts messages that were charged, and those that were free, by their category.
func ByCategory(list []Charged) (charged, free map[string]int) {
	charged, free = map[string]int{}, map[string]int{}
	for _, c := range list {
		to := charged
		if c.Free() {
			to = free
		}
		to[cmp.Or(c.Category, "of no category")] += c.Messages
	}
	return charged, free
}
