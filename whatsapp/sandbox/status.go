package sandbox

import (
	"strings"
	"time"
)

// stage is one status of a message, planned when the message is accepted and in force once due. That takes no timer, so
// that the history is right without Run.
type stage struct {
	status       string // sent, delivered, read, failed
	due          time.Time
	code         int // of failed
	details      string
	priced       bool   // the webhook names the price
	webhookState string // of its delivery to the receiver, in the history's words
}

// planStages sets the statuses that a message will have. The caller holds the lock.
func (s *Server) planStages(r *record, d *draft, effects effects, now time.Time) {
	open := s.windowOpen(r.who, now)
	lag := effects.late + effects.hold
	sent := now.Add(s.clock.scaled(s.options.Delays.Sent) + lag)
	delivered := now.Add(s.clock.scaled(s.options.Delays.Delivered) + lag)
	r.pricing = s.price(r, d.group, open, delivered)
	if code, details := s.failure(r, d, effects, open); code != 0 {
		r.stages = []stage{{status: "failed", due: sent, code: code, details: details, webhookState: "PENDING"}}
		return
	}
	if d.lost {
		return
	}
	r.stages = append(r.stages, stage{status: "sent", due: sent, priced: true, webhookState: "PENDING"})
	read := now.Add(s.clock.scaled(s.options.Delays.Read) + lag)
	habit := s.magicRecipient(r.who.key())
	if habit == neverDelivered {
		return
	}
	s.allowances.count(r, open, delivered)
	silent := s.options.Delays.NoRead || habit == neverRead
	skips := effects.noDelivered || habit == readAtOnce
	if !skips || silent {
		r.stages = append(r.stages, stage{status: "delivered", due: delivered, priced: true, webhookState: "PENDING"})
	}
	if !silent {
		r.stages = append(r.stages, stage{status: "read", due: read, priced: skips, webhookState: "PENDING"})
	}
}

// failure is the code that a message fails with after it was accepted; 0: it arrives.
func (s *Server) failure(r *record, d *draft, effects effects, open bool) (int, string) {
	if d.kind != "template" && !open && !d.group {
		return 131047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
	}
	if effects.fail != 0 {
		return effects.fail, "A fault of the sandbox asked for this code."
	}
	if code := s.magicRecipient(r.who.key()); code > 999 {
		return code, "The recipient's number asks the sandbox for this code."
	}
	if r.Category == "marketing" && s.stopped[r.who.key()] {
		return 131050, "Recipient has opted out of marketing messages from your business."
	}
	if code, details := s.allowances.refusal(r, open, r.At); code != 0 {
		return code, details
	}
	for _, link := range d.links {
		rest := strings.TrimPrefix(strings.TrimPrefix(link, "https://"), "http://")
		if host, _, _ := strings.Cut(rest, "/"); strings.HasSuffix(host, ".invalid") {
			return 131053, "Downloading media from weblink failed with http code 404, status message Not Found"
		}
	}
	return 0, ""
}

// serviceWindow is the time in which a person may get messages other than templates.
type serviceWindow struct{ from time.Time }

// windowOpen reports whether the person wrote in the last 24 hours, or Options.OpenWindow is set.
func (s *Server) windowOpen(who person, now time.Time) bool {
	if s.openWindow {
		return true
	}
	w, wrote := s.windows[who.key()]
	return wrote && now.Sub(w.from) < s.clock.scaled(24*time.Hour)
}

// statusAt is the newest status that is due.
func (r *record) statusAt(now time.Time) string {
	status, rank := "", 0
	for _, st := range r.stages {
		if st.due.After(now) {
			continue
		}
		if n := map[string]int{"sent": 1, "delivered": 2, "read": 3, "failed": 4}[st.status]; n > rank {
			status, rank = st.status, n
		}
	}
	return status
}
