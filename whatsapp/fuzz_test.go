package whatsapp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"waybill/whatsapp"
)

// Whatever is answered: accepted with an id that stands in the answer, or an error on one line without the token
// that says that the request left.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/json", accepted)
	f.Add(200, "application/json", `{"contacts":[{"input":"+1"}],"messages":[{"id":"wamid.1","message_status":"paused"}]}`)
	f.Add(400, "application/json", `{"error":{"code":131056,"error_data":{"details":"x"},"is_transient":true}}`)
	f.Add(502, "text/html", "<html>")
	f.Add(401, "application/json", `{"error":{"code":190,"message":"`+canary+`"}}`)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		if status < 200 || status > 599 {
			return // a transport does not hand these on
		}
		c, err := whatsapp.New(whatsapp.Config{Token: testToken, Transport: carrier{func(*http.Request, []byte) (*http.Response, error) {
			return reply(status, kind, body), nil
		}}})
		if err != nil {
			t.Fatal(err)
		}
		sent, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
		if err == nil {
			quoted, _ := json.Marshal(sent.MessageID)
			if status > 299 || sent.MessageID == "" || sent.Status == "" || !json.Valid([]byte(body)) || len(quoted) > len(body)*6 {
				t.Fatalf("HTTP %d %q: got %+v", status, body, sent)
			}
			return
		}
		failure := failureOf(t, err)
		if !failure.Sent || failure.Status != status || failure.RetryAfter < 0 || strings.Contains(failure.Page+failure.Details+failure.Title, canary) {
			t.Fatalf("HTTP %d %q: got %+v", status, body, failure)
		}
		if _, err := c.Templates(t.Context(), "1", whatsapp.TemplateFilter{}); err != nil && !errors.As(err, &failure) {
			t.Fatalf("a read fails with %T", err)
		}
	})
}
