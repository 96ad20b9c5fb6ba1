package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

// read is everything that was heard, as the parser of webhooks reads it.
func (r *receiver) read(t *testing.T) webhook.Event {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all webhook.Event
	for _, body := range r.bodies {
		ev, err := webhook.Parse(body)
		if err != nil || len(ev.Unread) > 0 {
			t.Errorf("%s: %v %+v", body, err, ev.Unread)
		}
		all.Statuses = append(all.Statuses, ev.Statuses...)
		all.Messages = append(all.Messages, ev.Messages...)
		all.Echoes = append(all.Echoes, ev.Echoes...)
		all.Preferences = append(all.Preferences, ev.Preferences...)
		all.Handovers = append(all.Handovers, ev.Handovers...)
	}
	return all
}

// Templates are held until somebody decides; the rest goes its way.
func TestWave(t *testing.T) {
	for word, want := range map[string]string{"release": "regular regular free", "drop": "132015 132015 free"} {
		synctest.Test(t, func(t *testing.T) {
			s, r := running(t, sandbox.Options{OpenWindow: true})
			drive(t, s, http.MethodPost, "wave", `{"wave":"hold"}`)
			answer := ask(t, s, http.MethodPost, messagesPath, helloTo("34600000001"))
			if !strings.Contains(string(answer.body), `"message_status":"held_for_quality_assessment"`) {
				t.Errorf("answer %s", answer.body)
			}
			ids := append([]string{answer.id()}, sendAll(t, s, helloTo("34600000002"), text("+34600000003", "x"))...)
			settle(24 * time.Hour)
			if got := r.fates(ids); got != "  free" {
				t.Errorf("while held: %q", got)
			}
			drive(t, s, http.MethodPost, "wave", `{"wave":"`+word+`"}`)
			settle(time.Minute)
			if got := r.fates(ids); got != want {
				t.Errorf("after %s: %q, want %q", word, got, want)
			}
			if got := r.fates(sendAll(t, s, helloTo("34600000001"))); got != "regular" {
				t.Errorf("the next one: %q", got)
			}
		})
	}
}

// What is written into another responder's thread comes as standby and opens no window; a message without a template takes the
// thread over.
func TestThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{NoPairLimit: true})
		drive(t, s, http.MethodPost, "thread", `{"user":"+34612345678","owner":"other","says":"Hello, I am an agent"}`)
		drive(t, s, http.MethodPost, "inbound", `{"from":"+34612345678","text":"STOP"}`)
		settle(time.Second)
		heard := r.read(t)
		if len(heard.Messages) != 1 || !heard.Messages[0].Standby || heard.Messages[0].Body() != "STOP" || heard.Messages[0].Contact.Name == "" ||
			len(heard.Echoes) != 1 || heard.Echoes[0].To != "34612345678" {
			t.Errorf("heard %+v, %+v", heard.Messages, heard.Echoes)
		}
		if len(heard.Handovers) != 1 || heard.Handovers[0].Type != "control_passed" || heard.Handovers[0].NewOwner != "ai_agent" ||
			heard.Handovers[0].WaID != "34612345678" || heard.Handovers[0].PhoneNumberID != sandbox.DefaultPhoneNumberID {
			t.Errorf("handovers %+v", heard.Handovers)
		}
		if got := r.fates(sendAll(t, s, helloTo("34612345678"), text("+34612345678", "x"))); got != "regular 131047" {
			t.Errorf("a template and a text after a standby message: %q", got)
		}
		heard = r.read(t)
		if n := len(heard.Handovers); n != 2 || heard.Handovers[1].Type != "control_taken" || heard.Handovers[1].NewOwner != "escalation" {
			t.Errorf("handovers %+v", heard.Handovers)
		}
		drive(t, s, http.MethodPost, "inbound", `{"from":"+34612345678","text":"and now?"}`)
		settle(time.Second)
		if heard = r.read(t); heard.Messages[1].Standby {
			t.Error("the thread was taken over, and its message is still standby")
		}
		if got := r.fates(sendAll(t, s, text("+34612345678", "x"))); got != "free" {
			t.Errorf("a text after it: %q", got)
		}
		drive(t, s, http.MethodPost, "thread", `{"user":"+34600000001","owner":"other"}`)
		drive(t, s, http.MethodPost, "clock", `{"advance":"25h"}`)
		drive(t, s, http.MethodPost, "inbound", `{"from":"+34600000001","text":"a day later"}`)
		settle(time.Second)
		if heard = r.read(t); heard.Messages[2].Standby {
			t.Error("an idle thread is still another responder's")
		}
	})
}

// What people do by themselves, for those who cannot reach the back door.
func TestHabits(t *testing.T) {
	for number, want := range map[string]string{
		"34555000006": "34555000006 true STOP false",
		"34555000008": " true Thank you! false",
		"34555000009": "34555000009 true Thank you! true",
	} {
		synctest.Test(t, func(t *testing.T) {
			s, r := running(t, sandbox.Options{})
			sendAll(t, s, helloTo(number))
			heard := r.read(t)
			if len(heard.Messages) != 1 {
				t.Fatalf("%s wrote %+v", number, heard.Messages)
			}
			m := heard.Messages[0]
			if got := fmt.Sprint(m.From, " ", m.FromUserID != "", " ", m.Body(), " ", m.Standby); got != want {
				t.Errorf("%s: %q, want %q", number, got, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{NoPairLimit: true})
		if _, err := s.AddTemplate(sandbox.Template{Name: "offer", Language: "en_US", Category: "MARKETING", Components: hello()}); err != nil {
			t.Fatal(err)
		}
		offer := strings.Replace(helloTo("34555000007"), "hello_world", "offer", 1)
		first, second := sendAll(t, s, offer), sendAll(t, s, offer)
		if got := r.fates(append(first, second...)); got != "regular 131050" {
			t.Errorf("marketing to somebody who stops it: %q", got)
		}
		if heard := r.read(t); len(heard.Preferences) != 1 || heard.Preferences[0].Value != webhook.PreferenceStop || heard.Preferences[0].WaID != "34555000007" {
			t.Errorf("wishes %+v", heard.Preferences)
		}
	})
}

func TestLeversRefuse(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	for _, lever := range [][2]string{
		{"wave", `{"wave":"ebb"}`},
		{"wave", `{}`},
		{"thread", `{"user":"+34612345678"}`},
		{"thread", `{"user":"nobody","owner":"other"}`},
		{"thread", `{"user":"+34612345678","owner":"business","says":"x"}`},
		{"preferences", `{"user":"+34612345678","marketing":"maybe"}`},
		{"preferences", `{"user":"","marketing":"stop"}`},
		{"inbound", `{"from":"x","text":"x"}`},
		{"nothing", `{}`},
	} {
		if got := ask(t, s, http.MethodPost, "/__sandbox/"+lever[0], lever[1]); got.status == http.StatusOK || !strings.Contains(string(got.body), `"error"`) {
			t.Errorf("%s %s: %d %s", lever[0], lever[1], got.status, got.body)
		}
	}
	old := sandbox.New(sandbox.Options{AsOf: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err := old.SetThread(sandbox.Thread{User: "+34612345678", Owner: sandbox.OwnerOther}); err == nil || !strings.Contains(err.Error(), "2025-06-01") {
		t.Errorf("a thread before there were any: %v", err)
	}
}

// Every lever of the list is there: its number does something, and its calls are taken.
func TestListedLevers(t *testing.T) {
	for _, lever := range sandbox.Levers() {
		if lever.Number == "" && lever.Call == "" || lever.What == "" {
			t.Errorf("%+v asks for nothing", lever)
		}
		if lever.Number != "" {
			synctest.Test(t, func(t *testing.T) {
				usual, usually := running(t, sandbox.Options{OpenWindow: true})
				asked, heard := running(t, sandbox.Options{OpenWindow: true})
				ask(t, usual, http.MethodPost, messagesPath, helloTo("34612345678"))
				answer := ask(t, asked, http.MethodPost, messagesPath, helloTo("34"+lever.Number))
				settle(time.Hour)
				if answer.status == http.StatusOK && heard.story() == usually.story() && len(heard.bodies) == len(usually.bodies) {
					t.Errorf("%s (%s): nothing happens", lever.Number, lever.What)
				}
			})
		}
		name, calls, _ := strings.Cut(lever.Call, " ")
		if strings.HasPrefix(name, "--") || name == "" {
			continue
		}
		s := sandbox.New(sandbox.Options{})
		for body := range strings.SplitSeq(calls, " … ") {
			body = strings.ReplaceAll(body, "+34…", "+34612345678")
			if got := ask(t, s, http.MethodPost, "/__sandbox/"+name, body); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", lever.Call, got.status, got.body)
			}
		}
	}
}
