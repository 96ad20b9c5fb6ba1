package dashboard_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

func TestSearch(t *testing.T) {
	first, second := aRun(engine.RunSucceeded), aRun(engine.RunSucceeded)
	second.ID = "r2"
	f := small(map[delivery.State]int{delivery.Read: 2}, first)
	f.runs = append(f.runs, second)
	f.deliveries[0].Recipient, f.deliveries[0].Key.Item = "+34612345678", "row-of-ana"
	f.deliveries[1].Recipient, f.deliveries[1].MessageID, f.deliveries[1].Run = "+34699999999", "wamid.HBgL7", "r2"
	f.unsent = []engine.Unsent{{Run: "r2", Item: "row-of-luis", Outcome: delivery.OutcomeInvalid, Message: "the number 123 is too short"}}
	f.inbound = []engine.Inbound{
		{ID: "in1", From: "34612345678", ProfileName: "Ana", At: noon(), Text: "what Ana wrote"},
		{ID: "in2", From: "34600000000", ProfileName: "Eva", At: noon(), Text: "what Eva wrote"},
	}
	h := dashboard.New(demoOptions(f))
	const ana, luis, wrote, other = "row-of-ana", "row-of-luis", "what Ana wrote", "+34699999999"
	for query, want := range map[string][]string{
		"+34612345678":           {ana, wrote},
		"0034 612-345.678":       {ana, wrote},
		"(+34) 612\u00a0345 678": {ana, wrote},
		"34612345678":            {ana, wrote},
		"0612345678":             {ana, wrote},
		"612 345 678":            {ana, wrote},
		"row-of":                 {ana, luis},
		"ROW-OF-LUIS":            {luis},
		"wamid.HBgL7":            {other},
		"ana":                    {ana, wrote},
		"what eva":               {"what Eva wrote"},
		"nothing":                {"Nothing is like that"},
		"":                       {"All runs and people"},
	} {
		page := get(t, h, "/search?q="+url.QueryEscape(query)).Body.String()
		_, main, _ := strings.Cut(html.UnescapeString(page), "<main")
		for _, text := range []string{ana, luis, wrote, other, "what Eva wrote", "Nothing is like that", "All runs and people"} {
			should := false
			for _, w := range want {
				should = should || w == text
			}
			if has := strings.Contains(main, ">"+text) || strings.Contains(main, text+"<"); has != should {
				t.Errorf("%q: %q is shown: %t, want %t", query, text, has, should)
			}
		}
	}
	contains(t, get(t, h, "/search?q=wamid.HBgL7").Body.String(), `href="/runs/r2"`, `href="/deliveries/2"`, `value="wamid.HBgL7"`)
}

func TestSearchIsBounded(t *testing.T) {
	f := small(map[delivery.State]int{delivery.Read: 300}, aRun(engine.RunSucceeded))
	for range 5000 {
		f.inbound = append(f.inbound, engine.Inbound{ID: "other", Text: "hello"})
	}
	page := get(t, dashboard.New(demoOptions(f)), "/search?q=item").Body.String()
	if n := len(lines(page)); n != 50 {
		t.Errorf("%d deliveries", n)
	}
	contains(t, page, "/search?q=item&amp;show=200")
}
