package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"waybill/whatsapp/webhook"
)

func TestHandshake(t *testing.T) {
	ask := func(h *webhook.Handler, query url.Values) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/webhooks?"+query.Encode(), nil))
		return w
	}
	good := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"0084<b>"}, "hub.verify_token": {"my-token"}}
	w := ask(&webhook.Handler{VerifyToken: "my-token"}, good)
	if w.Code != 200 || w.Body.String() != "0084<b>" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
	for name, test := range map[string]struct{ token, member, value string }{
		"another token":    {"my-token", "hub.verify_token", "other"},
		"a longer token":   {"my-token", "hub.verify_token", "my-token1"},
		"no token":         {"my-token", "hub.verify_token", ""},
		"another mode":     {"my-token", "hub.mode", "unsubscribe"},
		"none is set":      {"", "hub.verify_token", ""},
		"a long challenge": {"my-token", "hub.challenge", strings.Repeat("1", 5000)},
	} {
		query := url.Values{}
		maps.Copy(query, good)
		query.Set(test.member, test.value)
		if w := ask(&webhook.Handler{VerifyToken: test.token}, query); w.Code != 403 || strings.Contains(w.Body.String(), "0084") {
			t.Errorf("%s: got %d %q", name, w.Code, w.Body)
		}
	}
}

func post(h *webhook.Handler, body []byte, signature string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/webhooks", bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("X-Hub-Signature-256", signature)
	}
	h.ServeHTTP(w, r)
	return w
}

func TestCallback(t *testing.T) {
	body := []byte(vectorA)
	var log bytes.Buffer
	calls := 0
	h := &webhook.Handler{
		Secrets: []string{"new", "old"}, Log: slog.New(slog.NewTextHandler(&log, nil)), MaxBytes: 1000,
		Receive: func(_ context.Context, raw []byte, event webhook.Event) error {
			calls++
			if !bytes.Equal(raw, body) || event.Object != "whatsapp_business_account" || len(event.Changes) != 1 {
				t.Errorf("got %q, %+v", raw, event)
			}
			return nil
		},
	}
	for name, test := range map[string]struct {
		body      []byte
		signature string
		status    int
		calls     int
	}{
		"good":          {body, webhook.Sign("new", body), 200, 1},
		"old secret":    {body, webhook.Sign("old", body), 200, 1},
		"absent":        {body, "", 401, 0},
		"wrong":         {body, webhook.Sign("other", body), 401, 0},
		"another body":  {[]byte(vectorB), webhook.Sign("new", body), 401, 0},
		"too large":     {make([]byte, 1001), webhook.Sign("new", make([]byte, 1001)), 413, 0},
		"empty, absent": {nil, "", 401, 0},
	} {
		calls = 0
		if w := post(h, test.body, test.signature); w.Code != test.status || calls != test.calls {
			t.Errorf("%s: HTTP %d, %d calls, want %d, %d", name, w.Code, calls, test.status, test.calls)
		}
	}
	if strings.Contains(log.String(), "new") || strings.Contains(log.String(), "caf") {
		t.Errorf("the log shows too much: %s", &log)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/webhooks", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

// A callback that was not stored is asked for again; one that is signed and cannot be read is kept.
func TestCallbackIsDurableOrRepeated(t *testing.T) {
	body := []byte(vectorA)
	h := &webhook.Handler{Secrets: []string{"s"}, Receive: func(context.Context, []byte, webhook.Event) error { return errors.New("the disk is full") }}
	if w := post(h, body, webhook.Sign("s", body)); w.Code != 503 || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	h.Receive = nil
	if w := post(h, body, webhook.Sign("s", body)); w.Code != 503 {
		t.Errorf("got %d", w.Code)
	}
	odd := []byte("\x00 no JSON")
	kept := false
	h.Receive = func(_ context.Context, raw []byte, event webhook.Event) error {
		kept = bytes.Equal(raw, odd) && len(event.Unread) == 1 && event.Unread[0].Path == "$" && errors.Is(event.Unread[0].Err, webhook.ErrNotEvent)
		return nil
	}
	if w := post(h, odd, webhook.Sign("s", odd)); w.Code != 200 || !kept {
		t.Errorf("got %d, kept: %t", w.Code, kept)
	}
	if w := post(&webhook.Handler{Receive: h.Receive}, body, webhook.Sign("", body)); w.Code != 401 {
		t.Errorf("without secrets: got %d", w.Code)
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCallbackCutShort(t *testing.T) {
	w := httptest.NewRecorder()
	h := &webhook.Handler{Secrets: []string{"s"}, Receive: func(context.Context, []byte, webhook.Event) error { t.Error("received"); return nil }}
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/webhooks", cut{}))
	if w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
}
