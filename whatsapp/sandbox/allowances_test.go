package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/sandbox"
)

// fates is what became of each message, by its last status: "free", "regular" or the code it failed with.
func (r *receiver) fates(ids []string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := map[string]string{}
	for _, st := range r.statuses {
		switch {
		case len(st.Errors) > 0:
			last[st.ID] = fmt.Sprint(st.Errors[0].Code)
		case st.Pricing != nil:
			last[st.ID] = strings.TrimSuffix(st.Pricing.Type, "_customer_service")
		}
	}
	var words []string
	for _, id := range ids {
		words = append(words, last[id])
	}
	return strings.Join(words, " ")
}

// sendAll sends each body and waits until its statuses are told.
func sendAll(t *testing.T, s *sandbox.Server, bodies ...string) []string {
	t.Helper()
	var ids []string
	for _, body := range bodies {
		sent := ask(t, s, http.MethodPost, messagesPath, body)
		if sent.status != http.StatusOK {
			t.Fatalf("refused: %s", sent.body)
		}
		ids = append(ids, sent.id())
	}
	settle(time.Minute)
	return ids
}

// Of the messages without a template those that were delivered count, 1000 a month; then they are charged, and fail where
// nobody can pay.
func TestFreeServiceMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{OpenWindow: true, Throughput: -1, NoPairLimit: true})
		var bodies []string
		for i := range 999 {
			bodies = append(bodies, text(fmt.Sprintf("+346%08d", i), "x"))
		}
		reaction := send(`"type":"reaction","reaction":{"message_id":"wamid.x","emoji":"😀"}`)
		bodies = append(bodies, text("+34555000002", "never delivered"), reaction, text("+34612345678", "the thousandth"), text("+34612345678", "one more"), reaction, helloTo("34612345678"))
		ids := sendAll(t, s, bodies...)
		if got := r.fates(ids[998:]); got != "free free free free regular free regular" {
			t.Errorf("the last messages are %q", got)
		}
		drive(t, s, http.MethodPost, "allowances", `{"paymentMethod":false}`)
		if got := r.fates(sendAll(t, s, text("+34612345678", "x"), helloTo("34612345678"))); got != "131042 regular" {
			t.Errorf("without a payment method: %q", got)
		}
		drive(t, s, http.MethodPost, "clock", `{"advance":"744h"}`)
		if got := r.fates(sendAll(t, s, text("+34612345678", "x"))); got != "free" {
			t.Errorf("in the next month: %q", got)
		}
		drive(t, s, http.MethodPost, "allowances", `{"freeServiceMessages":2,"paymentMethod":true}`)
		if got := r.fates(sendAll(t, s, text("+34612345678", "x"), text("+34612345678", "x"))); got != "free regular" {
			t.Errorf("with an allowance of two: %q", got)
		}
	})
}

func TestPricesOfEarlierDays(t *testing.T) {
	for _, test := range []struct {
		day                       time.Time
		service, utility, bodyHas string
	}{
		{
			time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), `"pricing":{"billable":false,"pricing_model":"CBP","category":"service"}`,
			`"pricing":{"billable":true,"pricing_model":"CBP","category":"utility"}`, `"conversation":{"id":"`,
		},
		{
			time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC), `"pricing":{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"service"}`,
			`"pricing":{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"utility"}`, `"contacts":[{"profile":`,
		},
		{
			time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), `"pricing":{"billable":false,"pricing_model":"PMP","type":"free_customer_service","category":"service"}`,
			`"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}`, `"contacts":[{"profile":`,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, r := running(t, sandbox.Options{OpenWindow: true, AsOf: test.day})
			sendAll(t, s, text("+34612345678", "x"))
			sendAll(t, s, helloTo("34612345678"))
			all := fmt.Sprintf("%s", r.bodies)
			for _, part := range []string{test.service, test.utility, test.bodyHas} {
				if !strings.Contains(all, part) {
					t.Errorf("as of %s no %s in %s", test.day.Format(time.DateOnly), part, all)
				}
			}
		})
	}
}

func TestPortfolioLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{NoPairLimit: true})
		drive(t, s, http.MethodPost, "allowances", `{"portfolio":2}`)
		if err := s.OpenWindowFor("+34600000009", true); err != nil {
			t.Fatal(err)
		}
		ids := sendAll(t, s, helloTo("34600000001"), helloTo("34600000001"), helloTo("34555131026"), helloTo("34600000002"),
			helloTo("34600000003"), helloTo("34600000001"), helloTo("34600000009"))
		if got := r.fates(ids); got != "regular regular 131026 regular 131048 regular regular" {
			t.Errorf("got %q", got)
		}
		drive(t, s, http.MethodPost, "clock", `{"advance":"25h"}`)
		if got := r.fates(sendAll(t, s, helloTo("34600000003"))); got != "regular" {
			t.Errorf("a day later: %q", got)
		}
		answer := ask(t, s, http.MethodGet, "/v25.0/"+sandbox.DefaultPhoneNumberID+"?fields=whatsapp_business_manager_messaging_limit", "")
		if !strings.Contains(string(answer.body), `"TIER_250"`) {
			t.Errorf("the number says %s", answer.body)
		}
	})
}

func TestMarketingPerUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := running(t, sandbox.Options{NoPairLimit: true})
		if _, err := s.AddTemplate(sandbox.Template{Name: "offer", Language: "en_US", Category: "MARKETING", Components: hello()}); err != nil {
			t.Fatal(err)
		}
		offer := func(to string) string { return strings.Replace(helloTo(to), "hello_world", "offer", 1) }
		drive(t, s, http.MethodPost, "allowances", `{"marketingPerUser":1}`)
		if got := r.fates(sendAll(t, s, offer("34600000001"), offer("34600000001"), helloTo("34600000001"), offer("34600000002"))); got != "regular 131049 regular regular" {
			t.Errorf("got %q", got)
		}
		drive(t, s, http.MethodPost, "inbound", `{"from":"+34600000001","text":"hi"}`)
		if got := r.fates(sendAll(t, s, offer("34600000001"))); got != "regular" {
			t.Errorf("inside the window: %q", got)
		}
		drive(t, s, http.MethodPost, "clock", `{"advance":"25h"}`)
		if got := r.fates(sendAll(t, s, offer("34600000001"), offer("34600000001"))); got != "regular 131049" {
			t.Errorf("a day later: %q", got)
		}
	})
}

func TestAllowancesRefuse(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	for _, body := range []string{`{"portfolio":-1}`, `{"people":1}`, `{"paymentMethod":1}`} {
		var said struct{ Error string }
		got := ask(t, s, http.MethodPost, "/__sandbox/allowances", body)
		if err := json.Unmarshal(got.body, &said); err != nil || got.status != http.StatusBadRequest || said.Error == "" {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

// Marketing templates may have an endpoint of their own, which takes nothing else, and an account may want them there alone.
func TestMarketingEndpoint(t *testing.T) {
	s := sandbox.New(sandbox.Options{OpenWindow: true, NoPairLimit: true})
	if _, err := s.AddTemplate(sandbox.Template{Name: "offer", Language: "en_US", Category: "MARKETING", Components: hello()}); err != nil {
		t.Fatal(err)
	}
	offer := strings.Replace(helloTo("34600000001"), "hello_world", "offer", 1)
	own := strings.Replace(messagesPath, "/messages", "/marketing_messages", 1)
	account := "/v25.0/" + sandbox.DefaultWABAID + "?fields=primary_funding_id,disable_marketing_messages_on_cloud_api"
	answers := func(want ...string) {
		t.Helper()
		for i, test := range [][2]string{{own, offer}, {own, helloTo("34600000001")}, {own, text("+34600000001", "x")}, {messagesPath, offer}, {messagesPath, helloTo("34600000001")}} {
			got := ask(t, s, http.MethodPost, test[0], test[1])
			if (want[i] == "") != (got.status == http.StatusOK) || !strings.Contains(string(got.body), want[i]) {
				t.Errorf("%s %s: %d %s, want %q", test[0], test[1], got.status, got.body, want[i])
			}
		}
	}
	answers("", `"code":134100`, `"code":131055`, "", "")
	if got := ask(t, s, http.MethodGet, account, ""); !strings.Contains(string(got.body), `"disable_marketing_messages_on_cloud_api":false`) ||
		!strings.Contains(string(got.body), `"primary_funding_id":"`) {
		t.Errorf("account %s", got.body)
	}
	drive(t, s, http.MethodPost, "allowances", `{"marketingOnMessages":false,"paymentMethod":false}`)
	answers("", `"code":134100`, `"code":131055`, `"code":131063`, "")
	if got := ask(t, s, http.MethodGet, account, ""); !strings.Contains(string(got.body), `"disable_marketing_messages_on_cloud_api":true`) ||
		strings.Contains(string(got.body), `"primary_funding_id"`) {
		t.Errorf("account %s", got.body)
	}
}

// A template that WhatsApp made cannot be sent by name, and the list tells it apart.
func TestGeneratedTemplate(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	drive(t, s, http.MethodPost, "templates", `{"name":"auto_generated_1","language":"en_US","category":"UTILITY","source":"AUTO_GENERATED","correct_category":"MARKETING",
		"components":[{"type":"BODY","text":"Hello"}]}`)
	if got := ask(t, s, http.MethodPost, messagesPath, template("auto_generated_1", "en_US", "")); !strings.Contains(string(got.body), `"code":132018`) {
		t.Errorf("sent: %d %s", got.status, got.body)
	}
	list := func(query string) string {
		return string(ask(t, s, http.MethodGet, "/v25.0/"+sandbox.DefaultWABAID+"/message_templates?fields=name,source,correct_category&"+query, "").body)
	}
	if got := list("source=AUTO_GENERATED"); strings.Count(got, `"name"`) != 1 || !strings.Contains(got, `"correct_category":"MARKETING"`) {
		t.Errorf("generated: %s", got)
	}
	if got := list("source=MANUAL&limit=100"); strings.Contains(got, "auto_generated_1") || !strings.Contains(got, `"source":"MANUAL"`) {
		t.Errorf("made by hand: %s", got)
	}
}
