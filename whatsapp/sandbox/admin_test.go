package sandbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

func TestDriving(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	steps := []struct{ method, name, body, want string }{
		{http.MethodGet, "state", "", `"throughput":80`},
		{http.MethodPost, "window", `{"open":true}`, `"openWindow":true`},
		{http.MethodPost, "window", `{"to":"+34612345678","open":false}`, `"openWindow":true`},
		{http.MethodPost, "throughput", `{"perSecond":5,"pairLimit":false}`, `"throughput":5,"pairLimit":false`},
		{http.MethodPost, "clock", `{"speed":60}`, `"speed":60`},
		{http.MethodPost, "webhook", `{"url":"http://127.0.0.1:1/hook"}`, `"webhook":"http://127.0.0.1:1/hook"`},
		{http.MethodPost, "answers", `{"every":3,"text":"Ok","delay":"2s"}`, `"queued":0`},
		{http.MethodPost, "inbound", `{"from":"+34612345678","type":"image","content":{"id":"1","mime_type":"image/jpeg"}}`, `"id":"wamid.`},
		{http.MethodPost, "faults", `{"kind":"latency","delay":"1ms","times":5}`, `"id":"fault-1","kind":"latency","times":5,"matched":0,"fired":0,"delay":"1ms"`},
		{http.MethodGet, "faults", "", `"fault-1"`},
		{http.MethodDelete, "faults", "", `[]`},
		{http.MethodGet, "templates", "", `"appointment_reminder"`},
		{http.MethodPost, "reset", "", `"accepted":0`},
		{http.MethodGet, "state", "", `"throughput":80`},
	}
	for _, step := range steps {
		if got := string(drive(t, s, step.method, step.name, step.body)); !strings.Contains(got, strings.TrimSpace(step.want)) && step.want != "[]" {
			t.Errorf("%s %s %s\ngot  %s\nwant %s", step.method, step.name, step.body, got, step.want)
		}
	}
	for body, name := range map[string]string{
		`{"advance":"-1h"}`: "clock", `{"speed":-1}`: "clock", `{"forward":"1h"}`: "clock", `{"from":"nobody"}`: "inbound",
		`{"from":"+34612345678","type":"image"}`: "inbound", `{"to":"nobody"}`: "window", `{"name":"x"}`: "templates",
	} {
		if got := ask(t, s, http.MethodPost, "/__sandbox/"+name, body); got.status != http.StatusBadRequest {
			t.Errorf("%s %s: got %d, want 400", name, body, got.status)
		}
	}
	if got := ask(t, s, http.MethodGet, "/__sandbox/nothing", ""); got.status != http.StatusNotFound {
		t.Errorf("unknown path: %d", got.status)
	}
}

func TestMessagesAndRequestsTellWhatHappened(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true})
	body := send(`"biz_opaque_callback":"typo","text":{"body":"uno"}`)
	id := ask(t, s, http.MethodPost, messagesPath+"?access_token=hidden", body).id()
	ask(t, s, http.MethodPost, messagesPath, text("+34612345679", "dos"))
	ask(t, s, http.MethodPost, messagesPath, text("nobody", "tres"))
	var list struct {
		Messages []sandbox.Message
		Total    int
	}
	if err := json.Unmarshal(drive(t, s, http.MethodGet, "messages?to=%2B34612345678", ""), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Messages) != 1 || list.Messages[0].ID != id || list.Messages[0].Text != "uno" || string(list.Messages[0].Payload) != body || list.Total != 2 {
		t.Errorf("messages %+v", list)
	}
	if got := string(drive(t, s, http.MethodGet, "recipients", "")); got != `{"recipients":[{"to":"34612345678","count":1},{"to":"34612345679","count":1}],"total":2}` {
		t.Errorf("recipients %s", got)
	}
	got := s.Requests()
	if len(got) != 3 || got[2].Code != 131009 || got[2].Accepted || !got[0].Accepted || len(got[0].Warnings) != 1 || !strings.Contains(got[0].Warnings[0], "biz_opaque_callback") {
		t.Errorf("requests %+v", got)
	}
	if all := string(drive(t, s, http.MethodGet, "requests", "")); strings.Contains(all, "hidden") || strings.Contains(all, sandbox.DefaultToken) {
		t.Errorf("a token is in the request log: %s", all)
	}
}

func TestMessageIDsHaveTheRealShape(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, Throughput: -1, NoPairLimit: true})
	seen := map[string]bool{}
	for range 1000 {
		id := ask(t, s, http.MethodPost, messagesPath, text("+34612345678", "x")).id()
		if seen[id] {
			t.Fatalf("%s was given twice", id)
		}
		seen[id] = true
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(id, "wamid."))
		if err != nil || !bytes.HasPrefix(raw, []byte("\x1C\x18\x0B34612345678\x15\x02\x00\x11\x18\x12")) || len(raw) != 3+11+6+18+1 || raw[len(raw)-1] != 0 {
			t.Fatalf("%s decodes to %q: %v", id, raw, err)
		}
	}
}

// anyUserID is a user id that the sandbox makes; those of the tests begin with US.
var anyUserID = regexp.MustCompile(`"(ES|MX|BR|AR)\.[0-9]{18,20}"`)

func TestMessageIDOfUserID(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true})
	id := ask(t, s, http.MethodPost, messagesPath, `{"messaging_product":"whatsapp","recipient":"US.134","text":{"body":"x"}}`).id()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(id, "wamid."))
	if err != nil || !bytes.HasPrefix(raw, []byte("\x1C\x18\x06US.134\x15\x14\x00\x11\x18\x12")) {
		t.Errorf("%s decodes to %q: %v", id, raw, err)
	}
}

func TestAnswerShape(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true})
	for body, want := range map[string]string{
		text("+34 612-345 (678)", "x"):       `{"messaging_product":"whatsapp","contacts":[{"input":"+34 612-345 (678)","wa_id":"34612345678","user_id":"ES.ID"}],"messages":[{"id":"ID"}]}`,
		template("hello_world", "en_US", ""): `{"messaging_product":"whatsapp","contacts":[{"input":"+34612345678","wa_id":"34612345678","user_id":"ES.ID"}],"messages":[{"id":"ID","message_status":"accepted"}]}`,
		text("+525512345678", "x"):           `{"messaging_product":"whatsapp","contacts":[{"input":"+525512345678","wa_id":"5215512345678","user_id":"MX.ID"}],"messages":[{"id":"ID"}]}`,
		text("+55 31 98888-8888", "x"):       `{"messaging_product":"whatsapp","contacts":[{"input":"+55 31 98888-8888","wa_id":"553188888888","user_id":"BR.ID"}],"messages":[{"id":"ID"}]}`,
		text("+5511987654321", "x"):          `{"messaging_product":"whatsapp","contacts":[{"input":"+5511987654321","wa_id":"5511987654321","user_id":"BR.ID"}],"messages":[{"id":"ID"}]}`,
		text("+54 11 15 2345-6789", "x"):     `{"messaging_product":"whatsapp","contacts":[{"input":"+54 11 15 2345-6789","wa_id":"5491123456789","user_id":"AR.ID"}],"messages":[{"id":"ID"}]}`,
		`{"messaging_product":"whatsapp","recipient":"US.13491208655302741918","text":{"body":"x"}}`:                 `{"messaging_product":"whatsapp","contacts":[{"input":"US.13491208655302741918","user_id":"US.13491208655302741918"}],"messages":[{"id":"ID"}]}`,
		`{"messaging_product":"whatsapp","status":"read","message_id":"wamid.x","typing_indicator":{"type":"text"}}`: `{"success":true}`,
	} {
		got := ask(t, s, http.MethodPost, messagesPath, body)
		if answer := anyUserID.ReplaceAllString(strings.ReplaceAll(string(got.body), got.id(), "ID"), `"${1}.ID"`); got.id() != "" && answer != want || got.id() == "" && string(got.body) != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, answer, want)
		}
	}
}

// Many at once: nobody is lost, nobody is counted twice, and the limit holds.
func TestManyAtOnce(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, Throughput: -1})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 250 {
				if _, err := try(s, http.MethodPost, messagesPath, text(fmt.Sprintf("+346%02d%06d", worker, i), "x")); err != nil {
					t.Error(err)
				}
				if i%50 == 0 {
					_, _ = try(s, http.MethodGet, "/__sandbox/messages?limit=5", "")
					_, _ = try(s, http.MethodGet, "/v23.0/"+sandbox.DefaultPhoneNumberID+"/message_history", "")
				}
			}
		})
	}
	group.Wait()
	if state := s.State(); state.Accepted != 2000 || state.Recipients != 2000 {
		t.Errorf("state %+v, want 2000 messages to as many people", state)
	}
}

func BenchmarkSend(b *testing.B) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, Throughput: -1, Now: time.Now})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		request, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://graph.facebook.com"+messagesPath, strings.NewReader(text(fmt.Sprintf("+346%08d", i), "x")))
		request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
		if _, err := do(s, request); err != nil {
			b.Fatal(err)
		}
	}
}
