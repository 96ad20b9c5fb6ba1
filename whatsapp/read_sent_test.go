package whatsapp_test

import (
	"testing"

	"waybill/whatsapp"
)

// usualAnswers have the form that is read without encoding/json.
var usualAnswers = []string{
	`{"messaging_product":"whatsapp","contacts":[{"input":"+34600000001","wa_id":"34600000001"}],"messages":[{"id":"wamid.HBgL=="}]}`,
	`{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1","user_id":"ES.1"}],"messages":[{"id":"wamid.1","message_status":"held_for_quality_assessment"}]}`,
	" {\t\"messages\" :\r\n[ { \"message_status\" : \"accepted\" , \"id\" : \"wamid.1\" } ] } \n",
}

// otherAnswers are read by encoding/json alone.
var otherAnswers = []string{
	"", "{}", "[]", "null", `{"messages":[]}`, `{"messages":[{}]}`, `{"messages":[{"id":""}]}`, `{"messages":[{"id":"a"},{"id":"b"}]}`,
	`{"messages":[{"id":"a","id":"b"}]}`, `{"messages":[{"id":"a"}],"messages":[{"id":"b"}]}`, `{"MESSAGES":[{"ID":"a"}]}`,
	`{"messages":[{"id":"\u0061"}]}`, `{"messages":[{"id":"é"}]}`, "{\"messages\":[{\"id\":\"a\x01\"}]}", `{"messages":[{"id":1}]}`,
	`{"messages":[{"id":"a"}],"error":{"code":1}}`, `{"messages":[{"id":"a"}]}{}`, `{"messages":[{"id":"a"}]`, `{"messages":[{"id":"a"},]}`,
	`{"messages":[{"id":"a",}]}`, `{,"messages":[{"id":"a"}]}`, `{"messages":[{"id":"a"}],"contacts":[]}`, `{"messages":[{"id":"a","message_status":null}]}`,
	`{"contacts":[{"wa_id":"1"}],"contacts":[{"wa_id":"2"}],"messages":[{"id":"a"}]}`, `{"contacts":[{"input":"1"}],"contacts":[{"wa_id":"2"}],"messages":[{"id":"a"}]}`,
	`{"messaging_product":"","messages":[{"id":"a"}]}`, `{"messages":{"id":"a"}}`, `{'messages':[{'id':'a'}]}`,
}

func TestUsualAnswers(t *testing.T) {
	for _, body := range usualAnswers {
		if _, usual := whatsapp.UsualSent([]byte(body)); !usual {
			t.Errorf("%s is read by encoding/json", body)
		}
		sentAlike(t, []byte(body))
	}
	for _, body := range otherAnswers {
		if sent, usual := whatsapp.UsualSent([]byte(body)); usual {
			t.Errorf("%s: got %+v without encoding/json", body, sent)
		}
	}
}

// sentAlike checks that an answer that is read without encoding/json is read as by it.
func sentAlike(t *testing.T, body []byte) {
	t.Helper()
	got, usual := whatsapp.UsualSent(body)
	want, err := whatsapp.AnySent(body)
	if usual && (err != nil || got != want) {
		t.Errorf("%q: got %+v, want %+v, %v", body, got, want, err)
	}
}

// Each usual answer with each of its bytes left out, doubled, and in place of it each that means something.
func TestNearlyUsualAnswers(t *testing.T) {
	for _, answer := range usualAnswers {
		for at := range len(answer) {
			sentAlike(t, []byte(answer[:at]+answer[at+1:]))
			sentAlike(t, []byte(answer[:at]+answer[at:at+1]+answer[at:]))
			sentAlike(t, []byte(answer[:at]))
			for _, b := range []string{`"`, `\`, "{", "}", "[", "]", ",", ":", " ", "\n", "\x00", "\x7f", "\xff", "A", "0"} {
				sentAlike(t, []byte(answer[:at]+b+answer[at+1:]))
			}
		}
	}
}

func FuzzUsualAnswer(f *testing.F) {
	for _, body := range append(usualAnswers, otherAnswers...) {
		f.Add([]byte(body))
	}
	f.Fuzz(sentAlike)
}
