package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"waybill/whatsapp/webhook"
)

// parsed reads a value of a field; nothing of it may be unread.
func parsed(t *testing.T, field, value string) webhook.Event {
	t.Helper()
	got, err := webhook.Parse([]byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"` + field + `","value":` + value + `}]}]}`))
	if err != nil || len(got.Unread) > 0 {
		t.Fatalf("%v, unread %+v", err, got.Unread)
	}
	return got
}

func TestIdentities(t *testing.T) {
	const at = `"timestamp":"1750269342"`
	for _, test := range []struct{ name, field, value, want string }{
		{
			"a status with both", "messages",
			`{"contacts":[{"profile":{"name":"Ana","username":"ana"},"wa_id":"34612345678","user_id":"ES.1","parent_user_id":"ES.ENT.1"}],
			"statuses":[{"id":"a","status":"sent","recipient_id":"34612345678","recipient_user_id":"ES.1",` + at + `}]}`,
			"status 34612345678 ES.1 ES.ENT.1 @ana < <",
		},
		{
			"a status whose number the contact has", "messages",
			`{"contacts":[{"wa_id":"34612345678","user_id":"ES.1"}],"statuses":[{"id":"a","status":"sent","recipient_user_id":"ES.1"}]}`,
			"status 34612345678 ES.1  @ < <",
		},
		{
			"a failed status without contact", "messages",
			`{"statuses":[{"id":"a","status":"failed","recipient_id":"34612345678","recipient_user_id":"ES.1","recipient_parent_user_id":"ES.ENT.1"}]}`,
			"status 34612345678 ES.1 ES.ENT.1 @ < <",
		},
		{"a status of a group", "messages", `{"statuses":[{"id":"a","status":"sent","recipient_id":"g","recipient_type":"group","recipient_user_id":"ES.1"}]}`, ""},
		{"a number alone", "messages", `{"statuses":[{"id":"a","status":"sent","recipient_id":"34612345678"}]}`, ""},
		{
			"somebody who hides the number", "messages",
			`{"contacts":[{"profile":{"username":"ana"},"user_id":"ES.1"}],"messages":[{"id":"a","type":"text","from_user_id":"ES.1","from_parent_user_id":"ES.ENT.1","text":{"body":"x"}}]}`,
			"message  ES.1 ES.ENT.1 @ana < <",
		},
		{
			"another number", "messages",
			`{"messages":[{"id":"a","type":"system","from":"16505551234","from_user_id":"US.1",` + at + `,"system":{"type":"user_changed_number","wa_id":"12195555358","user_id":"US.2"}}]}`,
			"changed-number 12195555358 US.2  @ <16505551234 <US.1",
		},
		{
			"another user id", "messages",
			`{"messages":[{"id":"a","type":"system","from":"16505551234",` + at + `,"system":{"type":"user_changed_user_id","user_id":"US.2","previous_user_id":"US.1"}}]}`,
			"changed-user-id 16505551234 US.2  @ < <US.1",
		},
		{
			"another identity", "messages",
			`{"messages":[{"id":"a","type":"system","from":"16505551234","from_user_id":"US.1",` + at + `,"system":{"type":"user_identity_changed","body":"x"}}]}`,
			"message 16505551234 US.1  @ < <",
		},
		{
			"a wish", "user_preferences",
			`{"contacts":[{"profile":{"name":"Ana"},"wa_id":"34612345678"}],"user_preferences":[{"wa_id":"34612345678","user_id":"ES.1","category":"marketing_messages","value":"stop","timestamp":1750269342}]}`,
			"preference 34612345678 ES.1  @ < <",
		},
		{
			"an echo", "standby", `{"standby":{"message_echoes":[{"id":"a","message":{"to":"34612345678","to_user_id":"ES.1","type":"text"}}]}}`,
			"echo 34612345678 ES.1  @ < <",
		},
		{
			"a handover", "messaging_handovers", `{"type":"control_passed","sender":{"phone_number":"34612345678","user_id":"ES.1"},"recipient":{"phone_number_id":"2"}}`,
			"handover 34612345678 ES.1  @ < <",
		},
	} {
		var got []string
		for _, id := range parsed(t, test.field, test.value).Identities() {
			got = append(got, fmt.Sprintf("%s %s %s %s @%s <%s <%s", id.Kind, id.WaID, id.UserID, id.ParentUserID, id.Username, id.PreviousWaID, id.PreviousUserID))
			if strings.Contains(test.value, "1750269342") && id.At.Unix() != 1750269342 || id.WABAID != "1" {
				t.Errorf("%s: at %s of %s", test.name, id.At, id.WABAID)
			}
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}

func TestPreferences(t *testing.T) {
	got := parsed(t, "user_preferences", `{"messaging_product":"whatsapp","metadata":{"phone_number_id":"2"},"contacts":[{"profile":{"name":"Ana"},"user_id":"ES.1"}],
		"user_preferences":[{"user_id":"ES.1","detail":"User requested to stop marketing messages","category":"marketing_messages","value":"stop","timestamp":1750269342},
		{"wa_id":34612345678,"category":"marketing_messages","value":"resume","timestamp":"1750269343"}]}`)
	if len(got.Preferences) != 2 || len(got.Changes) != 1 {
		t.Fatalf("got %+v", got)
	}
	stop, resume := got.Preferences[0], got.Preferences[1]
	if stop.UserID != "ES.1" || stop.WaID != "" || stop.Value != webhook.PreferenceStop || stop.Category != "marketing_messages" || stop.Contact.Name != "Ana" ||
		stop.PhoneNumberID != "2" || stop.Timestamp.Unix() != 1750269342 {
		t.Errorf("stop: %+v", stop)
	}
	if resume.WaID != "34612345678" || resume.Value != webhook.PreferenceResume || resume.Timestamp.Unix() != 1750269343 {
		t.Errorf("resume: %+v", resume)
	}
}

// What another responder's thread brings is read like anything else, marked.
func TestStandby(t *testing.T) {
	got := parsed(t, "standby", `{"messaging_product":"whatsapp","metadata":{"phone_number_id":"2","display_phone_number":"15550783881"},
		"contacts":[{"profile":{"name":"Ana"},"wa_id":"34612345678","user_id":"ES.1"}],
		"standby":{"messages":[{"from":"34612345678","from_user_id":"ES.1","id":"wamid.1","timestamp":"1750269342","type":"text","text":{"body":"STOP"}}],
			"statuses":[{"id":"wamid.2","status":"delivered","timestamp":"1750269342","recipient_id":"34612345678"}]}}`)
	if m := only(t, got.Messages); !m.Standby || m.Body() != "STOP" || m.PhoneNumberID != "2" || m.Contact.Name != "Ana" || m.Field != "standby" {
		t.Errorf("message %+v", m)
	}
	if s := only(t, got.Statuses); !s.Standby || s.Status != webhook.StatusDelivered {
		t.Errorf("status %+v", s)
	}
	if len(got.Changes) != 0 {
		t.Errorf("changes %+v, and all was read", got.Changes)
	}
	got = parsed(t, "standby", `{"metadata":{"phone_number_id":"2"},"standby":{"message_echoes":[{"id":"wamid.3","to":"34612345678","type":"text","timestamp":"1750269342","text":{"body":"x"}}]}}`)
	if e := only(t, got.Echoes); !e.Standby || e.To != "34612345678" || e.ID != "wamid.3" || len(got.Changes) != 1 {
		t.Errorf("echo %+v, changes %+v", e, got.Changes)
	}
	for _, odd := range []string{`{"standby":7}`, `{}`, `[]`} {
		got, err := webhook.Parse([]byte(`{"entry":[{"changes":[{"field":"standby","value":` + odd + `}]}]}`))
		if err != nil || len(got.Unread) != 1 {
			t.Errorf("%s: %v, unread %+v", odd, err, got.Unread)
		}
	}
}

func TestHandover(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{
			`{"messaging_product":"whatsapp","recipient":{"display_phone_number":"1555","phone_number_id":"2"},"sender":{"phone_number":"34612345678"},"timestamp":"1750269342",
			"type":"control_passed","control_passed":{"metadata":"x","previous_owner_role":"ai_agent","new_owner_role":"escalation"}}`,
			"control_passed 34612345678 ai_agent escalation 2 1750269342",
		},
		{
			`{"recipient":{"phone_number_id":"2"},"sender":{"wa_id":"34612345678"},"timestamp":1750269342,"control_taken":{"previous_owner_app_role":"meta_business_agent"}}`,
			"control_taken 34612345678 meta_business_agent  2 1750269342",
		},
		{
			`{"recipient":{"phone_number_id":"2"},"sender":{"phone_number":"34612345678"},"timestamp":"1750269342","type":"control_lent"}`,
			"control_lent 34612345678   2 1750269342",
		},
	} {
		got := parsed(t, "messaging_handovers", test.value)
		h := only(t, got.Handovers)
		if text := fmt.Sprintf("%s %s %s %s %s %d", h.Type, h.WaID, h.PreviousOwner, h.NewOwner, h.PhoneNumberID, h.Timestamp.Unix()); text != test.want || len(got.Changes) != 1 {
			t.Errorf("got  %q with %d changes\nwant %q", text, len(got.Changes), test.want)
		}
	}
}

func TestPressed(t *testing.T) {
	for value, want := range map[string]string{
		`{"type":"button","button":{"payload":"STOP_ALL","text":"Stop"}}`:                                                    "STOP_ALL/Stop",
		`{"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"stop","title":"Stop"}}}`:           "stop/Stop",
		`{"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"Baja","description":""}}}`: "1/Baja",
		`{"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent"}}}`:                "/",
		`{"type":"text","text":{"body":"Stop"}}`:                                                                             "/",
	} {
		m := only(t, parsed(t, "messages", `{"messages":[`+value+`]}`).Messages)
		if payload, label := m.Pressed(); payload+"/"+label != want {
			t.Errorf("%s: %s/%s, want %s", value, payload, label, want)
		}
	}
}

// Marketing clicks come on field messages without a message or a status: they are a change, with their bytes.
func TestUserActions(t *testing.T) {
	got := parsed(t, "messages", `{"metadata":{"phone_number_id":"2"},"user_actions":[{"action_type":"marketing_messages_link_click","timestamp":"1750269342"}]}`)
	if len(got.Changes) != 1 || !slices.Equal([]int{len(got.Messages), len(got.Statuses)}, []int{0, 0}) {
		t.Errorf("got %+v", got)
	}
}
