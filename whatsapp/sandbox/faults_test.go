package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
)

func TestFaults(t *testing.T) {
	tests := []struct {
		fault    string
		status   int
		code     int
		err      string // part of the transport's error
		accepted int
		check    func(reply) string
	}{
		{`{"kind":"throttle"}`, 400, 130429, "", 0, nil},
		{`{"kind":"throttle","code":4}`, 400, 4, "", 0, nil},
		{`{"kind":"throttle","code":80007}`, 400, 80007, "", 0, nil},
		{`{"kind":"throttle","code":131056}`, 400, 131056, "", 0, nil},
		{`{"kind":"throttle","status":429,"retryAfter":7}`, 429, 130429, "", 0, func(r reply) string { return want(r.header.Get("Retry-After"), "7") }},
		{`{"kind":"status","retryAfter":2}`, 429, 0, "", 0, func(r reply) string { return want(r.header.Get("Retry-After"), "2") }},
		{`{"kind":"error"}`, 500, 131000, "", 0, nil},
		{`{"kind":"error","code":2}`, 503, 2, "", 0, nil},
		{`{"kind":"error","code":131016}`, 500, 131016, "", 0, nil},
		{`{"kind":"error","code":131000,"accepted":true}`, 500, 131000, "", 1, nil},
		{`{"kind":"html"}`, 502, 0, "", 0, func(r reply) string { return want(r.header.Get("Content-Type"), "text/html; charset=utf-8") }},
		{`{"kind":"html","status":504,"accepted":true}`, 504, 0, "", 1, nil},
		{`{"kind":"refuse"}`, 0, 0, "refused", 0, nil},
		{`{"kind":"cut-before"}`, 0, 0, "reset", 0, nil},
		{`{"kind":"lost"}`, 0, 0, "reset", 1, nil},
		{`{"kind":"cut-body"}`, 0, 0, "unexpected EOF", 1, nil},
		{`{"kind":"no-id"}`, 200, 0, "", 1, func(r reply) string { return want(r.id(), "") }},
		{`{"kind":"not-json"}`, 200, 0, "", 1, func(r reply) string { return want(string(r.body), "OK") }},
		{`{"kind":"no-wa-id"}`, 200, 0, "", 1, func(r reply) string { return want(fmt.Sprint(strings.Contains(string(r.body), "wa_id")), "false") }},
		{`{"kind":"held"}`, 200, 0, "", 1, func(r reply) string {
			return want(fmt.Sprint(strings.Contains(string(r.body), "held_for_quality_assessment")), "true")
		}},
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{})
			drive(t, s, http.MethodPost, "faults", test.fault)
			got, err := try(s, http.MethodPost, messagesPath, template("hello_world", "en_US", ""))
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if err == nil && (got.status != test.status || got.code() != test.code) {
				t.Errorf("got %d %s, want %d and code %d", got.status, got.body, test.status, test.code)
			}
			if test.check != nil {
				if wrong := test.check(got); wrong != "" {
					t.Errorf("%s in %s", wrong, got.body)
				}
			}
			if n := len(s.Messages("")); n != test.accepted {
				t.Errorf("%d messages accepted, want %d", n, test.accepted)
			}
			if f := s.Faults()[0]; f.Fired != 1 {
				t.Errorf("fired %d times, want once", f.Fired)
			}
			if got := ask(t, s, http.MethodPost, messagesPath, template("hello_world", "en_US", "")); got.status != http.StatusOK {
				t.Errorf("afterwards: %d %s", got.status, got.body)
			}
			if last := s.Requests()[0]; last.Fault != "fault-1" {
				t.Errorf("the request log names fault %q", last.Fault)
			}
		})
	}
}

func want(got, want string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("got %q, want %q", got, want)
}

func TestFaultTriggers(t *testing.T) {
	tests := []struct{ fault, want string }{
		{`{"kind":"throttle"}`, "x........."},
		{`{"kind":"throttle","times":3}`, "xxx......."},
		{`{"kind":"throttle","times":2,"skip":2}`, "..xx......"},
		{`{"kind":"throttle","every":3}`, "..x..x..x."},
		{`{"kind":"throttle","every":2,"times":2}`, ".x.x......"},
		{`{"kind":"throttle","times":9,"match":{"to":"+34600000004"}}`, "....x....."},
		{`{"kind":"throttle","times":9,"match":{"operation":"media"}}`, ".........."},
		{`{"kind":"throttle","times":2,"match":{"operation":"messages","type":"text"}}`, "xx........"},
		{`{"kind":"throttle","probability":1}`, "xxxxxxxxxx"},
	}
	for _, test := range tests {
		s := sandbox.New(sandbox.Options{})
		drive(t, s, http.MethodPost, "faults", test.fault)
		if got := trail(t, s); got != test.want {
			t.Errorf("%s: got %s, want %s", test.fault, got, test.want)
		}
	}
	chance := func() string {
		s := sandbox.New(sandbox.Options{})
		drive(t, s, http.MethodPost, "faults", `{"kind":"throttle","probability":0.5,"seed":7}`)
		return trail(t, s)
	}
	if a, b := chance(), chance(); a != b || !strings.Contains(a, "x") || !strings.Contains(a, ".") {
		t.Errorf("chances with one seed: %s and %s, want the same mixture", a, b)
	}
}

func trail(t *testing.T, s *sandbox.Server) string {
	t.Helper()
	var trail strings.Builder
	for i := range 10 {
		mark := "."
		if ask(t, s, http.MethodPost, messagesPath, text(fmt.Sprintf("+3460000000%d", i), "x")).status != http.StatusOK {
			mark = "x"
		}
		trail.WriteString(mark)
	}
	return trail.String()
}

func TestFaultsThatAreRefused(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	for _, body := range []string{`{"kind":"earthquake"}`, `{"kind":"html","stat":502}`, `{"kind":"html","status":7}`, `{"kind":"html","probability":2}`, `{"kind":"latency","delay":"soon"}`, `{`} {
		if got := ask(t, s, http.MethodPost, "/__sandbox/faults", body); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", body, got.status, got.body)
		}
	}
	if n := len(s.Faults()); n != 0 {
		t.Errorf("%d faults are there", n)
	}
}

func TestLatencyAndSlowBody(t *testing.T) {
	for fault, wantDelay := range map[string]time.Duration{
		`{"kind":"latency","delay":"3s"}`:                      3 * time.Second,
		`{"kind":"latency","delay":1500}`:                      1500 * time.Millisecond,
		`{"kind":"slow-body","delay":"8s"}`:                    8 * time.Second,
		`{"kind":"html","status":504,"delay":"60s"}`:           time.Minute,
		`{"kind":"lost","delay":"2s"}`:                         2 * time.Second,
		`{"kind":"error","accepted":true,"delay":"2s"}`:        2 * time.Second,
		`{"kind":"latency","delay":"1s","match":{"to":"999"}}`: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{})
			drive(t, s, http.MethodPost, "faults", fault)
			began := time.Now()
			_, _ = try(s, http.MethodPost, messagesPath, text("+34612345678", "x"))
			if got := time.Since(began); got < wantDelay || got > wantDelay+time.Second {
				t.Errorf("%s: took %s", fault, got)
			}
		})
	}
}

// A caller who gives up while the answer is on its way left a message behind: that is what in doubt means.
func TestTimeoutAfterAcceptance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		drive(t, s, http.MethodPost, "faults", `{"kind":"latency","delay":"10s"}`)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://graph.facebook.com"+messagesPath, strings.NewReader(text("+34612345678", "x")))
		request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		_, err := do(s, request)
		if !errors.Is(err, context.DeadlineExceeded) || len(s.Messages("")) != 1 {
			t.Errorf("error %v with %d messages, want the deadline's and one", err, len(s.Messages("")))
		}
	})
}

// What httptrace hears is what a socket would have told: nothing was written when no connection was made.
func TestTraceTellsWhetherTheRequestLeft(t *testing.T) {
	for kind, left := range map[string]bool{"refuse": false, "cut-before": true, "lost": true} {
		s := sandbox.New(sandbox.Options{})
		drive(t, s, http.MethodPost, "faults", `{"kind":"`+kind+`"}`)
		var told []string
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			GotConn:      func(httptrace.GotConnInfo) { told = append(told, "connected") },
			WroteHeaders: func() { told = append(told, "headers") },
			WroteRequest: func(httptrace.WroteRequestInfo) { told = append(told, "request") },
		})
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://graph.facebook.com"+messagesPath, strings.NewReader(text("+34612345678", "x")))
		request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		_, err := do(s, request)
		want := []string{"connected", "headers"}
		if left {
			want = append(want, "request")
		}
		if err == nil || !slices.Equal(told, want) {
			t.Errorf("%s: error %v, told %q, want %q", kind, err, told, want)
		}
		if !left && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v is not a refused connection", kind, err)
		}
	}
}

// Both ways in give the same answer; only the cuts look different, since a socket cannot say why.
func TestSocketAndMemoryAgree(t *testing.T) {
	bodies := []string{
		text("+34612345678", "x"), template("hello_world", "en_US", ""), template("nothing", "en_US", ""), `{`,
		`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x"}`,
	}
	faults := []string{"", `{"kind":"throttle"}`, `{"kind":"html"}`, `{"kind":"no-id"}`, `{"kind":"not-json"}`, `{"kind":"slow-body","delay":"8ms"}`, `{"kind":"cut-body"}`, `{"kind":"lost"}`, `{"kind":"cut-before"}`, `{"kind":"refuse"}`}
	clock := func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
	for _, fault := range faults {
		for _, body := range bodies {
			options := sandbox.Options{Now: clock, Seed: 1}
			inMemory, onSocket := sandbox.New(options), sandbox.New(options)
			server := httptest.NewServer(onSocket)
			for _, s := range []*sandbox.Server{inMemory, onSocket} {
				if fault != "" {
					drive(t, s, http.MethodPost, "faults", fault)
				}
			}
			a, errA := try(inMemory, http.MethodPost, messagesPath, body)
			request, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+messagesPath, bytes.NewReader([]byte(body)))
			request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
			b, errB := do(server.Client().Transport, request)
			server.Close()
			if (errA == nil) != (errB == nil) {
				t.Errorf("%s %s: errors %v in memory, %v on a socket", fault, body, errA, errB)
			}
			b.header.Del("Date")
			b.header.Del("Connection")
			if a.status != b.status || errA == nil && (!bytes.Equal(a.body, b.body) || fmt.Sprint(a.header) != fmt.Sprint(b.header)) {
				t.Errorf("%s %s:\n%d %v %s in memory\n%d %v %s on a socket", fault, body, a.status, a.header, a.body, b.status, b.header, b.body)
			}
			if x, y := len(inMemory.Messages("")), len(onSocket.Messages("")); x != y {
				t.Errorf("%s: %d messages in memory, %d on a socket", fault, x, y)
			}
		}
	}
}

func TestAcceptLogIsWrittenBeforeTheAnswer(t *testing.T) {
	var log bytes.Buffer
	s := sandbox.New(sandbox.Options{AcceptLog: &log})
	drive(t, s, http.MethodPost, "faults", `{"kind":"lost"}`)
	body := strings.Replace(text("+34612345678", "x"), `"to"`, `"biz_opaque_callback_data":"d-1","to"`, 1)
	if _, err := try(s, http.MethodPost, messagesPath, body); err == nil {
		t.Fatal("the answer was not lost")
	}
	var line sandbox.Message
	if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.To != "34612345678" || line.CallbackData != "d-1" || string(line.Payload) != body {
		t.Errorf("accept log %q: %v", log.String(), err)
	}
	broken := sandbox.New(sandbox.Options{AcceptLog: brokenWriter{}})
	if got := ask(t, broken, http.MethodPost, messagesPath, body); got.status != 500 || len(broken.Messages("")) != 0 {
		t.Errorf("without its accept log: %d and %d messages, want 500 and none", got.status, len(broken.Messages("")))
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestUnknownFault answers a kind that there is none of with those that there are.
func TestUnknownFault(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	_, err := s.AddFault(sandbox.Fault{Kind: "cut"})
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, kind := range []string{sandbox.FaultCut, sandbox.FaultHTML, sandbox.FaultLost, sandbox.FaultLatency, sandbox.FaultWebhookTwice} {
		if !strings.Contains(err.Error(), kind) {
			t.Errorf("it does not name %s: %v", kind, err)
		}
	}
}
