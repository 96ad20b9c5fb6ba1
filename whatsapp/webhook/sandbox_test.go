package webhook_test

import (
	"context"
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

// The emulator signs and escapes as Meta does; the receiver believes it and finds everything it tells.
func TestAgainstTheSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var events []webhook.Event
		h := &webhook.Handler{
			Secrets: []string{sandbox.DefaultAppSecret},
			Receive: func(_ context.Context, _ []byte, event webhook.Event) error {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, event)
				return nil
			},
		}
		s := sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, Deliver: func(_ context.Context, body []byte, signature string) error {
			if w := post(h, body, signature); w.Code != 200 {
				t.Errorf("HTTP %d for %s", w.Code, body)
			}
			return nil
		}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		body := `{"messaging_product":"whatsapp","to":"+34612345678","type":"text","text":{"body":"x"},"biz_opaque_callback_data":"d/1é"}`
		r := httptest.NewRequest(http.MethodPost, "/v23.0/"+sandbox.DefaultPhoneNumberID+"/messages", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("HTTP %d %s", w.Code, w.Body)
		}
		if _, err := s.Receive(sandbox.Inbound{From: "34612345678", Text: "café 😀 a/b"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		words := map[string]int{}
		for _, event := range events {
			for _, status := range event.Statuses {
				if status.CallbackData != "d/1é" || status.RecipientID != "34612345678" || status.Timestamp.IsZero() {
					t.Errorf("got %+v", status)
				}
				words[status.Status]++
			}
			for _, message := range event.Messages {
				words[message.Body()]++
			}
			if len(event.Unread) > 0 {
				t.Errorf("unread: %+v", event.Unread)
			}
		}
		if words["sent"] != 1 || words["delivered"] != 1 || words["read"] != 1 || words["café 😀 a/b"] != 1 {
			t.Errorf("got %v", words)
		}
	})
}
