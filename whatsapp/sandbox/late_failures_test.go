package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// Over sockets, as the sandbox command is driven: faults, the clock and the receiver, all by HTTP.
func TestLateFailuresOverHTTP(t *testing.T) {
	heard, arrived := &receiver{began: time.Now()}, make(chan struct{}, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = heard.take(r.Context(), body, r.Header.Get("X-Hub-Signature-256"))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		arrived <- struct{}{}
	}))
	defer hook.Close()
	s := sandbox.New(sandbox.Options{WebhookURL: hook.URL, Throughput: -1})
	server := httptest.NewServer(s)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	post := func(path, body string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if response.Body.Close() != nil || err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s %s %v", path, body, response.Status, text, err)
		}
		return string(text)
	}
	post("/__sandbox/faults", `{"kind":"failed","code":131042,"delay":"2h","match":{"to":"+34600000001"}}`)
	post("/__sandbox/faults", `{"kind":"held","every":1,"code":132015,"delay":"1h","match":{"template":"hello_world"}}`)
	for i, held := range []bool{false, true, true} {
		answer := post(messagesPath, helloTo(fmt.Sprintf("3460000000%d", i+1)))
		if strings.Contains(answer, "held_for_quality_assessment") != held {
			t.Errorf("answer %d: %s", i+1, answer)
		}
	}
	count := func() int {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		return len(heard.statuses)
	}
	await := func(n int) {
		t.Helper()
		for count() < n {
			select {
			case <-arrived:
			case <-time.After(20 * time.Second):
				t.Fatalf("heard only %q", heard.story())
			}
		}
	}
	if count() != 0 {
		t.Errorf("too early: %q", heard.story())
	}
	post("/__sandbox/clock", `{"advance":"61m"}`)
	await(2)
	post("/__sandbox/clock", `{"advance":"61m"}`)
	await(3)
	var codes []int
	for _, st := range heard.statuses {
		codes = append(codes, st.Errors[0].Code)
	}
	if fmt.Sprint(codes) != "[132015 132015 131042]" || len(heard.errs) > 0 {
		t.Errorf("heard %q", heard.story())
	}
}
