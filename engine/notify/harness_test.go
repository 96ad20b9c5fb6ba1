package notify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
)

// secretPath stands for what an address hides.
const secretPath = "s3cr3t-T0k3n"

func someEvent() Event {
	return Ended(engine.Run{
		ID: "20260325-090000-c47049", Job: "welcome", Scope: "ever", Status: engine.RunFailed,
		Reason:    "the fifth refusal, of +34 612-345-678",
		StartedAt: time.Date(2026, 3, 25, 10, 0, 0, 0, time.FixedZone("", 3600)), FinishedAt: time.Date(2026, 3, 25, 9, 3, 20, 5e6, time.UTC),
		Counts: engine.Counts{Total: 1200, Succeeded: 1185, Failed: 12, InDoubt: 3, Refused: 12, Accepted: 1185},
	}, map[int]int{131049: 2, 132001: 10})
}

// server is a loopback server that answers as told, the last answer for ever, and keeps the bodies.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
}

func serve(t *testing.T, statuses ...int) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bodies, s.heads = append(s.bodies, strings.TrimSpace(string(body))), append(s.heads, r.Header)
		status := statuses[min(len(s.bodies), len(statuses))-1]
		if status >= 300 && status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bodies
}

func (s *server) host() string { return strings.TrimPrefix(s.URL, "http://") }

func target(t *testing.T, name, address string) Target {
	t.Helper()
	to, err := Parse(name, address)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// answers is a transport that answers without a network, so that time may be that of a bubble. A status of 0 hangs.
type answers struct {
	statuses []int
	after    int // seconds, in Retry-After
	calls    int
	at       []time.Time
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	status := a.statuses[min(a.calls, len(a.statuses)-1)]
	a.calls, a.at = a.calls+1, append(a.at, time.Now())
	if status == 0 {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	h := http.Header{}
	if a.after > 0 {
		h.Set("Retry-After", strconv.Itoa(a.after))
	}
	return &http.Response{StatusCode: status, Header: h, Body: http.NoBody, Request: r}, nil
}
