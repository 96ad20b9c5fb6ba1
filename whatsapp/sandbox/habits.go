package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// The habits of recipients whose number ends with 555000001 and so on (doc.go).
const (
	neverRead      = 1
	neverDelivered = 2
	readAtOnce     = 3
	heldReleased   = 4
	heldDropped    = 5
	writesStop     = 6
	stopsMarketing = 7
	hidesNumber    = 8
	onStandby      = 9
)

// magicHold is how long a template is held for a recipient who asks for it, before Speed.
const magicHold = 10 * time.Second

// holdMagic holds a template for a recipient whose number asks for it.
func (s *Server) holdMagic(d *draft, e *effects) {
	habit := s.magicRecipient(d.who.key())
	if d.kind != "template" || habit != heldReleased && habit != heldDropped {
		return
	}
	e.held, e.hold = true, max(e.hold, s.clock.scaled(magicHold))
	if habit == heldDropped && e.fail == 0 {
		e.fail = 132015
	}
}

// magicRecipient returns the number after 555 in the last nine digits of a recipient: a code or a habit; 0: an ordinary
// recipient.
func (s *Server) magicRecipient(to string) int {
	if s.options.NoMagicRecipients || len(to) < 9 {
		return 0
	}
	tail := to[len(to)-9:]
	if !strings.HasPrefix(tail, "555") {
		return 0
	}
	n, err := strconv.Atoi(tail[3:])
	if err != nil {
		return 0
	}
	switch n {
	case neverRead, neverDelivered, readAtOnce, heldReleased, heldDropped, writesStop, stopsMarketing, hidesNumber, onStandby,
		131026, 131047, 131049, 131050, 131042, 131053, 130472, 131000, 131031, 132015, 135000, 137000,
		131030, 131056, 130429, 131016, 131048, 131061, 131062, 131063, 131065, 131070:
		return n
	default:
		return 0
	}
}

// refusedAtOnce reports whether a code comes in the HTTP answer; the others come by webhook.
func refusedAtOnce(code int) bool {
	switch code {
	case 131030, 131056, 130429, 131016, 131048, 131061, 131062, 131063, 131065, 131070:
		return true
	default:
		return false
	}
}

// reaches is when a message reaches the person; false: never.
func (r *record) reaches() (time.Time, bool) {
	for _, st := range r.stages {
		if st.status == "delivered" || st.status == "read" {
			return st.due, true
		}
	}
	return time.Time{}, false
}

// answerBack makes each Nth person whom a message reaches write back, and those whose number says so do what it
// says. The caller holds the lock; there is a receiver.
func (s *Server) answerBack(r *record) {
	due, reached := r.reaches()
	if !reached {
		return
	}
	answers := s.account.answers
	delay, text := answers.Delay, answers.Text
	setNumber(&delay, time.Second)
	setText(&text, "Thank you!")
	due = due.Add(s.clock.scaled(delay))
	in := Inbound{Hidden: r.who.waID == "" || r.To == r.who.userID, Text: text, ReplyTo: r.ID}
	switch s.magicRecipient(r.who.key()) {
	case writesStop:
		in.Text = "STOP"
	case stopsMarketing:
		s.queue.put(&update{due: due, stops: r})
		return
	case hidesNumber:
		in.Hidden = s.rules.hidden
		s.introduce(r.who, in)
	case onStandby:
		if s.rules.routing && !s.ownedByOther(r.who, due) {
			s.hand(r.who, true, "control_passed", due)
		}
	default:
		if answers.Every <= 0 {
			return
		}
		s.account.reached++
		if s.account.reached%uint64(answers.Every) != 0 {
			return
		}
	}
	wrote := s.newInbound(r.who, in, due)
	wrote.number = r.number
	wrote.standby = s.ownedByOther(r.who, due)
	s.queue.put(&update{due: due, inbound: wrote})
}
