package whatsapp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
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
		if _, err := c.SendBody(t.Context(), "1", plain, whole.CallbackData, whatsapp.Gate{}); err != nil {
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
		if _, err := c.SendBody(t.Context(), "1", []byte(body), "x", whatsapp.Gate{}); !errors.Is(err, whatsapp.ErrUnsendable) {
			t.Errorf("%q: %v, want ErrUnsendable", body, err)
		}
	}
}
