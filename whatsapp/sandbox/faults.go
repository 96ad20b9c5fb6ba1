package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// The kinds of Fault. What a kind needs besides its name is in the comment; all else is optional.
const (
	FaultError    = "error"      // refuses with Code (131000) in Graph's envelope, Status by the code unless given
	FaultThrottle = "throttle"   // the same with 130429
	FaultStatus   = "status"     // refuses with Status (429) and no Graph body, RetryAfter if given
	FaultHTML     = "html"       // answers with a proxy's page, Status 502 unless given
	FaultLatency  = "latency"    // carries the request out and answers after Delay (1 s)
	FaultRefuse   = "refuse"     // no connection is made; through a socket: as cut-before
	FaultCut      = "cut-before" // cuts the connection before the request is looked at
	FaultLost     = "lost"       // carries the request out and cuts the connection instead of answering
	FaultCutBody  = "cut-body"   // carries the request out and cuts the answer in the middle
	FaultSlowBody = "slow-body"  // carries the request out and lets the answer trickle over Delay (1 s)
	FaultNoID     = "no-id"      // accepts, and answers 200 without a message id
	FaultNotJSON  = "not-json"   // carries the request out and answers 200 with text
	FaultNoWaID   = "no-wa-id"   // accepts, and answers without wa_id
	FaultHeld     = "held"       // holds a template for quality assessment for Delay (1 s); then it fails with Code, or is sent
	FaultFailed   = "failed"     // accepts, and fails with Code (131026) by webhook, Delay later than other statuses

	FaultWebhookEarly       = "webhook-early"        // the first status arrives before the HTTP answer
	FaultWebhookLate        = "webhook-late"         // all statuses come Delay (1 s) later
	FaultWebhookTwice       = "webhook-twice"        // every status is delivered twice
	FaultWebhookDisorder    = "webhook-disorder"     // the statuses are delivered in reverse order
	FaultWebhookNoDelivered = "webhook-no-delivered" // read comes without delivered
	FaultWebhookDropped     = "webhook-dropped"      // the statuses happen, and no webhook is sent
)

// Fault is something that goes wrong on demand. Without Times, Every and Probability it does so once.
type Fault struct {
	ID          string        `json:"id"`
	Kind        string        `json:"kind"`
	Times       int           `json:"times,omitempty"`       // at most so often; 0 with Every or Probability: without end
	Skip        int           `json:"skip,omitempty"`        // lets the first matches pass
	Every       int           `json:"every,omitempty"`       // only each Nth match
	Probability float64       `json:"probability,omitempty"` // only this share of matches, by Seed
	Seed        uint64        `json:"seed,omitempty"`
	Match       Match         `json:"match,omitzero"`
	Status      int           `json:"status,omitempty"`
	Code        int           `json:"code,omitempty"`
	RetryAfter  int           `json:"retryAfter,omitempty"` // seconds, sent as the header
	Delay       time.Duration `json:"delay,omitempty"`      // in JSON text such as "2s", or milliseconds
	Accepted    bool          `json:"accepted,omitempty"`   // of error, throttle, status and html: the request was carried out all the same

	Matched int `json:"matched"` // requests that fitted
	Fired   int `json:"fired"`   // times that it went wrong

	random *rand.Rand
}

// Match narrows a fault to some requests; an empty field fits all. Operation is one of messages, read, media,
// media_id, download, history, events, templates, template, waba, phone_number, phone_numbers, subscribed_apps, unknown.
type Match struct {
	To        string `json:"to,omitempty"` // digits; a leading + is ignored
	Operation string `json:"operation,omitempty"`
	Type      string `json:"type,omitempty"` // of the message
	Template  string `json:"template,omitempty"`
}

// phase says when a fault acts; of each phase at most one acts on a request.
type phase int

const (
	phaseEarly    phase = iota + 1 // instead of the request
	phaseDelivery                  // on an accepted message
	phaseAnswer                    // on the answer of what was carried out
	phaseDelay                     // before the answer
)

// kindsOf lists the kinds that act in a phase.
func kindsOf(p phase) []string {
	switch p {
	case phaseEarly:
		return []string{FaultError, FaultThrottle, FaultStatus, FaultHTML, FaultRefuse, FaultCut}
	case phaseAnswer:
		return []string{FaultLost, FaultCutBody, FaultSlowBody, FaultNoID, FaultNotJSON}
	case phaseDelay:
		return []string{FaultLatency}
	case phaseDelivery:
		return []string{
			FaultNoWaID, FaultHeld, FaultFailed, FaultWebhookEarly, FaultWebhookLate, FaultWebhookTwice, FaultWebhookDisorder,
			FaultWebhookNoDelivered, FaultWebhookDropped,
		}
	}
	return nil
}

// phases is the phase in which a fault acts; 0: there is no such kind.
func (f *Fault) phases() phase {
	for p := phaseEarly; p <= phaseDelay; p++ {
		switch {
		case !slices.Contains(kindsOf(p), f.Kind):
		case f.Accepted && p == phaseEarly && f.Kind != FaultRefuse && f.Kind != FaultCut:
			return phaseAnswer
		default:
			return p
		}
	}
	return 0
}

// AddFault makes something go wrong from now on, and returns it with its id. The error names an unknown kind
// or a trigger that makes no sense.
func (s *Server) AddFault(f Fault) (Fault, error) {
	if f.phases() == 0 {
		known := slices.Concat(kindsOf(phaseEarly), kindsOf(phaseAnswer), kindsOf(phaseDelay), kindsOf(phaseDelivery))
		return f, fmt.Errorf("add fault: unknown kind %q: it is one of %s", f.Kind, strings.Join(known, ", "))
	}
	if f.Probability < 0 || f.Probability > 1 || f.Times < 0 || f.Every < 0 || f.Skip < 0 || f.Delay < 0 {
		return f, fmt.Errorf("add fault %s: times, skip, every and delay are not negative, probability is from 0 to 1", f.Kind)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return f, fmt.Errorf("add fault %s: status %d is not an HTTP status", f.Kind, f.Status)
	}
	if f.Times == 0 && f.Every == 0 && f.Probability == 0 {
		f.Times = 1
	}
	f.complete()
	f.Matched, f.Fired = 0, 0
	f.Match.To = strings.TrimPrefix(f.Match.To, "+")
	f.random = rand.New(rand.NewPCG(f.Seed, 0x5EED)) //nolint:gosec // repeatable on purpose
	s.mu.Lock()
	defer s.mu.Unlock()
	f.ID = fmt.Sprintf("fault-%d", len(s.faults)+1)
	s.faults = append(s.faults, &f)
	return f, nil
}

// complete fills in what a kind means when nothing is said.
func (f *Fault) complete() {
	switch f.Kind {
	case FaultError:
		setNumber(&f.Code, 131000)
	case FaultThrottle:
		setNumber(&f.Code, 130429)
	case FaultStatus:
		setNumber(&f.Status, 429)
	case FaultHTML:
		setNumber(&f.Status, 502)
	case FaultFailed:
		setNumber(&f.Code, 131026)
	case FaultLatency, FaultSlowBody, FaultHeld, FaultWebhookLate:
		setNumber(&f.Delay, time.Second)
	}
	if (f.Kind == FaultError || f.Kind == FaultThrottle) && f.Status == 0 {
		f.Status = statusOf(f.Code)
	}
}

// Faults lists what may go wrong, with what has.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, 0, len(s.faults))
	for _, f := range s.faults {
		list = append(list, *f)
	}
	return list
}

// ClearFaults lets everything go right again.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fire finds the fault that acts on a request in a phase, counts it, and returns a copy; nil: none.
func (s *Server) fire(at phase, seen *requestInfo) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fireLocked(at, seen)
}

// fireLocked is fire for callers that hold the lock.
func (s *Server) fireLocked(at phase, seen *requestInfo) *Fault {
	for _, f := range s.faults {
		if f.phases() == at && f.fits(seen) && f.acts() {
			f.Fired++
			if seen.fault != "" {
				seen.fault += ","
			}
			seen.fault += f.ID
			hit := *f
			return &hit
		}
	}
	return nil
}

// fits reports whether the fault may act on a request.
func (f *Fault) fits(seen *requestInfo) bool {
	if f.Kind == FaultNoID && !seen.accepted || f.Kind == FaultHeld && seen.kind != "template" {
		return false
	}
	m := f.Match
	return (m.To == "" || m.To == seen.to) &&
		(m.Operation == "" || m.Operation == seen.operation) &&
		(m.Type == "" || m.Type == seen.kind) &&
		(m.Template == "" || m.Template == seen.template)
}

// acts counts a match and reports whether the fault acts on it.
func (f *Fault) acts() bool {
	if f.Times > 0 && f.Fired >= f.Times {
		return false
	}
	f.Matched++
	if f.Matched <= f.Skip {
		return false
	}
	if f.Every > 1 && (f.Matched-f.Skip)%f.Every != 0 {
		return false
	}
	return f.Probability == 0 || f.random.Float64() < f.Probability
}
