package sandbox

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Request is one request of the API as GET /__sandbox/requests shows it. Tokens are never kept.
type Request struct {
	At        time.Time `json:"at"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Query     string    `json:"query,omitempty"`
	Operation string    `json:"operation"`
	To        string    `json:"to,omitempty"`
	Body      string    `json:"body,omitempty"` // at most 4 KiB; files are left out
	Status    int       `json:"status"`         // 0: the connection was cut
	Code      int       `json:"code,omitempty"` // of a refusal
	TraceID   string    `json:"fbtrace_id"`
	Accepted  bool      `json:"accepted,omitempty"` // it became a message
	Fault     string    `json:"fault,omitempty"`    // the faults that acted, by id
	Warnings  []string  `json:"warnings,omitempty"` // what Meta ignores and is likely a mistake
}

// requestLog is a ring of the newest requests. The caller holds the server's lock.
type requestLog struct {
	keep  int
	ring  []Request
	total int
}

func (l *requestLog) add(r Request) {
	if l.keep <= 0 {
		l.total++
		return
	}
	if len(l.ring) < l.keep {
		l.ring = append(l.ring, r)
	} else {
		l.ring[l.total%l.keep] = r
	}
	l.total++
}

// list is oldest first.
func (l *requestLog) list() []Request {
	list := make([]Request, 0, len(l.ring))
	if len(l.ring) < l.keep || l.keep <= 0 {
		return append(list, l.ring...)
	}
	first := l.total % l.keep
	return append(append(list, l.ring[first:]...), l.ring[:first]...)
}

// readInfo reads of a request to send what faults match and the request log shows, before anything of it is checked.
func (s *Server) readInfo(c *call) {
	if c.info.operation != "messages" {
		return
	}
	c.object, c.broken = c.parameters()
	if c.object["status"] != nil {
		c.info.operation = "read"
	}
	if to, ok := c.object["to"].(string); ok {
		c.info.to = to
		if digits, whole := normalNumber(to); whole {
			c.info.to = digits
		}
	} else if to, ok := c.object["recipient"].(string); ok {
		c.info.to = to
	}
	c.info.kind, _ = c.object["type"].(string)
	if part, ok := c.object["template"].(map[string]any); ok {
		c.info.template, _ = part["name"].(string)
	}
}

// logRequest adds a request and its answer to the log.
func (s *Server) logRequest(c *call, a *answer) {
	r := Request{
		At: s.clock.now(), Method: c.method, Path: c.path, Operation: c.info.operation, To: c.info.to, Status: a.status, TraceID: c.trace,
		Accepted: c.info.accepted, Fault: c.info.fault, Warnings: c.info.warnings,
	}
	if len(c.query) > 0 {
		c.query.Del("access_token")
		r.Query = c.query.Encode()
	}
	if c.info.operation != "media" {
		r.Body = printable(c.body)
	}
	if a.cut != cutNowhere && a.cut != cutInBody {
		r.Status = 0
	}
	if a.status >= 400 {
		var refusal envelope
		if json.Unmarshal(a.body, &refusal) == nil {
			r.Code = refusal.Error.Code
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests.add(r)
}

func printable(body []byte) string {
	const most = 4 << 10
	if len(body) > most {
		body = body[:most]
	}
	text := string(body)
	if !utf8.ValidString(text) {
		return "(not text)"
	}
	return text
}

// Requests lists the newest requests, oldest first, without those to /__sandbox.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests.list()
}
