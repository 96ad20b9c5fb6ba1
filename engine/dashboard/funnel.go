package dashboard

import (
	"strings"

	"waybill/engine/delivery"
)

// stage is one line of the funnel.
type stage struct {
	Name  string
	N     int
	Share string // of those that were accepted; of all, where Aside
	Bar   bar
	Class string
	URL   string // the deliveries that stand there; empty where there are none
	Hint  string
	Aside bool // not a step of the way, but what left it
}

// funnel draws how far deliveries got, and below it what left the way.
func funnel(t tally, link func(states ...delivery.State) string) []stage {
	total, accepted := t.total(), t.accepted()
	var stages []stage
	add := func(aside bool, name, class, hint string, states ...delivery.State) {
		s := stage{Name: name, N: t.of(states...), Class: class, Hint: hint, Aside: aside}
		if s.Aside && s.N == 0 {
			return
		}
		s.Share = percent(s.N, accepted)
		if s.Aside {
			s.Share = percent(s.N, total)
		}
		if s.N > 0 {
			s.URL = link(states...)
		}
		s.Bar = stackedBar(total, part{s.N, s.Class, strings.ToLower(s.Name)})
		stages = append(stages, s)
	}
	add(false, "Accepted", "accepted", "WhatsApp took the message",
		delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read, delivery.Failed)
	add(false, "Sent", "sent", "on its way to the phone", delivery.Sent, delivery.Delivered, delivery.Read)
	add(false, "Delivered", "delivered", "on the phone", delivery.Delivered, delivery.Read)
	add(false, "Read", "read", "seen, where the person lets that be known", delivery.Read)
	add(true, "Failed later", "bad", "accepted, then not delivered", delivery.Failed)
	add(true, "Refused", "bad", "WhatsApp answered that it will not be sent", delivery.Rejected)
	add(true, "In doubt", "doubt", "may have been sent; the answer was lost", delivery.InDoubt)
	add(true, "Waiting", "plain", "planned, or on its way to WhatsApp", delivery.Planned, delivery.Intended)
	return stages
}
