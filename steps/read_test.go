package steps_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/steps"
	"waybill/whatsapp/webhook"
)

// hook records a webhook as the receiver would.
func (h *harness) hook(body string) {
	h.t.Helper()
	ev, err := webhook.Parse([]byte(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.ledger.Record(context.Background(), steps.Receive(ev, []byte(body), time.Now(), audience.NewWords())); err != nil {
		h.t.Fatal(err)
	}
}

func statusHook(word, at string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"777","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":"1555","phone_number_id":"555"},
		"statuses":[{"id":"wamid.A","status":"` + word + `","timestamp":"` + at + `","recipient_id":"34612345678"}]}}]}]}`
}

const history = `{"data":[{"id":"1","message_id":"wamid.A","events":{"data":[
	{"id":"2","delivery_status":"SENT","timestamp":1750030000},{"id":"3","delivery_status":"DELIVERED","timestamp":1750030073}]}}]}`

func TestStatusFromWebhooksFirst(t *testing.T) {
	h := newHarness(t)
	h.hook(statusHook("delivered", "1750030073"))
	h.hook(statusHook("sent", "1750030070"))
	out, s := h.run("  - getStatus: { messageId: wamid.A }")
	if out["status"] != "delivered" || out["timestamp"] != "2025-06-15T23:27:53Z" || len(out["events"].([]any)) != 2 {
		t.Errorf("outputs %v, errors %v", out, s.Errors)
	}
	if len(h.wire.asked) != 0 {
		t.Errorf("the API was asked %d times though the ledger knew", len(h.wire.asked))
	}
}

func TestStatusFromMessageHistory(t *testing.T) {
	h := newHarness(t)
	h.wire.answer = func(int, asked) (int, string) { return 200, history }
	out, s := h.run("  - getStatus: { messageId: wamid.A }")
	if out["status"] != "delivered" || out["timestamp"] != "2025-06-15T23:27:53Z" {
		t.Fatalf("outputs %v, errors %v", out, s.Errors)
	}
	got := h.wire.asked[0]
	query, err := url.ParseQuery(got.Query)
	if err != nil || got.Path != "/v25.0/555/message_history" || query.Get("message_id") != "wamid.A" || !strings.Contains(query.Get("fields"), "events{") {
		t.Errorf("asked %s ? %s", got.Path, got.Query)
	}
}

func TestStatusOfAnUnknownMessageFails(t *testing.T) {
	h := newHarness(t)
	h.wire.answer = func(int, asked) (int, string) { return 200, `{"data":[]}` }
	out, s := h.run("  - getStatus: { messageId: wamid.A }")
	if out["success"] != false || !strings.Contains(out["errorMessage"].(string), "waybill serve") {
		t.Errorf("outputs %v, errors %v", out, s.Errors)
	}
}

// Of two statuses that prove the same, getStatus and the ledger keep the same one: the earlier, whichever came first.
func TestOfEqualStatusesTheEarlierStays(t *testing.T) {
	for _, order := range [][2]string{{"read", "played"}, {"played", "read"}} {
		h := newHarness(t)
		h.hook(statusHook(order[0], "1750030070"))
		h.hook(statusHook(order[1], "1750030090"))
		out, s := h.run("  - getStatus: { messageId: wamid.A }")
		if out["status"] != order[0] || out["timestamp"] != time.Unix(1750030070, 0).UTC().Format(time.RFC3339) {
			t.Errorf("%s, then %s: %v, errors %v", order[0], order[1], out, s.Errors)
		}
		var stays delivery.Standing
		statuses, err := h.ledger.Statuses(t.Context(), "wamid.A")
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range statuses {
			stays = stays.Merge(status.Standing())
		}
		if !stays.At.Equal(time.Unix(1750030070, 0)) {
			t.Errorf("the core keeps the status of %s", stays.At)
		}
	}
}

func TestWaitWakesOnTheWebhook(t *testing.T) {
	h := newHarness(t)
	h.hook(statusHook("sent", "1750030070"))
	go func() {
		time.Sleep(300 * time.Millisecond)
		h.hook(statusHook("read", "1750030090"))
	}()
	began := time.Now()
	out, s := h.run("  - getStatus: { messageId: wamid.A, waitFor: delivered, waitTimeout: 20s }")
	if out["status"] != "read" || time.Since(began) > 5*time.Second {
		t.Errorf("outputs %v after %s, errors %v", out, time.Since(began), s.Errors)
	}
	if len(h.wire.asked) != 0 {
		t.Errorf("the API was asked %d times while webhooks came", len(h.wire.asked))
	}
}

func TestWaitEndsByItsTimeAndByFailure(t *testing.T) {
	h := newHarness(t)
	h.hook(statusHook("sent", "1750030070"))
	out, _ := h.run("  - getStatus: { messageId: wamid.A, waitFor: delivered, waitTimeout: 1000 }")
	if out["success"] != false || !strings.Contains(out["errorMessage"].(string), "waited 1s for delivered: it is sent") {
		t.Errorf("outputs %v", out)
	}
	h.hook(strings.Replace(statusHook("failed", "1750030099"), `"recipient_id"`, `"errors":[{"code":131026,"title":"Message undeliverable"}],"recipient_id"`, 1))
	out, _ = h.run("  - getStatus: { messageId: wamid.A, waitFor: delivered, waitTimeout: 10s }")
	if out["success"] != false || out["errorCode"] != 131026 {
		t.Errorf("outputs %v", out)
	}
}

func TestConversations(t *testing.T) {
	h := newHarness(t)
	h.wire.answer = func(int, asked) (int, string) {
		return 200, `{"conversation_analytics":{"data":[{"data_points":[
			{"start":1772323200,"end":1772409600,"conversation":10,"cost":0.1,"conversation_category":"UTILITY","phone_number":"34911"},
			{"start":1772409600,"end":1772496000,"conversation":5,"cost":0.2,"conversation_category":"MARKETING"}]}]},"id":"777"}`
	}
	out, s := h.run(`
  - listConversations: { startDate: "2026-03-01", endDate: 2026-03-31, phoneNumbers: ["+34 911 000 000"], dimensions: [CONVERSATION_CATEGORY], metricTypes: [COST, CONVERSATION] }`)
	if out["totalCount"] != 15 || out["cost"] != 0.3 || len(out["conversations"].([]any)) != 2 {
		t.Fatalf("outputs %v, errors %v", out, s.Errors)
	}
	got := h.wire.asked[0]
	query, err := url.ParseQuery(got.Query)
	want := `conversation_analytics.start(1772323200).end(1775001600).granularity(DAILY).phone_numbers(["34911000000"]).metric_types(["COST","CONVERSATION"]).dimensions(["CONVERSATION_CATEGORY"])`
	if err != nil || got.Path != "/v25.0/777" || query.Get("fields") != want {
		t.Errorf("asked %s fields=%s\nwant %s", got.Path, query.Get("fields"), want)
	}
}

func TestPricing(t *testing.T) {
	h := newHarness(t)
	h.wire.answer = func(int, asked) (int, string) {
		return 200, `{"pricing_analytics":{"data":[{"data_points":[{"start":1,"end":2,"volume":12,"cost":0.05,"country":"US","pricing_category":"UTILITY"}]}]},"id":"777"}`
	}
	out, s := h.run("  - listConversations: { startDate: \"2026-03-01\", endDate: \"2026-03-01\", source: pricing }")
	if out["totalCount"] != 12 || out["cost"] != 0.05 {
		t.Errorf("outputs %v, errors %v", out, s.Errors)
	}
	if !strings.Contains(h.wire.asked[0].Query, "pricing_analytics") {
		t.Errorf("asked %s", h.wire.asked[0].Query)
	}
}

func TestInbox(t *testing.T) {
	h := newHarness(t)
	out, _ := h.run("  - getMessages: {}")
	if out["success"] != false || !strings.Contains(out["errorMessage"].(string), "waybill serve") {
		t.Fatalf("an inbox that nothing ever reached answered %v", out)
	}
	h.hook(`{"object":"whatsapp_business_account","entry":[{"id":"777","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":"1555","phone_number_id":"555"},"contacts":[{"profile":{"name":"Ana"},"wa_id":"34612345678"}],
		"messages":[{"from":"34612345678","id":"wamid.1","timestamp":"1750000000","type":"text","text":{"body":"Sí"}},
			{"from":"34612345678","id":"wamid.1","timestamp":"1750000000","type":"text","text":{"body":"Sí"}},
			{"from":"34600000000","id":"wamid.2","timestamp":"1750000100","type":"button","button":{"payload":"P","text":"Confirm"},"context":{"id":"wamid.0"}},
			{"from":"34600000000","id":"wamid.3","timestamp":"1750000200","type":"hologram","hologram":{"x":1}}]}}]}]}`)
	for _, c := range []struct {
		step  string
		total int
		ids   string
	}{
		{"  - getMessages: {}", 3, "wamid.3 wamid.2 wamid.1"},
		{"  - getMessages: { contact: \"+34 612 345 678\" }", 1, "wamid.1"},
		{"  - getMessages: { since: 2025-06-15T15:08:20Z }", 2, "wamid.3 wamid.2"},
		{"  - getMessages: { limit: 1 }", 3, "wamid.3"},
		{"  - getMessages: { phoneNumberId: \"556\" }", 0, ""},
	} {
		out, s := h.run(c.step)
		var ids []string
		list, _ := out["messages"].([]any)
		for _, m := range list {
			ids = append(ids, m.(map[string]any)["id"].(string))
		}
		if out["totalCount"] != c.total || strings.Join(ids, " ") != c.ids {
			t.Errorf("%s: %v %v, want %d %s; errors %v", c.step, out["totalCount"], ids, c.total, c.ids, s.Errors)
		}
	}
	h.hook(hidden("wamid.4", "BR.1", "", "1750000300"))
	h.wantWritten("+34 612 345 678", 1, 1) // never paired: the fourth message may be theirs
	h.hook(hidden("wamid.5", "BR.1", "34612345678", "1750000400"))
	h.wantWritten("+34 612 345 678", 3, 0) // the fifth named them by both
	h.wantWritten("BR.1", 3, 0)
	h.wantWritten("+34600000000", 2, 0) // the one without a number is known to be another
	h.hook(hidden("wamid.6", "BR.2", "", "1750000500"))
	h.wantWritten("+34600000000", 2, 1)
	h.wantWritten("+34 612 345 678", 3, 0)
	if len(h.wire.asked) != 0 {
		t.Error("the API was asked for messages, and it has no such call")
	}
}

// What another responder's thread brings is in the inbox, marked, and wishes and presses are told apart from texts.
func TestReceiveReadsStandbyAndWishes(t *testing.T) {
	raw := []byte(`{"entry":[{"id":"777","changes":[{"field":"standby","value":{"metadata":{"phone_number_id":"555"},"standby":{
		"messages":[{"from":"34612345678","id":"wamid.1","timestamp":"1750000000","type":"button","button":{"payload":"BAJA","text":"No more"}}],
		"statuses":[{"id":"wamid.2","status":"sent","timestamp":"1750000000","recipient_id":"34612345678"}]}}},
		{"field":"user_preferences","value":{"metadata":{"phone_number_id":"555"},"user_preferences":[
			{"user_id":"ES.1","category":"marketing_messages","value":"stop","timestamp":1750000000},
			{"wa_id":"34612345678","category":"marketing_messages","value":"resume","timestamp":1750000001},
			{"wa_id":"34612345678","category":"marketing_messages","value":"ponder","timestamp":1750000002}]}}]}]}`)
	ev, err := webhook.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	got := steps.Receive(ev, raw, time.Now(), audience.NewWords("baja"))
	if len(got.Inbound) != 1 || !got.Inbound[0].Standby || got.Inbound[0].Payload != "BAJA" || got.Inbound[0].Text != "No more" || len(got.Statuses) != 1 {
		t.Errorf("inbound %+v, statuses %+v", got.Inbound, got.Statuses)
	}
	at := time.Unix(1750000000, 0)
	want := []engine.OptOut{
		{Person: "+34612345678", NumberID: "555", Scope: engine.ScopeAll, Source: engine.SourceWord, Word: "BAJA", At: at.UTC()},
		{Person: "ES.1", NumberID: "555", Scope: engine.ScopeMarketing, Source: engine.SourcePreference, At: at.UTC()},
		{Person: "+34612345678", NumberID: "555", Scope: engine.ScopeMarketing, Back: true, Source: engine.SourcePreference, At: at.Add(time.Second).UTC()},
	}
	if !slices.Equal(got.OptOuts, want) || len(got.Notices) != 1 {
		t.Errorf("opt-outs %+v, want %+v; %d notices", got.OptOuts, want, len(got.Notices))
	}
}

func TestReceiveReadsEveryKindOfStatus(t *testing.T) {
	for word, want := range map[string]delivery.State{
		"sent": delivery.Sent, "delivered": delivery.Delivered, "read": delivery.Read, "played": delivery.Read,
		"failed": delivery.Failed, "deleted": delivery.Accepted, "levitated": delivery.Accepted,
	} {
		raw := []byte(statusHook(word, "1750030073"))
		ev, err := webhook.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		report := steps.Receive(ev, raw, time.Now(), audience.NewWords("baja"))
		if len(report.Statuses) != 1 || report.Statuses[0].State != want || report.Statuses[0].Word != word {
			t.Errorf("%s: %+v", word, report.Statuses)
		}
	}
}

// hidden is the webhook of a message by a user id; the person's number is told beside it, or not.
func hidden(id, userID, number, at string) string {
	return `{"entry":[{"id":"777","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"555"},
		"contacts":[{"profile":{"name":"Ana","username":"ana.b"},"wa_id":"` + number + `","user_id":"` + userID + `"}],
		"messages":[{"from_user_id":"` + userID + `","from":"` + number + `","id":"` + id + `","timestamp":"` + at + `","type":"text","text":{"body":"Sí"}}]}}]}]}`
}

// wantWritten asks what a person wrote, and what nobody can tell whether they did.
func (h *harness) wantWritten(contact string, total, unattributed int) {
	h.t.Helper()
	out, s := h.run(`  - getMessages: { contact: "` + contact + `" }`)
	if out["totalCount"] != total || out["unattributed"] != unattributed {
		h.t.Errorf("%s wrote %v messages, and perhaps %v; want %d and %d; errors %v", contact, out["totalCount"], out["unattributed"], total, unattributed, s.Errors)
	}
}

// Case 08: the account that answers has another number than the one that was written to, as in Brazil.
func TestInboxOfAnotherSpelling(t *testing.T) {
	h := newHarness(t)
	if err := h.ledger.Learn(t.Context(), []engine.Identity{{Number: "+5531988888888", WaID: "+553188888888", NumberID: "555"}}); err != nil {
		t.Fatal(err)
	}
	h.hook(hidden("wamid.1", "BR.1", "553188888888", "1750000000"))
	h.hook(hidden("wamid.2", "BR.1", "", "1750000100"))
	for _, contact := range []string{"+55 31 98888-8888", "+55 31 8888-8888", "BR.1"} {
		h.wantWritten(contact, 2, 0)
	}
}

// Everything that names a person, and every way to leave, in the words of a webhook.
func TestReceiveTellsWhoLeft(t *testing.T) {
	const at = 1750000000
	when := time.Unix(at, 0).UTC()
	message := func(rest string) string {
		return `{"field":"messages","value":{"metadata":{"phone_number_id":"555"},"contacts":[{"wa_id":"34612345678","user_id":"ES.1","profile":{"username":"ana.b"}}],
			"messages":[{"from":"34612345678","from_user_id":"ES.1","id":"wamid.1","timestamp":"1750000000",` + rest + `}]}}`
	}
	failed := func(code, rest string) string {
		return `{"field":"messages","value":{"metadata":{"phone_number_id":"555"},"statuses":[{"id":"wamid.2","status":"failed","timestamp":"1750000000",
			` + rest + `"errors":[{"code":` + code + `}]}]}}`
	}
	both := engine.OptOut{Person: "+34612345678", Also: "ES.1", NumberID: "555", At: when}
	said := func(word string, back bool) *engine.OptOut {
		w := both
		w.Scope, w.Source, w.Word, w.Back = engine.ScopeAll, engine.SourceWord, word, back
		return &w
	}
	refusal := both
	refusal.Scope, refusal.Source = engine.ScopeMarketing, engine.SourceRefusal
	byID := refusal
	byID.Person, byID.Also = "ES.1", ""
	for _, c := range []struct {
		change string
		want   *engine.OptOut
	}{
		{message(`"type":"text","text":{"body":" stop. "}`), said(" stop. ", false)},
		{message(`"type":"text","text":{"body":"START"}`), said("START", true)},
		{message(`"type":"text","text":{"body":"please STOP"}`), nil},
		{message(`"type":"button","button":{"payload":"baja","text":"Leave me alone"}`), said("baja", false)},
		{message(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"17","title":"Stop"}}`), said("Stop", false)},
		{message(`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"STOP","title":"No more"}}`), said("STOP", false)},
		{message(`"type":"image","image":{"id":"1","caption":"STOP"}`), said("STOP", false)},
		{message(`"type":"edit","edit":{"original_message_id":"wamid.0","message":{"type":"text","text":{"body":"stop"}}}`), said("stop", false)},
		{message(`"type":"revoke","revoke":{"original_message_id":"wamid.0"}`), nil},
		{message(`"type":"reaction","reaction":{"message_id":"wamid.0","emoji":"stop"}`), nil},
		{failed("131050", `"recipient_id":"34612345678","recipient_user_id":"ES.1",`), &refusal},
		{failed("131050", `"recipient_user_id":"ES.1",`), &byID},
		{failed("131026", `"recipient_id":"34612345678","recipient_user_id":"ES.1",`), nil},
		{failed("131050", `"recipient_id":"120363","recipient_type":"group",`), nil},
		{`{"field":"user_preferences","value":{"user_preferences":[{"wa_id":"34612345678","category":"other","value":"stop"}]}}`, nil},
	} {
		raw := []byte(`{"entry":[{"id":"777","changes":[` + c.change + `]}]}`)
		ev, err := webhook.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		got := steps.Receive(ev, raw, time.Now(), audience.NewWords("Baja"))
		var want []engine.OptOut
		if c.want != nil {
			want = []engine.OptOut{*c.want}
		}
		if !slices.Equal(got.OptOuts, want) {
			t.Errorf("%s\n got %+v\nwant %+v", c.change, got.OptOuts, want)
		}
		if len(got.Inbound) == 1 {
			id := []engine.Identity{{WaID: "+34612345678", UserID: "ES.1", Username: "ana.b", NumberID: "555", At: when}}
			if !slices.Equal(got.Identities, id) {
				t.Errorf("identities %+v", got.Identities)
			}
		}
		if none := steps.Receive(ev, raw, time.Now(), audience.Words{}).OptOuts; c.want != nil && c.want.Source == engine.SourceWord && len(none) != 0 {
			t.Errorf("no word is known, and %+v is heard", none)
		}
	}
}

// A person who changes the number is known by the new one, and the old one is nobody's.
func TestReceiveChangedNumber(t *testing.T) {
	h := newHarness(t)
	h.hook(hidden("wamid.1", "ES.1", "34612345678", "1750000000"))
	h.hook(`{"entry":[{"id":"777","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"555"},"messages":[{"from":"34612345678",
		"from_user_id":"ES.1","id":"wamid.2","timestamp":"1750000100","type":"system","system":{"type":"user_changed_number","wa_id":"34600000001","user_id":"ES.1"}}]}}]}]}`)
	for id, want := range map[string]string{"ES.1": "ES.1 +34600000001", "+34612345678": "+34612345678"} {
		got, err := h.ledger.Person(t.Context(), id)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s is %v, %v; want %s", id, got, err, want)
		}
	}
}
