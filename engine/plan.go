package engine

import (
	"time"

	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/price"
)

// Plan is what apply would do. It is made without a network and without changing the ledger.
type Plan struct {
	Job         string
	Scope       string
	New         int // deliveries to be made
	AlreadySent int
	ToRetry     int
	Corrected   int // refused before, and put right since: another recipient, another message
	Again       int // sent before, and chosen to be sent once more
	InDoubt     int
	Refused     int            // refused for good before, and left
	Depends     int            // may be made, depending on what earlier steps answer
	Skipped     map[string]int // left out, by the reason: a code of `waybill explain`
	Waiting     int            // would go at a later hour
	Waits       map[string]int // of Waiting, by the reason: a code of `waybill explain`
	WaitsUntil  time.Time      // when the first of them may go; zero: none waits
	Invalid     int            // items that will fail: a bad row, an empty parameter
	Changed     int            // sent, and their rows make another message now; left
	Samples     []Sample
	Invalids    []StepError // the first MaxErrors of them
	Warnings    diag.List
	Takes       time.Duration  // what the messages take at the least, at their numbers' throughput
	Numbers     map[string]int // messages that would be sent, by phone number id, where a step names several numbers
	Countries   map[string]int // people to be messaged by the country of their number, "ES"; "" for those of none
	People      int            // items, and steps outside of one, by which a person may be messaged
	Reads       []*Step        // steps that only read
	Rollouts    []PlanRollout
	Cost        *PlanCost    // of the messages that would be sent, and of those that would wait
	Day         *PlanDay     // people who get templates within 24 hours; nil: no template would be sent
	Rows        []ChangedRow // of Changed, the first MaxErrors of them
	Fingerprint string       // of every delivery, its content and what would be done: two equal plans do the same
}

// PlanCost is the most that messages can cost.
type PlanCost struct {
	Rates    string    // the file of the rate card; empty: there is none, and nothing has a price
	Currency string    // of the card
	Rows     []CostRow // by category and country
	Unpriced int       // messages without a price; with a card
	Most     price.Amount
}

// CostRow are messages of one category to one country.
type CostRow struct {
	Category string
	Assumed  bool   // nobody knows the category of their template, and it is priced as marketing
	Country  string // two letters; empty: it is not known, and the highest price of the card counts
	Messages int
	Market   string // of the card
	Priced   bool   // the card has a price for them
	Price    price.Amount
	Most     price.Amount // of all of them
}

// PlanDay is how many people get templates within 24 hours, by all jobs of the ledger.
type PlanDay struct {
	Before int // those who got one
	After  int // and those who would get one by the plan
	Limit  int // limits.perDay; 0: none
}

// ChangedRow is a message that was sent, and whose row would make another one now. It is not sent again by itself.
type ChangedRow struct {
	Step   *Step
	Item   string
	Row    int
	Then   string // the recipient it was sent to
	Now    string // the recipient that the row names
	Text   string // as the person would read it now
	Masked string // the text for places that many can see
}

// PlanRollout is how a forEach is sent in waves.
type PlanRollout struct {
	Step    *Step
	Sizes   []int  // people in each wave
	Wave    int    // the next one, from 0
	Stopped string // why it was stopped; empty: it was not
}

// Messages is how many messages would be sent at most.
func (p *Plan) Messages() int { return p.New + p.ToRetry + p.Corrected + p.Again + p.Depends }

// Sample is one message as it would be sent.
type Sample struct {
	Step      *Step
	Operation string
	Item      string
	Row       int
	Recipient string
	Body      []byte // JSON, as it would be sent, without the callback
	Text      string // what the person will read; lines
	Masked    string // Text without what the item's cells hold
	Action    delivery.Action
}

// MaxSamples bounds Plan.Samples: that many of each step.
const MaxSamples = 3
