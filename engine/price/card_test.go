package price_test

import (
	"strings"
	"testing"

	"waybill/engine/price"
)

// published has the form in which Meta's files come: notes, a header with a line break in a cell, signs for currencies, n/a.
const published = "Cost per message, effective October 1\u002c 2026,,,,,,\r\n" +
	"Market,Currency,Marketing,Utility,Authentication,\"Authentication-\nInternational\",Service\r\n" +
	"Spain,€,0.0585,0.0166,0.0166,n/a,n/a\r\n" +
	"Poland,€,0.0303,0.0101,0.0101,n/a,0.0101\r\n" +
	"India,€,0.0090,0.0011,0.0011,0.0260,0\r\n" +
	"Rest of Central & Eastern Europe,€,0.0712,0.0175,0.0175,n/a,n/a\r\n" +
	"Rest of Africa,€,\"0,0190\",0.0034,0.0034,n/a,n/a\r\n" +
	"North America,€,0.0210,n/a,0.0029,n/a,n/a\r\n" +
	"Other,€,0.0512,0.0065,0.0065,n/a,n/a\r\n" +
	"* rates without tax,,,,,,\r\n"

func parsed(t *testing.T, text string) *price.Card {
	t.Helper()
	card, problems := price.Parse([]byte(text))
	if card == nil || len(problems) > 0 {
		t.Fatalf("problems: %+v", problems)
	}
	return card
}

func TestPrice(t *testing.T) {
	card := parsed(t, published)
	if card.Currency != "EUR" {
		t.Errorf("currency %s", card.Currency)
	}
	for _, c := range []struct{ category, country, market, amount string }{
		{price.Marketing, "ES", "Spain", "0.0585"},
		{price.Marketing, "PL", "Poland", "0.0303"}, // named by itself, and not by its group
		{price.Marketing, "GR", "Rest of Central & Eastern Europe", "0.0712"},
		{price.Marketing, "KE", "Rest of Africa", "0.019"},
		{price.Utility, "JP", "", ""}, // its group is not on the card, and no country is in two
		{price.Marketing, "EE", "Other", "0.0512"},
		{price.Service, "ES", "Spain", "0.0166"},
		{price.Service, "IN", "India", "0.0011"},
		{price.Authentication, "IN", "India", "0.026"},
		{price.Utility, "US", "North America", ""},
		{price.Marketing, "", "Rest of Central & Eastern Europe", "0.0712"},
	} {
		market, amount, ok := card.Price(c.category, c.country)
		if ok != (c.amount != "") || market != c.market || ok && amount.String() != c.amount {
			t.Errorf("%s to %q costs %q %s %v, want %q %s", c.category, c.country, market, amount, ok, c.market, c.amount)
		}
	}
}

func TestCharged(t *testing.T) {
	card := parsed(t, published)
	for _, c := range []struct{ category, country, want string }{
		{"authentication", "IN", "0.0011"},
		{"authentication-international", "IN", "0.026"},
		{"marketing_lite", "ES", "0.0585"},
		{"group_utility", "ES", "0.0166"},
		{"service", "ES", "0.0166"},
		{"marketing", "", ""},
		{"referral_conversion", "ES", ""},
	} {
		got, ok := card.Charged(c.category, c.country)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s to %s was %s %v, want %q", c.category, c.country, got, ok, c.want)
		}
	}
}

func TestParseProblems(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		fatal bool
		want  string
	}{
		"not a card":          {"a,b\n1,2\n", true, "no rate card"},
		"empty":               {"", true, "no rate card"},
		"no currency":         {"Market,Marketing\nSpain,1.0\n", true, "names a currency"},
		"several":             {"Market,Currency,Marketing\nSpain,EUR,1.0\nIndia,USD,1.0\n", true, "several currencies (EUR, USD)"},
		"only notes":          {"Market,Currency,Marketing\nSpain,EUR,n/a\n", true, "names a currency"},
		"latin":               {"Market,Currency,Marketing\nEspa\xf1a,EUR,1.0\n", true, "UTF-8"},
		"two ways":            {"Market;Currency;Marketing\nSpain;EUR;1,234\nIndia;EUR;0,5\n", false, "thousands or decimals"},
		"twice":               {"Market,Currency,Marketing\nSpain,EUR,1.0\nSPAIN,EUR,0.5\n", false, "twice"},
		"negative":            {"Market,Currency,Marketing\nSpain,EUR,-1.0\nIndia,EUR,1\n", false, "no amount"},
		"unknown currency":    {"Market,Currency,Marketing\nSpain,Taler,1.0\nIndia,EUR,1\n", false, "currency of Spain"},
		"no such market":      {"Market,Currency,Marketing\nEspaña,EUR,1.0\nOther,EUR,1\n", false, "España is no market"},
		"prices of nobody":    {"Market,Currency,Marketing\n,EUR,1.0\nIndia,EUR,1\n", false, "no market"},
		"too many decimals":   {"Market,Currency,Marketing\nSpain,EUR,0.0000000000001\nIndia,EUR,1\n", false, "too many digits"},
		"a semicolon is fine": {"Market;Currency;Marketing\nSpain;EUR;x\nIndia;EUR;0,5\n", false, "no amount"},
	} {
		card, problems := price.Parse([]byte(c.text))
		if len(problems) != 1 || !strings.Contains(problems[0].Message, c.want) || problems[0].Fatal != c.fatal || (card == nil) != c.fatal {
			t.Errorf("%s: %v %+v, want %q", name, card != nil, problems, c.want)
		}
	}
}

func TestMoney(t *testing.T) {
	for text, want := range map[string]string{
		"120 EUR": "120.00 EUR", "eur 0.5": "0.50 EUR", "1234,5 €": "1234.50 EUR", "1.234,50 EUR": "1234.50 EUR", "1,234.50 USD": "1234.50 USD",
	} {
		if got, err := price.ParseMoney(text); err != nil || got.String() != want {
			t.Errorf("%q is %v, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "120", "EUR", "120EUR", "-1 EUR", "1,234 EUR", "120 euros", "1e3 EUR", "1 2 EUR"} {
		if got, err := price.ParseMoney(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	// A float would make 0.30000000000000004 of it.
	tenth, _ := price.ParseAmount("0.1")
	if got := tenth.Add(tenth).Add(tenth).String(); got != "0.30" {
		t.Errorf("three tenths are %s", got)
	}
	rate, _ := price.ParseAmount("0.0618")
	if got := rate.Times(1_000_000).String(); got != "61800.00" {
		t.Errorf("a million messages cost %s", got)
	}
}

// FuzzCard reads any file as a card: it never panics, and a card without problems has a currency.
func FuzzCard(f *testing.F) {
	f.Add([]byte(published))
	f.Add([]byte("Market,Currency,Marketing\nSpain,EUR,0.06\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		card, problems := price.Parse(text)
		if len(problems) == 0 && (card == nil || len(card.Currency) != 3) {
			t.Errorf("no problem was found, and the card is %+v", card)
		}
	})
}
