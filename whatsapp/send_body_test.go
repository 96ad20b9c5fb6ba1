package whatsapp_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"waybill/whatsapp"
)

func TestSendBodyIsSend(t *testing.T) {
	for name, message := range templates() {
		var bodies [][]byte
		c := withTransport(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			body, err := take(r)
			bodies = append(bodies, body)
			return reply(200, "application/json", accepted), err
		}))
		plain, err := message.Body()
		if err != nil {
			t.Fatal(err)
		}
		whole := message
		whole.CallbackData = `wb1.1.1."\<é`
		if _, err := c.SendBody(t.Context(), plain, whatsapp.Envelope{PhoneNumberID: "1", Callback: whole.CallbackData}, whatsapp.Gate{}); err != nil {
			t.Fatal(name, err)
		}
		if _, err := c.Send(t.Context(), "1", whole, whatsapp.Gate{}); err != nil {
			t.Fatal(name, err)
		}
		var got, want any
		if json.Unmarshal(bodies[0], &got) != nil || json.Unmarshal(bodies[1], &want) != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: SendBody sent %s, Send %s", name, bodies[0], bodies[1])
		}
	}
}

func TestSendBodyRefusesWhatIsNoMessage(t *testing.T) {
	c := withTransport(t, transportFunc(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, errors.New("refused")
	}))
	for _, body := range []string{"", "{}", "null", `{"a":1`} {
		if _, err := c.SendBody(t.Context(), []byte(body), whatsapp.Envelope{PhoneNumberID: "1", Callback: "x"}, whatsapp.Gate{}); !errors.Is(err, whatsapp.ErrUnsendable) {
			t.Errorf("%q: %v, want ErrUnsendable", body, err)
		}
	}
}

// An envelope chooses the edge, and names the account that pays.
func TestEnvelope(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.URL.Path+" "+string(body))
		_, _ = io.WriteString(w, `{"messages":[{"id":"wamid.A"}]}`)
	}))
	defer server.Close()
	c, err := whatsapp.New(whatsapp.Config{BaseURL: server.URL + "/v25.0", Token: whatsapp.Token("x")})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []whatsapp.Envelope{
		{PhoneNumberID: "1"},
		{PhoneNumberID: "1", Callback: "c", MessagingAccountID: "42", Marketing: true},
	} {
		if _, err := c.SendBody(t.Context(), []byte(`{"type":"text"}`), e, whatsapp.Gate{}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`/v25.0/1/messages {"type":"text"}`,
		`/v25.0/1/marketing_messages {"type":"text","messaging_account_id":"42","biz_opaque_callback_data":"c"}`,
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}
