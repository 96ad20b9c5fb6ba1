package price

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// The categories of messages that have a price, as statuses of messages name them.
const (
	Marketing      = "marketing"
	Utility        = "utility"
	Authentication = "authentication"
	International  = "authentication-international"
	Service        = "service"
)

// Categories returns them in the order of Meta's rate card.
func Categories() []string {
	return []string{Marketing, Utility, Authentication, International, Service}
}

// Card is a rate card in one currency. It is not changed after Parse made it.
type Card struct {
	Currency string
	markets  map[string]row // by sameName
}

type row struct {
	name   string
	prices map[string]Amount // by category; without what the card has no price for
}

// Problem is what is wrong with a line of a rate card.
type Problem struct {
	Line    int // from 1; 0: the card as a whole
	Fatal   bool
	Message string
}

// Parse reads a rate card: a table of comma, semicolon or tab separated values. Lines before the header are passed over, columns are known
// by their names, and those that are not known are passed over. It returns nil where a Problem is Fatal: the table cannot be read as a
// rate card. Of the others each took a price out of the card: it counts as one that is not there.
func Parse(text []byte) (*Card, []Problem) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	fatal := func(line int, format string, args ...any) (*Card, []Problem) {
		return nil, []Problem{{Line: line, Fatal: true, Message: fmt.Sprintf(format, args...)}}
	}
	if !utf8.Valid(text) {
		return fatal(0, "it is no text in UTF-8; download it as CSV")
	}
	lines, err := table(text)
	if err != nil {
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return fatal(bad.Line, "%v", bad.Err)
		}
		return fatal(0, "%v", err)
	}
	p := &parser{card: &Card{markets: map[string]row{}}}
	for i, l := range lines {
		if p.columns = header(l.cells); p.columns != nil {
			for _, l := range lines[i+1:] {
				p.read(l)
			}
			break
		}
	}
	switch {
	case p.columns == nil:
		return fatal(0, "it has no line with the columns Market and Marketing: it is no rate card as Meta publishes it")
	case len(p.currencies) > 1:
		return fatal(0, "it holds several currencies (%s): keep the lines of one", strings.Join(p.currencies, ", "))
	case len(p.currencies) == 0:
		return fatal(0, "no line of it names a currency")
	case len(p.card.markets) == 0:
		return fatal(0, "it holds no prices")
	}
	p.card.Currency = p.currencies[0]
	return p.card, p.problems
}

type line struct {
	number int
	cells  []string
}

// table takes a text apart.
func table(text []byte) ([]line, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	r.Comma = delimiter(text)
	var lines []line
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		number, _ := r.FieldPos(0)
		lines = append(lines, line{number, cells})
	}
}

// delimiter is what stands between cells: what the first line with the word Market has most of.
func delimiter(text []byte) rune {
	for l := range bytes.Lines(text) {
		if !strings.Contains(sameName(string(l)), "market") {
			continue
		}
		best, most := ',', 0
		for _, d := range ",;\t" {
			if n := bytes.Count(l, []byte(string(d))); n > most {
				best, most = d, n
			}
		}
		if most > 1 {
			return best
		}
	}
	return ','
}

// columns says which cell holds what: "market", "currency", or a category.
type columns map[string]int

// header reads a line as the names of columns; nil: it is none.
func header(cells []string) columns {
	names := map[string]string{"market": "market", "region": "market", "country": "market", "currency": "currency"}
	for _, c := range Categories() {
		names[sameName(c)] = c
	}
	names["international"] = International // as a cell with a line break in it may be cut
	found := columns{}
	for i, cell := range cells {
		name, known := names[sameName(cell)]
		if _, twice := found[name]; known && !twice {
			found[name] = i
		}
	}
	_, market := found["market"]
	_, marketing := found[Marketing]
	if !market || !marketing {
		return nil
	}
	return found
}

type parser struct {
	card       *Card
	columns    columns
	currencies []string
	problems   []Problem
}

func (p *parser) cell(l line, column string) string {
	i, has := p.columns[column]
	if !has || i >= len(l.cells) {
		return ""
	}
	return strings.TrimSpace(l.cells[i])
}

func (p *parser) problem(l line, format string, args ...any) {
	p.problems = append(p.problems, Problem{Line: l.number, Message: fmt.Sprintf(format, args...)})
}

// read takes in the line of a market.
func (p *parser) read(l line) {
	name := p.cell(l, "market")
	prices := map[string]Amount{}
	for _, c := range Categories() {
		text := p.cell(l, c)
		if absent(text) {
			continue
		}
		amount, err := ParseAmount(withoutSign(text))
		if err != nil {
			p.problem(l, "%s of %s: %v", c, name, err)
			continue
		}
		prices[c] = amount
	}
	switch {
	case len(prices) == 0:
		return // a note below the table
	case name == "":
		p.problem(l, "prices of no market")
		return
	}
	if !p.currency(l, name) {
		return
	}
	key := sameName(name)
	if !marketNames()[key] {
		p.problem(l, "%s is no market or country that is known by this name: write it in English, as Meta does", name)
	}
	if known, twice := p.card.markets[key]; twice {
		p.problem(l, "%s stands there twice: the higher price counts", name)
		for c, amount := range known.prices {
			if now, has := prices[c]; !has || now.Compare(amount) < 0 {
				prices[c] = amount
			}
		}
	}
	p.card.markets[key] = row{name, prices}
}

// currency takes in the currency of a line, and says whether it is known.
func (p *parser) currency(l line, market string) bool {
	text := p.cell(l, "currency")
	currency, ok := ParseCurrency(text)
	if !ok {
		p.problem(l, "the currency of %s is not known: %q", market, text)
		return false
	}
	if !slices.Contains(p.currencies, currency) {
		p.currencies = append(p.currencies, currency)
	}
	return true
}

// absent says whether a cell says that there is no price.
func absent(text string) bool {
	switch sameName(text) {
	case "", "na", "none", "null":
		return !strings.ContainsAny(text, "0123456789")
	}
	return false
}

// withoutSign takes a currency's sign or letters off a price.
func withoutSign(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '-' })
}

// Price is what a message of a category to a country costs at most. ok is false where the card has no price for it. A country that is
// not known has the highest price that the card has for the category.
//
// A message of the category service costs what a utility template costs, where that is more: since October 2026 Meta charges it so, and
// cards have kept a column of zeroes. An authentication template costs its international price, where that is more: whether it applies
// depends on where the business is.
func (c *Card) Price(category, country string) (market string, amount Amount, ok bool) {
	if country == "" {
		return c.highest(category)
	}
	r, ok := c.row(country)
	if !ok {
		return "", Amount{}, false
	}
	amount, ok = r.price(category)
	return r.name, amount, ok
}

// row finds the line of a country.
func (c *Card) row(country string) (row, bool) {
	for _, name := range append(countryNames(country), sameName(market(country))) {
		if r, ok := c.markets[name]; ok {
			return r, true
		}
	}
	return row{}, false
}

// price is the highest of what a category may be charged as.
func (r row) price(category string) (highest Amount, ok bool) {
	for _, c := range chargedAs(category) {
		if amount, has := r.prices[c]; has && (!ok || amount.Compare(highest) > 0) {
			highest, ok = amount, true
		}
	}
	return highest, ok
}

// chargedAs are the columns of which a message may be charged.
func chargedAs(category string) []string {
	switch category {
	case Service:
		return []string{Service, Utility}
	case Authentication:
		return []string{Authentication, International}
	}
	return []string{category}
}

// highest is the highest price that any market has.
func (c *Card) highest(category string) (market string, amount Amount, ok bool) {
	for _, r := range c.markets {
		p, has := r.price(category)
		if more := p.Compare(amount); has && (!ok || more > 0 || more == 0 && r.name < market) {
			market, amount, ok = r.name, p, true
		}
	}
	return market, amount, ok
}

// Charged is what a message cost that a status says was charged, by the card: exactly that category, and no higher one. Categories
// of later words count as what they begin with: "group_marketing", "marketing_lite" as marketing.
func (c *Card) Charged(category, country string) (Amount, bool) {
	category = strings.TrimPrefix(strings.ReplaceAll(category, "_lite", ""), "group_")
	if category == "authentication_international" {
		category = International
	}
	r, ok := c.row(country)
	if country == "" || !ok {
		return Amount{}, false
	}
	if category == Service {
		return r.price(Service)
	}
	amount, ok := r.prices[category]
	return amount, ok
}
