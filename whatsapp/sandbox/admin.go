package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Advance moves the sandbox's clock forward: windows close, statuses fall due. The error refuses to go back.
func (s *Server) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("advance by %s: time does not go back", d)
	}
	s.clock.advance(d)
	s.wakeRun()
	return nil
}

// SetSpeed changes how much faster statuses and windows pass. Statuses that are planned already keep their times.
func (s *Server) SetSpeed(speed float64) error {
	if speed <= 0 {
		return fmt.Errorf("set speed %g: it has to be above 0", speed)
	}
	s.clock.setSpeed(speed)
	return nil
}

// Now is the sandbox's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// SetOpenWindow opens the service window of every recipient, or only of those who wrote.
func (s *Server) SetOpenWindow(open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.openWindow = open
}

// OpenWindowFor opens the service window of one person, as a message from them would, or closes it. The person is a
// number or a user id; the error says that it is neither.
func (s *Server) OpenWindowFor(user string, open bool) error {
	who, err := s.whoIs(user)
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.windows[who.key()] = serviceWindow{from: s.clock.now()}
	} else {
		delete(s.windows, who.key())
	}
	return nil
}

// SetThroughput sets the messages a second; not positive: no limit.
func (s *Server) SetThroughput(perSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.numbers {
		n.limits.setThroughput(perSecond)
	}
}

// SetPairLimit switches the limit of messages to one recipient.
func (s *Server) SetPairLimit(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.numbers {
		n.limits.noPairs = !on
	}
}

// SetWebhook sends webhooks to another address; empty: nowhere.
func (s *Server) SetWebhook(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.webhook = address
	s.wakeRun()
}

// SetAnswers changes whether people write back.
func (s *Server) SetAnswers(answers Answers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.answers = answers
}

// allow sets the allow list of a test number. The caller holds the lock.
func (s *Server) allow(numbers []string) {
	s.allowed = map[string]bool{}
	for _, number := range numbers {
		digits, _ := normalNumber(number)
		s.allowed[digits] = true
	}
}

// Messages lists the accepted messages that are kept, oldest first; to narrows it to one person, by number or user id.
func (s *Server) Messages(to string) []Message {
	return s.newest(to, 0)
}

// newest lists at most limit of the newest messages, oldest first; 0: all.
func (s *Server) newest(to string, limit int) []Message {
	key := strings.TrimPrefix(to, "+")
	if who, err := s.whoIs(to); err == nil {
		key = who.key()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	list := []Message{}
	for r := range s.accepted.newest {
		if key != "" && r.who.key() != key {
			continue
		}
		message := r.Message
		message.Status = r.statusAt(now)
		list = append(list, message)
		if limit > 0 && len(list) == limit {
			break
		}
	}
	slices.Reverse(list)
	return list
}

// Recipients counts the accepted messages of each recipient: all of them, also those no longer kept whole.
func (s *Server) Recipients() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int, len(s.accepted.counts))
	for to, n := range s.accepted.counts {
		counts[to] = int(n)
	}
	return counts
}

// State is what the sandbox is and has.
type State struct {
	Now           time.Time `json:"now"`
	AsOf          string    `json:"asOf,omitempty"` // the day whose rules hold; empty: the end of 2026
	Speed         float64   `json:"speed"`
	PhoneNumberID string    `json:"phoneNumberId"`
	WABAID        string    `json:"wabaId"`
	OpenWindow    bool      `json:"openWindow"`
	Throughput    int       `json:"throughput"` // messages a second; not positive: no limit
	PairLimit     bool      `json:"pairLimit"`
	Webhook       string    `json:"webhook,omitempty"`
	Accepted      uint64    `json:"accepted"`   // messages
	Recipients    int       `json:"recipients"` // people with at least one
	Kept          int       `json:"kept"`       // messages kept whole
	Requests      int       `json:"requests"`
	Queued        int       `json:"queued"`    // updates that wait for their webhook
	Delivered     uint64    `json:"delivered"` // webhooks taken
	Lost          uint64    `json:"lost"`      // webhooks given up
	Templates     int       `json:"templates"`
	Media         int       `json:"media"`
	Faults        int       `json:"faults"`
	Held          int       `json:"held"`            // templates that wait for the end of a wave
	Stopped       int       `json:"stopped"`         // people who want no marketing messages
	Standby       int       `json:"standby"`         // threads of another responder
	Service       int       `json:"serviceMessages"` // delivered this month without a template
}

// State reports what the sandbox is and has.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, asOf := s.clock.now(), ""
	if !s.options.AsOf.IsZero() {
		asOf = s.options.AsOf.Format(time.DateOnly)
	}
	return State{
		AsOf: asOf, Held: len(s.wave.held), Stopped: len(s.stopped), Standby: len(s.threads), Service: s.allowances.months[monthOf(now)],
		Now: now, Speed: s.clock.factor(), PhoneNumberID: s.options.PhoneNumberID, WABAID: s.options.WABAID,
		OpenWindow: s.openWindow, Throughput: s.limits.throughput, PairLimit: !s.limits.noPairs, Webhook: s.account.webhook,
		Accepted: s.accepted.total, Recipients: len(s.accepted.counts), Kept: len(s.accepted.ring), Requests: s.requests.total,
		Queued: s.queue.Len(), Delivered: s.account.delivered, Lost: s.account.lost, Templates: len(s.templates),
		Media: len(s.files.byID), Faults: len(s.faults),
	}
}
