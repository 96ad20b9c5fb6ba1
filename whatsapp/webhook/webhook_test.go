package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp/webhook"
)

const (
	vectorA = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"t":"caf\u00e9 \ud83d\ude00 a\/b"}}]}]}`
	vectorB = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"t":"café 😀 a/b"}}]}]}`
)

func TestSignatureVectors(t *testing.T) {
	for body, want := range map[string]string{
		vectorA: "sha256=f5df52d090cc13b9aa4326d6c24f891c067eccac6cbb900f3125af40998b8ab3",
		vectorB: "sha256=adebcd1a69369409ae7eec7ab0443b0a4259340e50954aa66fee0b09ed48889a",
	} {
		if got := webhook.Sign("app-secret-1", []byte(body)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if len(vectorA) != 136 || len(vectorB) != 123 {
		t.Errorf("the vectors have %d and %d bytes", len(vectorA), len(vectorB))
	}
}

func TestVerify(t *testing.T) {
	body := []byte(vectorA)
	good := webhook.Sign("new", body)
	old := webhook.Sign("old", body)
	for _, test := range []struct {
		name    string
		secrets []string
		header  string
		want    bool
	}{
		{"good", []string{"new"}, good, true},
		{"rotation, first", []string{"new", "old"}, good, true},
		{"rotation, second", []string{"new", "old"}, old, true},
		{"upper case digits", []string{"new"}, "sha256=" + strings.ToUpper(good[7:]), true},
		{"another secret", []string{"other"}, good, false},
		{"no secret", nil, good, false},
		{"an empty secret", []string{""}, webhook.Sign("", body), false},
		{"an empty secret among others", []string{"", "new"}, webhook.Sign("", body), false},
		{"absent", []string{"new"}, "", false},
		{"no prefix", []string{"new"}, good[7:], false},
		{"sha1", []string{"new"}, "sha1=" + good[7:], false},
		{"short", []string{"new"}, good[:70], false},
		{"long", []string{"new"}, good + "00", false},
		{"no hex", []string{"new"}, "sha256=" + strings.Repeat("z", 64), false},
		{"prefix alone", []string{"new"}, "sha256=", false},
	} {
		if got := webhook.Verify(test.secrets, test.header, body); got != test.want {
			t.Errorf("%s: got %t", test.name, got)
		}
	}
	for i := range body {
		changed := bytes.Clone(body)
		changed[i] ^= 1
		if webhook.Verify([]string{"new"}, good, changed) {
			t.Fatalf("byte %d may be changed", i)
		}
	}
}

// event reads an event of testdata/graph.
func event(t *testing.T, operation, name string) webhook.Event {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "graph", operation, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Event json.RawMessage }
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	got, err := webhook.Parse(c.Event)
	if err != nil || len(got.Unread) > 0 {
		t.Fatalf("%s: %v, %+v", name, err, got.Unread)
	}
	return got
}

func only[T any](t *testing.T, list []T) T {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d items, want one", len(list))
	}
	return list[0]
}

func TestStatuses(t *testing.T) {
	status := func(name string) webhook.Status {
		got := only(t, event(t, "getStatus", name).Statuses)
		if got.ID != "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI1RTFCN0MyRDkwQTRGM0U2MTgA" || got.Timestamp.Unix() != 1750030073 ||
			got.WABAID != "102290129340398" || got.PhoneNumberID != "106540352242922" || got.DisplayPhone != "15550783881" || len(got.Raw) == 0 {
			t.Errorf("%s: got %+v", name, got)
		}
		return got
	}
	got := status("event_delivered")
	if got.Status != webhook.StatusDelivered || got.CallbackData != "run-7/ana" || got.RecipientID != "16505551234" || got.RecipientUserID != "US.13491208655302741918" ||
		*got.Pricing != (webhook.Pricing{Billable: true, Model: "PMP", Type: "regular", Category: "utility"}) {
		t.Errorf("got %+v", got)
	}
	got = status("event_sent_conversation")
	if got.Status != webhook.StatusSent || *got.Conversation != (webhook.Conversation{ID: "c1", ExpiresAt: time.Unix(1750116473, 0).UTC(), Origin: "utility"}) {
		t.Errorf("got %+v", got)
	}
	got = status("event_failed")
	failure := only(t, got.Errors)
	if got.Status != webhook.StatusFailed || failure.Code != 131026 || failure.Title != "Message undeliverable" || failure.Details != "Message Undeliverable." || failure.Href == "" {
		t.Errorf("got %+v", got)
	}
	if got = status("event_integer_time"); got.Status != webhook.StatusRead {
		t.Errorf("got %+v", got)
	}
	if got = status("event_group"); got.RecipientType != "group" || got.RecipientParticipant != "16505551234" {
		t.Errorf("got %+v", got)
	}
	if got = status("event_played"); got.Status != webhook.StatusPlayed {
		t.Errorf("got %+v", got)
	}
}

func TestInbound(t *testing.T) {
	message := func(name string) webhook.Message {
		got := only(t, event(t, "getMessages", name).Messages)
		if got.ID == "" || got.Timestamp.Unix() != 1749416383 || got.PhoneNumberID != "106540352242922" || len(got.Raw) == 0 || len(got.Content) == 0 {
			t.Errorf("%s: got %+v", name, got)
		}
		return got
	}
	got := message("text")
	if got.Text.Body != "Hi" || got.Body() != "Hi" || got.From != "16505551234" || got.Contact.Name != "Sheena Nelson" || got.Contact.Username != "sheena" || got.Contact.UserID != "US.13491208655302741918" {
		t.Errorf("got %+v", got)
	}
	got = message("hidden_number")
	if got.From != "" || got.FromUserID != "US.13491208655302741918" || got.Contact.Name != "Sheena Nelson" || got.Contact.WaID != "" {
		t.Errorf("got %+v", got)
	}
	for _, kind := range []string{"image", "video", "document", "audio", "sticker"} {
		got := message(kind)
		if got.Type != kind || got.Media.ID != "1003383421387256" || got.Media.MIMEType == "" || got.Media.SHA256 == "" || got.Media.URL == "" || got.Media.Voice != (kind == "audio") {
			t.Errorf("%s: got %+v", kind, got.Media)
		}
	}
	if got := message("document"); got.Media.Filename != "a.pdf" || got.Body() != "look" {
		t.Errorf("got %+v", got)
	}
	if got := message("interactive_list"); got.Interactive.ID != "p1" || got.Body() != "Priority" || got.Interactive.Description != "Next day" || got.Context.ID != "wamid.A" {
		t.Errorf("got %+v", got)
	}
	if got := message("interactive_flow"); got.Interactive.Type != "nfm_reply" || got.Interactive.ResponseJSON != `{"flow_token":"t"}` {
		t.Errorf("got %+v", got)
	}
	if got := message("reaction_removed"); *got.Reaction != (webhook.Reaction{MessageID: "wamid.A"}) {
		t.Errorf("got %+v", got)
	}
	if got := message("user_changed_user_id"); got.System.UserID != "US.2" || got.System.Type != "user_changed_user_id" {
		t.Errorf("got %+v", got)
	}
	if got := message("edit"); got.Edit.OriginalMessageID != "wamid.A" || !strings.Contains(string(got.Edit.Message), "Hi!") {
		t.Errorf("got %+v", got)
	}
	if got := message("unknown_type"); got.Type != "hologram" || !strings.Contains(string(got.Content), "depth") || got.Body() != "" {
		t.Errorf("got %+v", got)
	}
}

func TestOtherFields(t *testing.T) {
	if got := only(t, event(t, "getMessages", "account_error").Errors); got.Code != 130429 || got.PhoneNumberID != "106540352242922" || !strings.Contains(got.Details, "too many messages") {
		t.Errorf("got %+v", got)
	}
	optOut := only(t, event(t, "getMessages", "opt_out").Changes)
	if optOut.Field != "user_preferences" || optOut.Time.Unix() != 1731705721 || optOut.WABAID != "102290129340398" || optOut.PhoneNumberID != "106540352242922" || !strings.Contains(string(optOut.Value), `"stop"`) {
		t.Errorf("got %+v", optOut)
	}
	paused := only(t, event(t, "getMessages", "template_paused").Changes)
	if !strings.Contains(string(paused.Value), "9007199254740993") {
		t.Errorf("a number has lost digits: %s", paused.Value)
	}
}

// Every message and status of Meta's own webhooks is found again, with its id, type and words.
func TestMetaWebhooks(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "meta-examples", "webhooks")
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("Meta's examples are not beside the repository: %s", folder)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var example struct{ Body json.RawMessage }
			if err := json.Unmarshal(raw, &example); err != nil {
				t.Fatal(err)
			}
			got, err := webhook.Parse(example.Body)
			if err != nil || len(got.Unread) > 0 {
				t.Fatalf("%v, %+v", err, got.Unread)
			}
			kept(t, example.Body, got)
		})
	}
}

// kept walks the body as it is and looks for everything in the event.
func kept(t *testing.T, body []byte, got webhook.Event) {
	t.Helper()
	var envelope struct {
		Entry []struct {
			Changes []struct {
				Field string
				Value struct {
					Messages, Statuses, Contacts []map[string]json.RawMessage
				}
			}
		}
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	others, contacts := 0, 0
	for _, entry := range envelope.Entry {
		for _, change := range entry.Changes {
			if change.Field != "messages" {
				others++
				continue
			}
			contacts += len(change.Value.Contacts)
			for _, want := range change.Value.Messages {
				found(t, want, got)
			}
		}
	}
	if len(got.Changes) != others || len(got.Contacts) != contacts {
		t.Errorf("%d other changes, want %d; %d contacts, want %d", len(got.Changes), others, len(got.Contacts), contacts)
	}
}

func found(t *testing.T, want map[string]json.RawMessage, got webhook.Event) {
	t.Helper()
	text := func(name string) string {
		var s string
		_ = json.Unmarshal(want[name], &s)
		return s
	}
	at := slices.IndexFunc(got.Messages, func(m webhook.Message) bool { return m.ID == text("id") })
	if at < 0 {
		t.Fatalf("message %s is lost", want["id"])
	}
	m := got.Messages[at]
	if m.Type != text("type") || m.From != text("from") || m.Timestamp.IsZero() {
		t.Errorf("got %+v", m)
	}
	if content := want[m.Type]; content != nil && !jsonEqual(t, content, m.Content) {
		t.Errorf("the content is %s, want %s", m.Content, content)
	}
	if (want["context"] == nil) != (m.Context == nil) || (want["referral"] == nil) != (m.Referral == nil) || (want["errors"] == nil) != (m.Errors == nil) {
		t.Errorf("context, referral or errors are lost: %+v", m)
	}
	read := map[string]bool{
		"text": m.Text != nil && m.Body() != "", "button": m.Button != nil && m.Body() != "", "interactive": m.Interactive != nil && m.Interactive.ID != "" && m.Body() != "",
		"location": m.Location != nil && m.Location.Latitude == "37.44221496582", "order": m.Order != nil && len(m.Order.Items) == 2 && m.Order.Items[0].Price == "30",
		"reaction": m.Reaction != nil && m.Body() == "👍", "system": m.System != nil && m.System.WaID == "12195555358", "contacts": len(m.SharedCards) == 1,
		"unsupported": len(m.Errors) == 1 && m.Errors[0].Code == 131051,
	}
	if !read[m.Type] {
		t.Errorf("the %s is not read: %+v", m.Type, m)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(m.Raw, &all); err != nil || len(all) != len(want) {
		t.Errorf("the bytes hold %d members, want %d", len(all), len(want))
	}
}

func jsonEqual(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

func TestParseRefuses(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "{}", `{"entry":null}`, `{"entry":{}}`, `{"object":"x"}`, `"text"`, "{", vectorA[:100], vectorA + "x"} {
		if got, err := webhook.Parse([]byte(body)); !errors.Is(err, webhook.ErrNotEvent) {
			t.Errorf("%q: got %+v, %v", body, got, err)
		}
	}
	if _, err := webhook.Parse([]byte(`{"entry":[]}`)); err != nil {
		t.Error(err)
	}
}

// One odd item costs no other, and nothing is dropped.
func TestOddItems(t *testing.T) {
	body := `{"object":7,"entry":[
		null, {"id":102290129340398,"changes":[
			{"field":"messages","value":null},
			{"field":"messages","value":[1]},
			7,
			{"field":"messages","value":{"metadata":7,"contacts":{"a":1},"new_list":[1],"messages":[7,null,{},{"id":"wamid.1","type":"text","text":["x"],"timestamp":"soon"},
				{"id":"wamid.2","type":"text","from":16505551234,"text":{"body":5},"context":[],"errors":["x"],"timestamp":1749416383}],
				"statuses":[[],{"id":{"a":1}},{"id":"wamid.3","status":"sent","timestamp":"1749416383","pricing":"free","conversation":[],"errors":[{"code":"131026"}]}],"errors":[null]}},
			{"field":"history","value":null},
			{"value":{"a":1}}]},
		{"id":"1"}]}`
	got, err := webhook.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, u := range got.Unread {
		if u.Err == nil || strings.Contains(u.Err.Error(), "%!") {
			t.Errorf("%s: %v", u.Path, u.Err)
		}
		places = append(places, u.Path)
	}
	v := "entry[1].changes[3].value."
	want := []string{
		"entry[0]", "entry[1].changes[0].value", "entry[1].changes[1].value", "entry[1].changes[2]", v + "contacts",
		v + "messages[0]", v + "messages[1]", v + "messages[2]", v + "statuses[0]", v + "statuses[1]", v + "errors[0]", "entry[2]",
	}
	if !slices.Equal(places, want) {
		t.Errorf("got  %q\nwant %q", places, want)
	}
	if len(got.Messages) != 2 || got.Messages[0].Text != nil || !got.Messages[0].Timestamp.IsZero() || got.Messages[1].Text.Body != "5" || got.Messages[1].From != "16505551234" {
		t.Errorf("got %+v", got.Messages)
	}
	if s := only(t, got.Statuses); s.ID != "wamid.3" || s.Errors[0].Code != 131026 || s.WABAID != "102290129340398" || s.Pricing != nil {
		t.Errorf("got %+v", s)
	}
	if len(got.Changes) != 3 || got.Changes[0].Field != "messages" || !strings.Contains(string(got.Changes[0].Value), "new_list") || got.Changes[1].Field != "history" || got.Changes[2].Field != "" {
		t.Errorf("got %+v", got.Changes)
	}
}

func TestBatch(t *testing.T) {
	one := `{"id":"wamid.%","status":"sent","timestamp":"1749416383","recipient_id":"1"}`
	body := `{"object":"whatsapp_business_account","entry":[` + strings.Repeat(`{"id":"1","changes":[{"field":"messages","value":{"statuses":[`+strings.TrimSuffix(strings.Repeat(one+",", 100), ",")+`]}}]},`, 9) +
		`{"id":"2","changes":[]}]}`
	got, err := webhook.Parse([]byte(body))
	if err != nil || len(got.Statuses) != 900 || len(got.Unread) != 0 {
		t.Errorf("%d statuses, %v", len(got.Statuses), err)
	}
}

func BenchmarkParse(b *testing.B) {
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI1RTFCN0MyRDkwQTRGM0U2MTgA","status":"delivered","timestamp":"1750030073","recipient_id":"16505551234","biz_opaque_callback_data":"run-7/ana"}]}}]}]}`)
	for b.Loop() {
		if _, err := webhook.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

// Since 2026 statuses come with the contact, whose number may be hidden.
func TestContactOfStatus(t *testing.T) {
	got, err := webhook.Parse([]byte(`{"entry":[{"changes":[{"field":"messages","value":{
		"contacts":[{"user_id":"US.1","profile":{"name":"Ana"}},{"wa_id":"34612345678","identity_key_hash":"h"}],
		"statuses":[{"id":"a","status":"read","recipient_user_id":"US.1"},{"id":"b","status":"read","recipient_id":"34612345678"},{"id":"c","status":"read","recipient_id":"1"}]}}]}]}`))
	if err != nil || len(got.Statuses) != 3 || len(got.Contacts) != 2 {
		t.Fatalf("%v, %+v", err, got)
	}
	if a, b, c := got.Statuses[0].Contact, got.Statuses[1].Contact, got.Statuses[2].Contact; a.Name != "Ana" || b.IdentityHash != "h" || c.WaID != "1" || c.Name != "" {
		t.Errorf("got %+v, %+v, %+v", a, b, c)
	}
}
