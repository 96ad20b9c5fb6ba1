package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/price"
	"waybill/engine/wording"
)

// PlanCost is the most that the messages of a plan can cost, as programs read it. Amounts are decimals as text.
type PlanCost struct {
	Rates    *string   `json:"rates"`    // the file of the rate card; null: there is none, and nothing has a price
	Currency *string   `json:"currency"` // of all amounts; null likewise
	Most     *string   `json:"most"`     // null likewise
	Unpriced int       `json:"unpriced"` // messages for which the card has no price
	Rows     []CostRow `json:"rows"`     // by category and country
}

// CostRow are messages of one category to one country.
type CostRow struct {
	Category string  `json:"category"`
	Assumed  bool    `json:"assumed"` // nobody knows the category, and it is priced as marketing
	Country  string  `json:"country"` // two letters; empty: not known, and priced as the dearest
	Messages int     `json:"messages"`
	Market   *string `json:"market"` // of the card; null: it has no price
	Price    *string `json:"price"`  // of one message
	Most     *string `json:"most"`   // of all of them
}

// PlanDay is how many people get templates within 24 hours, by all jobs of the ledger.
type PlanDay struct {
	Before int  `json:"before"`
	After  int  `json:"after"`
	Limit  *int `json:"limit"` // limits.perDay; null: there is none
}

func planCost(c *engine.PlanCost) PlanCost {
	doc := PlanCost{Rows: []CostRow{}}
	if c == nil {
		return doc
	}
	if c.Rates != "" {
		doc.Rates, doc.Currency, doc.Most, doc.Unpriced = &c.Rates, &c.Currency, decimal(c.Most), c.Unpriced
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		row := CostRow{Category: r.Category, Assumed: r.Assumed, Country: r.Country, Messages: r.Messages}
		if r.Priced {
			row.Market, row.Price, row.Most = &r.Market, decimal(r.Price), decimal(r.Most)
		}
		doc.Rows = append(doc.Rows, row)
	}
	return doc
}

// decimal is an amount as the documents have it.
func decimal(a price.Amount) *string {
	text := a.String()
	return &text
}

func planDay(d *engine.PlanDay) *PlanDay {
	if d == nil {
		return nil
	}
	doc := &PlanDay{Before: d.Before, After: d.After}
	if d.Limit > 0 {
		doc.Limit = &d.Limit
	}
	return doc
}

// CostOf continues a sentence about messages with what they cost: ", for 12.50 EUR at most by rates.csv"; empty: there is no rate card.
func CostOf(c *engine.PlanCost) string {
	switch {
	case c == nil || c.Rates == "":
		return ""
	case c.Unpriced > 0:
		return fmt.Sprintf(", for %s %s at most by %s and for what has no price there", c.Most, c.Currency, Clean(c.Rates))
	}
	return fmt.Sprintf(", for %s %s at most by %s", c.Most, c.Currency, Clean(c.Rates))
}

// mostCostRows is how many rows of prices are shown; the others are one line.
const mostCostRows = 20

// costHead says what the messages can cost at most; empty where none would be sent.
func (p Plan) costHead() string {
	c := p.Cost
	switch {
	case len(c.Rows) == 0:
		return ""
	case c.Rates == nil:
		return "By category: " + strings.Join(p.byCategory(), ", ") + "; a rate card says what that costs (rates: FILE, or --rates FILE)."
	case c.Unpriced > 0:
		return fmt.Sprintf("It can cost %s %s at most by %s, and what has no price there.", *c.Most, *c.Currency, *c.Rates)
	}
	return fmt.Sprintf("It can cost %s %s at most, by %s.", *c.Most, *c.Currency, *c.Rates)
}

// byCategory counts the messages of each category, the most first.
func (p Plan) byCategory() []string {
	counts := map[string]int{}
	for _, r := range p.Cost.Rows {
		category := r.Category
		if r.Assumed {
			category = "unknown"
		}
		counts[category] += r.Messages
	}
	categories := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	for i, category := range categories {
		categories[i] = category + " " + wording.Number(counts[category])
	}
	return categories
}

// costCells are the rows of prices: category, country, messages, price of one, price of all.
func (p Plan) costCells() [][]string {
	var cells [][]string
	if p.Cost.Rates == nil {
		return nil
	}
	for i, r := range p.Cost.Rows {
		if i == mostCostRows {
			rest := 0
			for _, r := range p.Cost.Rows[i:] {
				rest += r.Messages
			}
			return append(cells, []string{"others", wording.Plural(len(p.Cost.Rows)-i, "row"), wording.Number(rest), "", ""})
		}
		category := r.Category
		if r.Assumed {
			category += "?"
		}
		row := []string{category, cmp.Or(r.Country, "not known"), wording.Number(r.Messages), "", ""}
		if row[3] = "no price"; r.Price != nil {
			row[3], row[4] = *r.Price, *r.Most
		}
		cells = append(cells, row)
	}
	return cells
}

// costNotes are what there is to say of the prices.
func (p Plan) costNotes() []string {
	var notes []string
	assumed := 0
	for _, r := range p.Cost.Rows {
		if r.Assumed {
			assumed += r.Messages
		}
	}
	if assumed > 0 && p.Cost.Rates != nil {
		notes = append(notes, "marketing?: nobody knows the category of their templates, and they are priced as marketing.")
	}
	if d := p.Day; d != nil {
		note := fmt.Sprintf("Templates went to %s within the last 24 hours, and go to %s with this plan; ",
			wording.Plural(d.Before, "recipient"), wording.Number(d.After))
		if d.Limit != nil {
			note += "limits.perDay is " + wording.Number(*d.Limit) + "."
		} else {
			note += "waybill doctor shows the limit of your portfolio."
		}
		notes = append(notes, note)
	}
	return notes
}

// writeCost prints what the messages cost, for people.
func writeCost(b *strings.Builder, p Plan, paint Paint) {
	if head := p.costHead(); head != "" {
		writeIndented(b, "    ", paint.clean(head))
	}
	cells := p.costCells()
	widths := make([]int, 5)
	for _, row := range cells {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range cells {
		line := fmt.Sprintf("      %-*s  %-*s  %*s", widths[0], row[0], widths[1], row[1], widths[2], row[2])
		if row[3] != "" {
			line += fmt.Sprintf("  × %*s", widths[3], row[3])
		}
		if row[4] != "" {
			line += fmt.Sprintf("  = %*s", widths[4], row[4])
		}
		b.WriteString(paint.clean(line) + "\n")
	}
	for _, note := range p.costNotes() {
		writeIndented(b, "    ", note)
	}
}

// writeMarkdownCost prints the same for a pull request.
func writeMarkdownCost(b *strings.Builder, p Plan) {
	head := p.costHead()
	if head == "" {
		return
	}
	b.WriteString("\n" + inlineText(head) + "\n")
	if p.Cost.Rates != nil {
		b.WriteString("\n| category | country | messages | price | at most |\n| --- | --- | ---: | ---: | ---: |\n")
	}
	for _, row := range p.costCells() {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	for _, note := range p.costNotes() {
		b.WriteString("\n" + note + "\n")
	}
}

// inlineText is text in which nothing means anything to Markdown.
func inlineText(s string) string {
	return strings.NewReplacer("`", "'", "*", `\*`, "_", `\_`, "[", `\[`, "<", "&lt;", "|", `\|`).Replace(Clean(s))
}
