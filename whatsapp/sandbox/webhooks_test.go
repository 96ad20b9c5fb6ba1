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
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// status is one status as a receiver reads it, with the time of its webhook.
type status struct {
	ID        string
	Status    string
	Timestamp string
	Recipient string `json:"recipient_id"`
	Callback  string `json:"biz_opaque_callback_data"`
	Pricing   *struct{ Type, Category string }
	Errors    []struct{ Code int }
	after     time.Duration
}

// receiver keeps what comes, and refuses the first few webhooks.
type receiver struct {
	mu       sync.Mutex
	began    time.Time
	refuse   int
	bodies   [][]byte
	statuses []status
	inbound  []map[string]any
	errs     []string
}

func (r *receiver) take(_ context.Context, body []byte, signature string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if signature != webhook.Sign(sandbox.DefaultAppSecret, body) {
		r.errs = append(r.errs, "wrong signature "+signature)
	}
	if r.refuse > 0 {
		r.refuse--
		return errors.New("not now")
	}
	r.bodies = append(r.bodies, body)
	var note struct {
		Entry []struct {
			Changes []struct {
				Field string
				Value struct {
					Statuses []status
					Messages []map[string]any
				}
			}
		}
	}
	if err := json.Unmarshal(body, &note); err != nil {
		r.errs = append(r.errs, err.Error())
	}
	for _, entry := range note.Entry {
		for _, change := range entry.Changes {
			for _, st := range change.Value.Statuses {
				st.after = time.Since(r.began)
				r.statuses = append(r.statuses, st)
			}
			r.inbound = append(r.inbound, change.Value.Messages...)
		}
	}
	return nil
}

// story is what was heard, in order: "sent@200ms delivered@600ms".
func (r *receiver) story() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var words []string
	for _, st := range r.statuses {
		word := st.Status
		if len(st.Errors) > 0 {
			word += fmt.Sprintf("/%d", st.Errors[0].Code)
		}
		words = append(words, word+"@"+st.after.String())
	}
	return strings.Join(append(words, r.errs...), " ")
}

// running starts a sandbox that delivers to a receiver, inside a bubble, and stops it at the end of the test.
func running(t *testing.T, o sandbox.Options) (*sandbox.Server, *receiver) {
	t.Helper()
	r := &receiver{began: time.Now()}
	o.Deliver = r.take
	s := sandbox.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return s, r
}

// settle lets time pass and everything that falls due come to rest.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// helloTo is a template message to a number.
func helloTo(digits string) string {
	return strings.Replace(template("hello_world", "en_US", ""), "+34612345678", "+"+digits, 1)
}

func TestStatusesByWebhook(t *testing.T) {
	tests := []struct {
		name    string
		options sandbox.Options
		fault   *sandbox.Fault
		body    string
		want    string
	}{
		{"delivered and read", sandbox.Options{OpenWindow: true}, nil, text("+34612345678", "x"), "sent@200ms delivered@600ms read@2s"},
		{"ten times as fast", sandbox.Options{OpenWindow: true, Speed: 10}, nil, text("+34612345678", "x"), "sent@20ms delivered@60ms read@200ms"},
		{
			"own delays, no receipts",
			sandbox.Options{OpenWindow: true, Delays: sandbox.Delays{Sent: time.Second, Delivered: time.Minute, NoRead: true}},
			nil,
			text("+34612345678", "x"), "sent@1s delivered@1m0s",
		},
		{"window closed", sandbox.Options{}, nil, text("+34612345678", "x"), "failed/131047@200ms"},
		{"templates need no window", sandbox.Options{}, nil, template("hello_world", "en_US", ""), "sent@200ms delivered@600ms read@2s"},
		{"not on WhatsApp", sandbox.Options{OpenWindow: true}, nil, text("+34555131026", "x"), "failed/131026@200ms"},
		{"levers off", sandbox.Options{OpenWindow: true, NoMagicRecipients: true}, nil, text("+34555131026", "x"), "sent@200ms delivered@600ms read@2s"},
		{"never read", sandbox.Options{OpenWindow: true}, nil, text("+34555000001", "x"), "sent@200ms delivered@600ms"},
		{"never delivered", sandbox.Options{OpenWindow: true}, nil, text("+34555000002", "x"), "sent@200ms"},
		{"read at once", sandbox.Options{OpenWindow: true}, nil, text("+34555000003", "x"), "sent@200ms read@2s"},
		{"link nobody can fetch", sandbox.Options{OpenWindow: true}, nil, send(`"type":"image","image":{"link":"https://nowhere.invalid/a.jpg"}`), "failed/131053@200ms"},
		{
			"late",
			sandbox.Options{OpenWindow: true},
			&sandbox.Fault{Kind: sandbox.FaultWebhookLate, Delay: time.Minute}, text("+34612345678", "x"),
			"sent@1m0.2s delivered@1m0.6s read@1m2s",
		},
		{
			"twice",
			sandbox.Options{OpenWindow: true},
			&sandbox.Fault{Kind: sandbox.FaultWebhookTwice}, text("+34612345678", "x"),
			"sent@200ms sent@201ms delivered@600ms delivered@601ms read@2s read@2.001s",
		},
		{
			"out of order",
			sandbox.Options{OpenWindow: true},
			&sandbox.Fault{Kind: sandbox.FaultWebhookDisorder}, text("+34612345678", "x"),
			"read@200ms delivered@600ms sent@2s",
		},
		{"read without delivered", sandbox.Options{OpenWindow: true}, &sandbox.Fault{Kind: sandbox.FaultWebhookNoDelivered}, text("+34612345678", "x"), "sent@200ms read@2s"},
		{"dropped", sandbox.Options{OpenWindow: true}, &sandbox.Fault{Kind: sandbox.FaultWebhookDropped}, text("+34612345678", "x"), ""},
		{"early", sandbox.Options{OpenWindow: true}, &sandbox.Fault{Kind: sandbox.FaultWebhookEarly}, text("+34612345678", "x"), "sent@0s delivered@600ms read@2s"},
		{"fails on demand", sandbox.Options{OpenWindow: true}, &sandbox.Fault{Kind: sandbox.FaultFailed, Code: 131049}, text("+34612345678", "x"), "failed/131049@200ms"},
		{
			"held, then sent",
			sandbox.Options{},
			&sandbox.Fault{Kind: sandbox.FaultHeld, Delay: time.Hour}, template("hello_world", "en_US", ""),
			"sent@1h0m0.2s delivered@1h0m0.6s read@1h0m2s",
		},
		{"held, then dropped", sandbox.Options{}, &sandbox.Fault{Kind: sandbox.FaultHeld, Delay: time.Hour, Code: 132015}, template("hello_world", "en_US", ""), "failed/132015@1h0m0.2s"},
		{
			"fails late",
			sandbox.Options{OpenWindow: true},
			&sandbox.Fault{Kind: sandbox.FaultFailed, Code: 131042, Delay: 90 * time.Second}, text("+34612345678", "x"),
			"failed/131042@1m30.2s",
		},
		{
			"free text is never held",
			sandbox.Options{OpenWindow: true},
			&sandbox.Fault{Kind: sandbox.FaultHeld, Delay: time.Hour, Code: 132015}, text("+34612345678", "x"), "sent@200ms delivered@600ms read@2s",
		},
		{"fails late by number", sandbox.Options{}, nil, helloTo("34555135000"), "failed/135000@200ms"},
		{"held and released by number", sandbox.Options{}, nil, helloTo("34555000004"), "sent@10.2s delivered@10.6s read@12s"},
		{"held and dropped by number", sandbox.Options{Speed: 20}, nil, helloTo("34555000005"), "failed/132015@510ms"},
		{"no template is held by number", sandbox.Options{OpenWindow: true}, nil, text("+34555000005", "x"), "sent@200ms delivered@600ms read@2s"},
		{"held by number, levers off", sandbox.Options{NoMagicRecipients: true}, nil, helloTo("34555000005"), "sent@200ms delivered@600ms read@2s"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, r := running(t, test.options)
				if test.fault != nil {
					if _, err := s.AddFault(*test.fault); err != nil {
						t.Fatal(err)
					}
				}
				sent := ask(t, s, http.MethodPost, messagesPath, test.body)
				if sent.status != http.StatusOK {
					t.Fatalf("refused: %s", sent.body)
				}
				settle(2 * time.Hour)
				if got := r.story(); got != test.want {
					t.Errorf("heard %q\nwant  %q", got, test.want)
				}
				for _, st := range r.statuses {
					if st.ID != sent.id() || !strings.HasPrefix(st.Recipient, "34") {
						t.Errorf("status of %s for %s, want %s", st.ID, st.Recipient, sent.id())
					}
				}
			})
		})
	}
}

func TestStatusesCarryCallbackDataAndPrice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		body := strings.Replace(template("hello_world", "en_US", ""), `"to"`, `"biz_opaque_callback_data":"run-7/año 😀","to"`, 1)
		ask(t, s, http.MethodPost, messagesPath, body)
		settle(time.Minute)
		for i, want := range []string{"regular utility", "regular utility", "none"} {
			got := "none"
			if p := r.statuses[i].Pricing; p != nil {
				got = p.Type + " " + p.Category
			}
			if got != want || r.statuses[i].Callback != "run-7/año 😀" {
				t.Errorf("%s: price %q with %q, want %q with the callback data", r.statuses[i].Status, got, r.statuses[i].Callback, want)
			}
		}
		raw := string(r.bodies[0])
		if !strings.Contains(raw, `run-7\/a\u00f1o \ud83d\ude00`) || strings.ContainsFunc(raw, func(c rune) bool { return c > 127 }) {
			t.Errorf("not escaped as Meta does: %s", raw)
		}
	})
}

// The signature is what openssl dgst -sha256 -hmac makes of the body.
func TestSignatureOfAKnownBody(t *testing.T) {
	const body = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"t":"caf\u00e9 \ud83d\ude00 a\/b"}}]}]}`
	if got, want := webhook.Sign("app-secret-1", []byte(body)), "sha256=f5df52d090cc13b9aa4326d6c24f891c067eccac6cbb900f3125af40998b8ab3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWebhooksComeInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Throughput: -1, BatchSize: 40})
		for i := range 100 {
			ask(t, s, http.MethodPost, messagesPath, text(fmt.Sprintf("+3461234%04d", i), "x"))
		}
		settle(300 * time.Millisecond)
		if len(r.statuses) != 100 || len(r.bodies) != 3 {
			t.Errorf("got %d statuses in %d webhooks, want 100 in 3", len(r.statuses), len(r.bodies))
		}
	})
}

func TestRefusedWebhookComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Delays: sandbox.Delays{NoRead: true}})
		r.refuse = 4 // two tries for sent: at once, after 1 s, after 2 s … while delivered is refused too
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		settle(time.Minute)
		got := map[string]bool{}
		for _, st := range r.statuses {
			got[st.Status] = true
		}
		if !got["sent"] || !got["delivered"] || len(r.statuses) != 2 {
			t.Errorf("heard %q, want sent and delivered once each", r.story())
		}
		if state := s.State(); state.Lost != 0 || state.Delivered != 2 {
			t.Errorf("state %+v, want two webhooks taken", state)
		}
	})
}

func TestWebhookIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Attempts: 3, Delays: sandbox.Delays{NoRead: true}})
		r.refuse = 1000
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		settle(time.Minute)
		if state := s.State(); state.Lost != 2 || r.refuse != 1000-2*3 {
			t.Errorf("lost %d after %d tries, want 2 after 6", state.Lost, 1000-r.refuse)
		}
	})
}

// What is due when Run ends is delivered by the next Run, refused webhooks too.
func TestRunGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{began: time.Now(), refuse: 2}
		s := sandbox.New(sandbox.Options{OpenWindow: true, Deliver: r.take})
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		for range 2 {
			ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
			if err := s.Run(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
		if got := len(r.statuses); got != 2 {
			t.Errorf("heard %q, want sent and delivered", r.story())
		}
	})
}

func TestInboundOpensTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		drive(t, s, http.MethodPost, "inbound", `{"from":"+34 612 345 678","name":"Ana","text":"¿Abren hoy?"}`)
		settle(24*time.Hour - time.Second)
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "Sí"))
		settle(time.Second)
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "too late"))
		settle(time.Hour)
		if got, want := r.story(), "sent@23h59m59.2s delivered@23h59m59.6s failed/131047@24h0m0.2s read@24h0m1s"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
		if len(r.inbound) != 1 || r.inbound[0]["from"] != "34612345678" || fmt.Sprint(r.inbound[0]["text"]) != "map[body:¿Abren hoy?]" {
			t.Errorf("inbound %v", r.inbound)
		}
	})
}

func TestWindowPassesFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{Speed: 24})
		if err := s.OpenWindowFor("+34612345678", true); err != nil {
			t.Fatal(err)
		}
		settle(time.Hour)
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		settle(time.Minute)
		if !strings.HasPrefix(r.story(), "failed/131047") {
			t.Errorf("heard %q, want 131047: 24 h pass in one", r.story())
		}
	})
}

func TestPeopleAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{Answers: sandbox.Answers{Every: 2, Text: "Vale", Delay: 3 * time.Second}})
		for i := range 4 {
			ask(t, s, http.MethodPost, messagesPath, strings.Replace(template("hello_world", "en_US", ""), "5678", fmt.Sprintf("567%d", i), 1))
		}
		settle(time.Minute)
		if len(r.inbound) != 2 || r.inbound[0]["from"] != "34612345671" || r.inbound[1]["from"] != "34612345673" {
			t.Errorf("inbound %v, want answers of the second and the fourth", r.inbound)
		}
		ask(t, s, http.MethodPost, messagesPath, text("+34612345671", "free-form now"))
		settle(time.Minute)
		if strings.Contains(r.story(), "failed") {
			t.Errorf("heard %q; an answer opens the window", r.story())
		}
	})
}

func TestClockMovesByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Delays: sandbox.Delays{Read: 40 * time.Hour}})
		ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
		drive(t, s, http.MethodPost, "clock", `{"advance":"41h"}`)
		synctest.Wait()
		if got, want := r.story(), "sent@0s delivered@0s read@0s"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}

func TestWebhookOverHTTP(t *testing.T) {
	got := make(chan *http.Request, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if r.URL.Query().Get("hub.verify_token") == sandbox.DefaultVerifyToken {
				_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		got <- r
	}))
	defer hook.Close()
	s := sandbox.New(sandbox.Options{OpenWindow: true, WebhookURL: hook.URL + "/webhooks?tenant=1", Speed: 1000})
	if err := s.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x"))
	request := <-got
	body, _ := io.ReadAll(request.Body)
	if !webhook.Verify([]string{sandbox.DefaultAppSecret}, request.Header.Get("X-Hub-Signature-256"), body) || request.URL.Query().Get("tenant") != "1" {
		t.Errorf("%s with %v", request.URL, request.Header)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Webhooks under way at once reach a receiver that refuses some of them once each, and none is lost.
func TestParallelWebhooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Throughput: -1, BatchSize: 3, Parallel: 4})
		r.refuse = 20
		for i := range 100 {
			ask(t, s, http.MethodPost, messagesPath, text(fmt.Sprintf("+3461234%04d", i), "x"))
		}
		settle(time.Hour)
		seen := map[string]int{}
		for _, st := range r.statuses {
			seen[st.ID+st.Status]++
		}
		if len(seen) != 300 || len(r.statuses) != 300 {
			t.Errorf("%d different statuses in %d, want 300 once each", len(seen), len(r.statuses))
		}
	})
}
