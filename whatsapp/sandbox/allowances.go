package sandbox

import (
	"errors"
	"time"
)

// Allowances are what a business may send, and what of it is free. They are changed by POST /__sandbox/allowances, where
// a member that is left out stays as it is.
type Allowances struct {
	FreeServiceMessages *int  `json:"freeServiceMessages,omitempty"` // delivered messages without a template a month; 1000 unless said
	PaymentMethod       *bool `json:"paymentMethod,omitempty"`       // without one what is beyond them fails with 131042; true unless said
	Portfolio           *int  `json:"portfolio,omitempty"`           // people in 24 hours whom templates reach outside a window; 0: no limit
	MarketingOnMessages *bool `json:"marketingOnMessages,omitempty"` // false: marketing templates through messages are refused with 131063
	MarketingPerUser    *int  `json:"marketingPerUser,omitempty"`    // marketing templates to one person in 24 hours; 0: no limit
}

const (
	freeServiceMessages = 1000
	rollingDay          = 24 * time.Hour
)

// allowances count against Allowances. The caller holds the server's lock.
type allowances struct {
	free        int // service messages a month
	unpaid      bool
	noMarketing bool // through POST messages
	portfolio   int  // not positive: no limit
	perUser     int  // not positive: no limit

	months  map[int]int            // service messages delivered, by month
	reached map[string]time.Time   // person.key of whom a template reached outside a window: when last
	offered map[string][]time.Time // person.key: the marketing templates of the last day
}

func newAllowances() allowances {
	return allowances{
		free: freeServiceMessages, months: map[int]int{}, reached: map[string]time.Time{}, offered: map[string][]time.Time{},
	}
}

// SetAllowances changes what is said of it. The error refuses negative numbers.
func (s *Server) SetAllowances(a Allowances) error {
	for _, n := range [...]*int{a.FreeServiceMessages, a.Portfolio, a.MarketingPerUser} {
		if n != nil && *n < 0 {
			return errors.New("allowances: a number is not negative")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	set(&s.allowances.free, a.FreeServiceMessages)
	set(&s.allowances.portfolio, a.Portfolio)
	set(&s.allowances.perUser, a.MarketingPerUser)
	if a.PaymentMethod != nil {
		s.allowances.unpaid = !*a.PaymentMethod
	}
	if a.MarketingOnMessages != nil {
		s.allowances.noMarketing = !*a.MarketingOnMessages
	}
	return nil
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func monthOf(t time.Time) int { return t.UTC().Year()*12 + int(t.UTC().Month()) }

// refusal is the code that a message beyond an allowance fails with by webhook; 0: it is within them. Where the sources
// leave the code of a full portfolio open, it is 131048.
func (a *allowances) refusal(r *record, open bool, now time.Time) (int, string) {
	who := r.who.key()
	switch {
	case r.pricing.chargedService() && a.unpaid:
		return 131042, "The free service messages of this month are used up, and the account has no payment method."
	case r.Type != "template" || open:
		return 0, ""
	case a.portfolio > 0 && a.full(who, now):
		return 131048, "Message failed to send because the portfolio's limit of unique people in 24 hours is reached."
	case a.perUser > 0 && r.Category == "marketing" && a.today(who, now) >= a.perUser:
		return 131049, "This message was not delivered to maintain healthy ecosystem engagement."
	default:
		return 0, ""
	}
}

// full reports whether the portfolio has reached as many others as it may.
func (a *allowances) full(who string, now time.Time) bool {
	if at, known := a.reached[who]; known && now.Sub(at) < rollingDay {
		return false
	}
	if len(a.reached) < a.portfolio {
		return false
	}
	for key, at := range a.reached {
		if now.Sub(at) >= rollingDay {
			delete(a.reached, key)
		}
	}
	return len(a.reached) >= a.portfolio
}

func (a *allowances) today(who string, now time.Time) int {
	recent := a.offered[who][:0]
	for _, at := range a.offered[who] {
		if now.Sub(at) < rollingDay {
			recent = append(recent, at)
		}
	}
	a.offered[who] = recent
	return len(recent)
}

// count takes a message that will be delivered. People are remembered only while a limit asks for them.
func (a *allowances) count(r *record, open bool, delivered time.Time) {
	if r.pricing.service() && r.Type != "reaction" {
		a.months[monthOf(delivered)]++
	}
	if r.Type != "template" || open {
		return
	}
	who := r.who.key()
	if a.portfolio > 0 {
		a.reached[who] = delivered
	}
	if a.perUser > 0 && r.Category == "marketing" {
		a.offered[who] = append(a.offered[who], delivered)
	}
}

// tier is the word for the portfolio's limit: the smallest step of Meta's that holds it.
func (a *allowances) tier() string {
	switch n := a.portfolio; {
	case n <= 0 || n > 100_000:
		return "TIER_UNLIMITED"
	case n > 10_000:
		return "TIER_100K"
	case n > 2000:
		return "TIER_10K"
	case n > 250:
		return "TIER_2K"
	default:
		return "TIER_250"
	}
}
