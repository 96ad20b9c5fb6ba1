package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// contactOf is the contact of an answer to a send.
func contactOf(t *testing.T, r reply) (waID, userID string) {
	t.Helper()
	var sent struct {
		Contacts []struct {
			WaID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		}
	}
	if err := json.Unmarshal(r.body, &sent); err != nil || len(sent.Contacts) != 1 {
		t.Fatalf("answer %s: %v", r.body, err)
	}
	return sent.Contacts[0].WaID, sent.Contacts[0].UserID
}

// One account has one wa_id and one user id, however its number is written, and another account has others.
func TestSpellingsOfOnePerson(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true})
	seen := map[string]string{}
	for _, spellings := range [][]string{
		{"+55 31 98888-8888", "+55 31 8888-8888"},
		{"+52 55 1234 5678", "+52 1 55 1234 5678"},
		{"+54 9 11 2345 6789", "+54 11 2345 6789", "+54 11 15 2345 6789"},
		{"+54 9 2966 412345", "+54 2966 15 412345"},
		{"+54 9 351 412 3456", "+54 351 15 412 3456"},
		{"+55 11 98765-4321"},
		{"+55 11 8765-4321"},
		{"+34 612 345 678"},
		{"+34 612 345 679"},
	} {
		waID, userID := contactOf(t, ask(t, s, http.MethodPost, messagesPath, text(spellings[0], "x")))
		if known := seen[userID]; known != "" {
			t.Errorf("%s has the user id of %s", spellings[0], known)
		}
		seen[userID] = spellings[0]
		for _, other := range spellings[1:] {
			if w, u := contactOf(t, ask(t, s, http.MethodPost, messagesPath, text(other, "x"))); w != waID || u != userID {
				t.Errorf("%s is %s %s, and %s is %s %s", spellings[0], waID, userID, other, w, u)
			}
		}
		if n := len(s.Messages(userID)); n != len(spellings) {
			t.Errorf("%d messages to %s, want %d", n, userID, len(spellings))
		}
	}
}

// What is sent to a user id reaches the person whose number it was made from.
func TestUserIDIsThePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		_, userID := contactOf(t, ask(t, s, http.MethodPost, messagesPath, helloTo("34612345678")))
		if err := s.OpenWindowFor("+34612345678", true); err != nil {
			t.Fatal(err)
		}
		ask(t, s, http.MethodPost, messagesPath,
			fmt.Sprintf(`{"messaging_product":"whatsapp","recipient":%q,"text":{"body":"x"}}`, userID))
		settle(time.Minute)
		if got := r.story(); strings.Count(got, "delivered") != 2 {
			t.Errorf("heard %s, want both delivered", got)
		}
		for i, body := range r.bodies {
			var note struct {
				Entry []struct {
					Changes []struct{ Value json.RawMessage }
				}
			}
			if err := json.Unmarshal(body, &note); err != nil {
				t.Fatal(err)
			}
			if text := string(note.Entry[0].Changes[0].Value); !strings.Contains(text, `"recipient_user_id":"`+userID+`"`) ||
				!strings.Contains(text, `"contacts":[{"profile":{"name":"Sandbox customer"},`) {
				t.Errorf("webhook %d lacks the user id or the contacts: %s", i, text)
			}
		}
	})
}

// A failed status names the person by ids alone.
func TestFailedStatusHasNoContact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		ask(t, s, http.MethodPost, messagesPath, helloTo("34555131026"))
		settle(time.Minute)
		all := fmt.Sprintf("%s", r.bodies)
		if strings.Contains(all, `"contacts"`) || !strings.Contains(all, `"recipient_id":"34555131026","recipient_user_id":"ES.`) {
			t.Errorf("heard %s", all)
		}
	})
}

// A marketing template to somebody who said stop fails until they resume; others, and other templates, arrive.
func TestMarketingStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		if _, err := s.AddTemplate(sandbox.Template{Name: "offer", Language: "en_US", Category: "MARKETING", Components: hello()}); err != nil {
			t.Fatal(err)
		}
		offer := func(to string) string { return strings.Replace(helloTo(to), "hello_world", "offer", 1) }
		heard := func(body string) string {
			t.Helper()
			r.statuses = nil
			if sent := ask(t, s, http.MethodPost, messagesPath, body); sent.status != http.StatusOK {
				t.Fatalf("refused: %s", sent.body)
			}
			settle(time.Minute)
			return r.story()
		}
		for _, step := range []struct{ user, marketing, body, want string }{
			{"+34612345678", "stop", offer("34612345678"), "failed/131050"},
			{"", "", offer("34612345679"), "sent"},
			{"", "", helloTo("34612345678"), "sent"},
			{"+34 612 345 678", "resume", offer("34612345678"), "sent"},
		} {
			if step.user != "" {
				body := fmt.Sprintf(`{"user":%q,"marketing":%q}`, step.user, step.marketing)
				if got := ask(t, s, http.MethodPost, "/__sandbox/preferences", body); got.status != http.StatusOK {
					t.Fatalf("%s: %s", body, got.body)
				}
			}
			if got := heard(step.body); !strings.HasPrefix(got, step.want+"@") {
				t.Errorf("after %s of %s: heard %q, want %s", step.marketing, step.user, got, step.want)
			}
		}
		told := slices.IndexFunc(r.bodies, func(b []byte) bool {
			return strings.Contains(string(b), `"field":"user_preferences"`) &&
				strings.Contains(string(b), `"user_preferences":[{"wa_id":"34612345678","user_id":"ES.`) &&
				strings.Contains(string(b), `"category":"marketing_messages","value":"stop","timestamp":946684800}]`)
		})
		if told < 0 {
			t.Errorf("no webhook told of the stop: %s", r.bodies)
		}
	})
}

func hello() []map[string]any { return []map[string]any{{"type": "BODY", "text": "Hello"}} }

// Somebody who hides the number is known by user id and user name alone.
func TestHiddenNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		_, userID := contactOf(t, ask(t, s, http.MethodPost, messagesPath, helloTo("34612345678")))
		settle(time.Minute)
		r.bodies = nil
		ask(t, s, http.MethodPost, "/__sandbox/inbound", `{"from":"+34612345678","name":"Ana","hidden":true,"text":"Hola"}`)
		ask(t, s, http.MethodPost, "/__sandbox/inbound", `{"from":"US.13491208655302741918","username":"sheena","text":"Hi"}`)
		ask(t, s, http.MethodPost, "/__sandbox/preferences", `{"user":"US.13491208655302741918","marketing":"stop"}`)
		settle(time.Second)
		all := fmt.Sprintf("%s", r.bodies)
		if strings.Contains(all, "34612345678") || strings.Contains(all, "wa_id") || strings.Contains(all, `"from"`) {
			t.Errorf("a number is told: %s", all)
		}
		for _, part := range []string{
			`"contacts":[{"profile":{"name":"Ana","username":"customer.`, `"from_user_id":"` + userID + `"`,
			`"contacts":[{"profile":{"name":"Sandbox customer","username":"sheena"},"user_id":"US.13491208655302741918"}]`,
			`"user_preferences":[{"user_id":"US.13491208655302741918","detail":"User requested to stop marketing messages"`,
		} {
			if !strings.Contains(all, part) {
				t.Errorf("no %s in %s", part, all)
			}
		}
	})
}

// As of a day before user ids there are none, and levers of the world after it say so.
func TestBeforeUserIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{AsOf: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)})
		if sent := ask(t, s, http.MethodPost, messagesPath, helloTo("34612345678")); strings.Contains(string(sent.body), "user_id") {
			t.Errorf("answer %s", sent.body)
		}
		ask(t, s, http.MethodPost, "/__sandbox/inbound", `{"from":"+34612345678","text":"Hola"}`)
		settle(time.Minute)
		if all := fmt.Sprintf("%s", r.bodies); strings.Contains(all, "user_id") || strings.Count(all, `"contacts"`) != 1 {
			t.Errorf("webhooks %s", all)
		}
		hidden := ask(t, s, http.MethodPost, "/__sandbox/inbound", `{"from":"+34612345678","hidden":true}`)
		if hidden.status != http.StatusBadRequest || !strings.Contains(string(hidden.body), "as of 2025-06-01 nobody") {
			t.Errorf("hidden: %d %s", hidden.status, hidden.body)
		}
		to := ask(t, s, http.MethodPost, messagesPath, `{"messaging_product":"whatsapp","recipient":"US.1","text":{"body":"x"}}`)
		if to.status != http.StatusBadRequest {
			t.Errorf("a send to a user id: %d %s", to.status, to.body)
		}
	})
}

// Whoever takes another number has another user id, and the message that says so names both.
func TestChangeNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{})
		_, before := contactOf(t, ask(t, s, http.MethodPost, messagesPath, helloTo("34612345678")))
		_, after := contactOf(t, ask(t, s, http.MethodPost, messagesPath, helloTo("34600000000")))
		drive(t, s, http.MethodPost, "number", `{"user":"+34612345678","number":"+34600000000"}`)
		settle(time.Minute)
		heard := r.read(t)
		if len(heard.Messages) != 1 {
			t.Fatalf("heard %+v", heard.Messages)
		}
		found := webhook.Event{Messages: heard.Messages}.Identities()
		if len(found) != 1 || found[0].Kind != webhook.IdentityNumber || found[0].PreviousWaID != "34612345678" || found[0].WaID != "34600000000" ||
			found[0].UserID != after || found[0].PreviousUserID != before || before == after {
			t.Errorf("identities %+v", found)
		}
		if got := r.fates(sendAll(t, s, text("+34612345678", "x"))); got != "131047" {
			t.Errorf("a system message opened the window: %s", got)
		}
	})
}

// A user id in "to" is taken and never delivered, without a word; the request log warns.
func TestUserIDInTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true})
		sendAll(t, s, text("US.13491208655302741918", "x"))
		if got := r.story(); got != "" {
			t.Errorf("heard %s", got)
		}
		if all := fmt.Sprint(s.Requests()); !strings.Contains(all, "it belongs in recipient") {
			t.Errorf("no warning in %s", all)
		}
	})
}
