package webhook_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"waybill/whatsapp/webhook"
)

// Whatever the body: no panic, and every item's bytes are JSON that stands in the body.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		vectorA, vectorB, `{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":1,"timestamp":"1"}],"messages":[{"type":"order","order":{"product_items":[{}]}}]}}]}]}`,
		`{"entry":[{"changes":[{"field":"standby","value":{"contacts":[{"wa_id":"1"}],"standby":{"messages":[{"id":"a","type":"text"}],"message_echoes":[{"id":"b","message":{"to":"1"}}]}}},
			{"field":"user_preferences","value":{"user_preferences":[{"wa_id":"1","value":"stop","timestamp":1}]}},
			{"field":"messaging_handovers","value":{"type":"control_passed","sender":{"phone_number":"1"},"control_passed":{"new_owner_role":"x"}}}]}]}`,
		`{"entry":[null]}`, `{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a","type":"id"}],"contacts":[{}]}}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := webhook.Parse(body)
		if err != nil {
			return
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, body); err != nil {
			t.Fatalf("parsed, though it is no JSON: %v", err)
		}
		whole := func(raw json.RawMessage) {
			var part bytes.Buffer
			if len(raw) == 0 {
				return
			}
			if err := json.Compact(&part, raw); err != nil || !bytes.Contains(compact.Bytes(), part.Bytes()) {
				t.Fatalf("%q is not in the body: %v", raw, err)
			}
		}
		for _, s := range event.Statuses {
			whole(s.Raw)
		}
		for _, m := range event.Messages {
			whole(m.Raw)
			whole(m.Content)
			_ = m.Body()
		}
		for _, e := range event.Echoes {
			whole(e.Raw)
		}
		for _, p := range event.Preferences {
			whole(p.Raw)
		}
		for _, h := range event.Handovers {
			whole(h.Raw)
		}
		_ = event.Identities()
		for _, c := range event.Changes {
			whole(c.Value)
		}
		for _, u := range event.Unread {
			whole(u.Raw)
			if u.Path == "" || u.Err == nil {
				t.Fatalf("got %+v", u)
			}
		}
	})
}

// A signature is right for its own body and secret and for nothing else.
func FuzzVerify(f *testing.F) {
	f.Add("app-secret-1", []byte(vectorA), "sha256=f5df52d090cc13b9aa4326d6c24f891c067eccac6cbb900f3125af40998b8ab3")
	f.Add("s", []byte{}, "sha256=")
	f.Fuzz(func(t *testing.T, secret string, body []byte, header string) {
		signature := webhook.Sign(secret, body)
		if got, want := webhook.Verify([]string{"other secret", secret}, signature, body), secret != ""; got != want {
			t.Fatalf("its own signature: %t", got)
		}
		if webhook.Verify([]string{secret}, signature, append(bytes.Clone(body), 'x')) {
			t.Fatal("a longer body passes")
		}
		if webhook.Verify([]string{secret}, header, body) && !bytes.EqualFold([]byte(header), []byte(signature)) {
			t.Fatalf("%q passes", header)
		}
	})
}
