package sandbox

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Server is the emulator: an http.Handler for sockets and an http.RoundTripper for memory, the same one
// behind both. It is safe for concurrent use.
type Server struct {
	options Options
	clock   *clock
	ids     *ids
	rules   rules
	numbers []*number     // of the business, at least one
	wake    chan struct{} // wakes Run when there is something to deliver

	mu            sync.Mutex
	limits        *limits // of the first number; the calls of all count there
	templates     map[templateKey]*storedTemplate
	templatesByID map[string]*storedTemplate
	files         files
	accepted      accepted
	windows       map[string]serviceWindow // people who wrote, by person.key
	profiles      map[string]profile       // what people who wrote are called, by person.key
	threads       map[string]time.Time     // threads of another responder, by person.key: when something last happened in them
	wave          wave
	stopped       map[string]bool // people who stopped marketing messages, by person.key
	counts        analyticsCounts
	faults        []*Fault
	requests      requestLog
	queue         queue
	account       account
	allowances    allowances
	openWindow    bool
	allowed       map[string]bool
}

// New makes a sandbox with the built-in templates. It starts nothing: Run delivers the webhooks.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		options: o, clock: newClock(o.Now, o.Speed), ids: &ids{seed: o.Seed}, rules: rulesAsOf(o.AsOf), wake: make(chan struct{}, 1),
	}
	s.numbers = newNumbers(o)
	s.Reset()
	return s
}

// Reset returns to the state after New: messages, settings and faults are gone. Ids are not used again.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.offset.Store(0)
	s.clock.setSpeed(s.options.Speed)
	for _, n := range s.numbers {
		n.limits = newLimits(s.options.Throughput, s.options.CallBudget, s.options.NoPairLimit)
	}
	s.limits = s.numbers[0].limits
	s.templates, s.templatesByID = map[templateKey]*storedTemplate{}, map[string]*storedTemplate{}
	s.files = newFiles(s.options.KeepMedia)
	s.accepted = newAccepted(s.options.KeepMessages)
	s.windows = map[string]serviceWindow{}
	s.profiles, s.stopped = map[string]profile{}, map[string]bool{}
	s.threads, s.wave = map[string]time.Time{}, wave{}
	s.counts = newAnalyticsCounts()
	s.faults = nil
	s.requests = requestLog{keep: s.options.KeepRequests}
	s.queue.drop()
	s.account = newAccount(s.options)
	s.allowances = newAllowances()
	s.openWindow = s.options.OpenWindow
	s.allowed = nil
	if len(s.options.AllowedRecipients) > 0 {
		s.allow(s.options.AllowedRecipients)
	}
	for _, template := range builtin() {
		read, refusal := newStoredTemplate(template)
		if refusal != nil {
			panic("sandbox: built-in template " + template.Name + ": " + refusal.details)
		}
		s.putTemplate(read)
	}
}

// call is one request, whichever way it came.
type call struct {
	method    string
	path      string
	version   string
	parts     []string // the path without the version
	query     url.Values
	header    http.Header
	body      []byte
	base      string  // scheme and host, for the addresses of further pages
	media     string  // scheme and host of downloads
	number    *number // that the path names; nil: another thing
	trace     string
	info      requestInfo
	object    object // the parameters of a POST to messages
	marketing bool   // sent to the endpoint of marketing messages
	elsewhere bool   // some of the parameters came in a form or in the query
	broken    *graphError
	early     func(context.Context) // delivers a webhook before the answer
}

// requestInfo is what is known of a request: faults are matched by it, and the request log shows it.
type requestInfo struct {
	operation string
	to        string
	kind      string
	template  string
	warnings  []string
	fault     string
	accepted  bool
}

var versionPart = regexp.MustCompile(`^v[0-9]+(\.[0-9]+)?$`)

func (c *call) split() {
	c.version = DefaultVersion
	for part := range strings.SplitSeq(c.path, "/") {
		if part != "" {
			c.parts = append(c.parts, part)
		}
	}
	if len(c.parts) > 0 && versionPart.MatchString(c.parts[0]) {
		c.version, c.parts = c.parts[0], c.parts[1:]
	}
}

// handle answers one request.
func (s *Server) handle(ctx context.Context, c *call) answer {
	c.split()
	c.trace = s.newTrace()
	if len(c.parts) > 0 && c.parts[0] == "__sandbox" {
		return s.admin(c)
	}
	handler, refusal := s.route(c)
	s.readInfo(c)
	given := s.faultBefore(c)
	if given == nil {
		a := s.perform(c, handler, refusal)
		s.faultAfter(c, &a)
		given = &a
	}
	if c.early != nil {
		c.early(ctx)
	}
	s.addHeaders(c, given)
	s.logRequest(c, given)
	return *given
}

// perform checks the token, then the id, then the budget, and does what is asked.
func (s *Server) perform(c *call, handler func(*call) (answer, *graphError), unknown *graphError) answer {
	refusal := s.authorise(c)
	if refusal == nil {
		refusal = unknown
	}
	if refusal == nil {
		refusal = s.spend(c)
	}
	var a answer
	if refusal == nil {
		a, refusal = handler(c)
	}
	if refusal != nil {
		a = refusal.answer(c.trace)
	}
	return a
}

// authorise takes the token from the header, or from the address as some of Meta's examples do.
func (s *Server) authorise(c *call) *graphError {
	token, bearer := strings.CutPrefix(c.header.Get("Authorization"), "Bearer ")
	if !bearer {
		token = c.query.Get("access_token")
	}
	if token == "" {
		return &graphError{status: http.StatusUnauthorized, code: 104, message: "An access token is required to request this resource."}
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.options.Token)) != 1 {
		return &graphError{status: http.StatusUnauthorized, code: 190, message: "Invalid OAuth access token - Cannot parse access token"}
	}
	return nil
}

// spend counts management calls; sends and media are governed by throughput instead. Source: Meta,
// about-the-platform.
func (s *Server) spend(c *call) *graphError {
	if !managed(c.info.operation) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limits.spend(s.clock.now())
}

func managed(operation string) bool {
	switch operation {
	case "waba", "phone_numbers", "templates", "template", "subscribed_apps":
		return true
	default:
		return false
	}
}

// addHeaders adds the headers that every answer of Graph has.
func (s *Server) addHeaders(c *call, a *answer) {
	set := func(key, value string) {
		if a.header == nil {
			a.header = map[string]string{}
		}
		a.header[key] = value
	}
	set("Facebook-Api-Version", c.version)
	set("X-Fb-Trace-Id", c.trace)
	set("X-Fb-Request-Id", c.trace)
	set("X-Fb-Rev", "1000000000")
	if managed(c.info.operation) {
		set("X-Business-Use-Case-Usage", s.usage())
	}
}
