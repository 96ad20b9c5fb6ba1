package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/price"
	"waybill/engine/wording"
)

// costs are what a run knows of what its messages cost.
type costs struct {
	card *price.Card // nil: there is none
	name string      // of its file

	mu    sync.Mutex
	spent price.Amount // by the messages that were intended, where items come from a step: see costLimit
}

// bill counts messages by what decides their price. The zero value is ready; it is for one goroutine.
type bill struct {
	rows  map[billed]int
	calls map[string]*engine.Call // one of each template
}

// billed is what messages of one price have in common. The category of a template is known, if at all, when all of it was looked at.
type billed struct {
	op       engine.Categorizer // nil: the message is no template
	template string             // engine.Categorizer.CategoryOf; empty: an earlier step's answer decides it
	country  string             // empty: it is not known
}

// meet counts a message that would be sent, now or at a later hour.
func (b *bill) meet(ctx context.Context, x *execution, c *candidate, answer decision) {
	if answer.admits() || answer.admission == admitWait {
		b.add(ctx, x, c)
	}
}

func (b *bill) add(ctx context.Context, x *execution, c *candidate) {
	if b.rows == nil {
		b.rows, b.calls = map[billed]int{}, map[string]*engine.Call{}
	}
	key := billed{country: x.countryOfRecipient(ctx, c)}
	if op, template := c.op.(engine.Categorizer); template {
		key.op = op
		if c.call != nil {
			key.template = op.CategoryOf(c.call)
			b.calls[key.template] = c.call
		}
	}
	b.rows[key]++
}

// countryOfRecipient is the country of whom a message goes to, also where an earlier step's answer is in its text; empty: nobody knows.
func (x *execution) countryOfRecipient(ctx context.Context, c *candidate) string {
	if c.call != nil {
		return cmp.Or(c.call.Message.Number.Region, phone.Region(c.call.Message.Recipient))
	}
	if x.req.TestTo != "" {
		return phone.Region(x.req.TestTo)
	}
	to := c.step.Params.Field(recipientParameter)
	if to == nil || to.Uses("steps") {
		return ""
	}
	value, err := to.Render(ctx, c.q.names)
	if err != nil {
		return "" // the step will fail by it
	}
	text, err := eval.Text(value)
	if err != nil {
		return ""
	}
	country, err := x.countryOf(c.q)
	if err != nil {
		return ""
	}
	number, err := c.step.Reading(recipientParameter, country).Read(text)
	if err != nil {
		return ""
	}
	return cmp.Or(number.Region, phone.Region(number.Text))
}

// categoryForPrice is the category by which a message is priced. assumed: nobody knows it, and marketing is taken.
func (x *execution) categoryForPrice(op engine.Categorizer, template string, call *engine.Call) (category string, assumed bool) {
	if op == nil {
		return engine.CategoryService, false
	}
	x.people.mu.Lock()
	known := x.people.categories[template].category // it was asked for, for the sake of people who opted out
	x.people.mu.Unlock()
	if known == "" && call != nil {
		known = op.KnownCategory(call)
	}
	return cmp.Or(known, engine.CategoryMarketing), known == ""
}

// cost is what the messages cost at most.
func (b *bill) cost(x *execution) *engine.PlanCost {
	total := &engine.PlanCost{Rates: x.cost.name}
	if x.cost.card != nil {
		total.Currency = x.cost.card.Currency
	}
	type sameRow struct {
		category, country string
		assumed           bool
	}
	rows := map[sameRow]int{}
	for key, n := range b.rows {
		category, assumed := x.categoryForPrice(key.op, key.template, b.calls[key.template])
		rows[sameRow{category, key.country, assumed}] += n
	}
	for key, n := range rows {
		row := engine.CostRow{Category: key.category, Assumed: key.assumed, Country: key.country, Messages: n}
		if x.cost.card != nil {
			row.Market, row.Price, row.Priced = x.cost.card.Price(key.category, key.country)
			row.Most = row.Price.Times(n)
			if !row.Priced {
				total.Unpriced += n
			}
			total.Most = total.Most.Add(row.Most)
		}
		total.Rows = append(total.Rows, row)
	}
	slices.SortFunc(total.Rows, func(a, b engine.CostRow) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Country, b.Country))
	})
	return total
}

// guardCost refuses a run that may cost more than the job allows, or of which nobody can say what it costs. The rows are read for it
// where nobody counted them before.
func (x *execution) guardCost(ctx context.Context, counted *Audience) (*Audience, error) {
	if x.req.Job.Limits.Cost == nil || !x.sends {
		return counted, nil
	}
	if x.cost.card != nil && (counted == nil || counted.Cost == nil) {
		found, err := x.engine.count(ctx, x.req, 0)
		if err != nil {
			return nil, err
		}
		counted = &found
	}
	var cost *engine.PlanCost
	if counted != nil {
		cost = counted.Cost
	}
	if d := x.costGuard(cost); d != nil {
		return nil, nothingSent(diag.List{*d}).Err()
	}
	return counted, nil
}

// costGuard is what is wrong with the cost; nil: nothing is. cost is needed where there is a card alone.
func (x *execution) costGuard(cost *engine.PlanCost) *diag.Diagnostic {
	limits, card := x.req.Job.Limits, x.cost.card
	if limits.Cost == nil {
		return nil
	}
	d := &diag.Diagnostic{Severity: diag.Error, Code: "no-price", Range: limits.CostRange}
	switch {
	case card == nil:
		d.Summary = "the job limits what its messages may cost, and there is no rate card"
		d.Detail = "Nobody can say what they cost."
		d.Hint = "download Meta's rates of your currency as CSV, and name the file: rates: FILE, or --rates FILE"
	case card.Currency != limits.Cost.Currency:
		d.Summary = fmt.Sprintf("limits.cost is in %s, and the rates of %s are in %s", limits.Cost.Currency, x.cost.name, card.Currency)
		d.Detail = "Amounts of two currencies cannot be compared."
		d.Hint = "take the rate card of " + limits.Cost.Currency
	case cost.Unpriced > 0:
		d.Summary = fmt.Sprintf("%s has no price for %s", x.cost.name, unpriced(cost))
		d.Detail = "Nobody can say what they cost."
		d.Hint = "take the whole rate card, as Meta publishes it"
	case cost.Most.Compare(limits.Cost.Amount) > 0:
		d.Code = "too-expensive"
		d.Summary = fmt.Sprintf("the messages may cost %s, and the job allows %s", price.Money{Amount: cost.Most, Currency: card.Currency}, limits.Cost)
		d.Detail = "It is the most that they can cost by " + x.cost.name + "."
		d.Hint = "look at waybill plan, or raise limits.cost"
	default:
		return nil
	}
	return d
}

// unpriced names what has no price: "12 messages: marketing to JP, utility to US".
func unpriced(cost *engine.PlanCost) string {
	var rows []string
	for _, r := range cost.Rows {
		if !r.Priced {
			rows = append(rows, r.Category+" to "+cmp.Or(r.Country, "anywhere"))
		}
	}
	const shown = 5
	if len(rows) > shown {
		rows = append(rows[:shown], "…")
	}
	return wording.Plural(cost.Unpriced, "message") + ": " + strings.Join(rows, ", ")
}

// costLimit keeps limits.cost where items come from a step, so that nobody could count them before: each message is reserved before its
// intent. Else the run was counted as a whole.
func costLimit(ctx context.Context, x *execution, c *candidate) decision {
	limit := x.req.Job.Limits.Cost
	if limit == nil || x.looking || c.cost != nil || x.cost.card == nil || !findsItems(x.req.Job.Steps) {
		return decision{}
	}
	op, _ := c.op.(engine.Categorizer)
	template := ""
	if op != nil {
		template = op.CategoryOf(c.call)
	}
	category, _ := x.categoryForPrice(op, template, c.call)
	country := x.countryOfRecipient(ctx, c)
	_, amount, ok := x.cost.card.Price(category, country)
	if !ok {
		x.stop(&stopError{reason: fmt.Sprintf("%s has no price for %s to %s, and limits.cost asks for one", x.cost.name, category, country)})
		return decision{admission: admitStop, reason: "no-price"}
	}
	if !x.cost.reserve(c, amount, limit.Amount) {
		x.stop(&stopError{reason: fmt.Sprintf("limits.cost: the next message would make it more than %s", limit)})
		return decision{admission: admitStop, reason: "too-expensive"}
	}
	return decision{}
}

// reserve takes what a message costs from what is left, and says whether it is there.
func (s *costs) reserve(c *candidate, amount, limit price.Amount) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	then := s.spent.Add(amount)
	if then.Compare(limit) > 0 {
		return false
	}
	s.spent, c.cost = then, &amount
	return true
}

// release gives back what a message was to cost that was not intended.
func (s *costs) release(c *candidate) {
	if c.cost == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spent, c.cost = s.spent.Add(c.cost.Times(-1)), nil
}

// findsItems says whether a forEach takes its items from an earlier step.
func findsItems(steps []*engine.Step) bool {
	return slices.ContainsFunc(steps, func(s *engine.Step) bool {
		return s.ForEach != nil && s.ForEach.From.Uses("steps") || findsItems(s.Steps)
	})
}
