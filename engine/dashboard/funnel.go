package dashboard

import (
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

// stage is one line of the funnel.
type stage struct {
	Name  string
	N     int
	Share string // of those that were accepted; of all, where Aside
	Bar   bar
	Class string
	URL   string // where they are listed; empty where they are not
	Hint  string
	Aside bool // not a step of the way, but what left it, or has not begun it
}

// funnel draws how far messages got, and below it what is not on the way. link is where deliveries in some states are listed,
// rows where the messages are that became no request.
func funnel(c engine.Counts, link func(states ...delivery.State) string, rows string) []stage {
	var stages []stage
	total := c.Total + c.UnderWay
	add := func(s stage) {
		if s.Aside && s.N == 0 {
			return
		}
		of := c.Accepted
		if s.Aside {
			of = total
		}
		if s.N == 0 {
			s.URL = ""
		}
		s.Share, s.Bar = percent(s.N, of), stackedBar(total, part{s.N, s.Class, strings.ToLower(s.Name)})
		stages = append(stages, s)
	}
	reached := []delivery.State{delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read, delivery.Failed}
	add(stage{Name: "Accepted", N: c.Accepted, Class: "accepted", Hint: "WhatsApp took the message", URL: link(reached...)})
	add(stage{Name: "Delivered", N: c.Delivered, Class: "delivered", Hint: "on the phone", URL: link(delivery.Delivered, delivery.Read)})
	add(stage{Name: "Read", N: c.Read, Class: "read", Hint: "seen, where the person lets that be known", URL: link(delivery.Read)})
	for _, s := range []stage{
		{Name: "Held", N: c.Held, Class: "doubt", Hint: "accepted, and held back by WhatsApp"},
		{Name: "Undelivered", N: c.Undelivered, Class: "bad", Hint: "accepted, then not delivered", URL: link(delivery.Failed)},
		{Name: "Refused", N: c.Refused, Class: "bad", Hint: "WhatsApp answered that it will not be sent", URL: link(delivery.Rejected)},
		{Name: "Invalid", N: c.Invalid, Class: "bad", Hint: "rows that cannot be sent", URL: rows},
		{Name: "In doubt", N: c.InDoubt, Class: "doubt", Hint: "may have been sent; the answer was lost", URL: link(delivery.InDoubt)},
		{Name: "Not sent", N: c.NotSent, Class: "plain", Hint: "the next apply sends them, or resume where the run was stopped"},
		{Name: "Waiting", N: c.Waiting, Class: "plain", Hint: "not now, and later", URL: rows},
		{Name: "Skipped", N: c.Skipped, Class: "plain", Hint: "left out, for a reason", URL: rows},
		{Name: "Under way", N: c.UnderWay, Class: "sent", Hint: "on its way to WhatsApp", URL: link(delivery.Intended)},
	} {
		s.Aside = true
		add(s)
	}
	return stages
}
