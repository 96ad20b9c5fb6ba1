package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"waybill/whatsapp/sandbox"
)

const messagesPath = "/v23.0/" + sandbox.DefaultPhoneNumberID + "/messages"

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// code is the error code of a refusal; 0: none.
func (r reply) code() int { return r.failure().Code }

type failure struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    int    `json:"code"`
	Subcode int    `json:"error_subcode"`
	Trace   string `json:"fbtrace_id"`
	Data    struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

func (r reply) failure() failure {
	var e struct{ Error failure }
	_ = json.Unmarshal(r.body, &e)
	return e.Error
}

func (r reply) id() string {
	var sent struct{ Messages []struct{ ID string } }
	if json.Unmarshal(r.body, &sent) != nil || len(sent.Messages) == 0 {
		return ""
	}
	return sent.Messages[0].ID
}

// ask sends a request in memory with the right token.
func ask(t *testing.T, s *sandbox.Server, method, path, body string) reply {
	t.Helper()
	r, err := try(s, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func try(s *sandbox.Server, method, path, body string) (reply, error) {
	request, err := http.NewRequestWithContext(context.Background(), method, "https://graph.facebook.com"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	return do(s, request)
}

func do(transport http.RoundTripper, request *http.Request) (reply, error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	content, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, content}, errors.Join(err, response.Body.Close())
}

// drive uses the back door and fails the test when it refuses.
func drive(t *testing.T, s *sandbox.Server, method, name, body string) []byte {
	t.Helper()
	r := ask(t, s, method, "/__sandbox/"+name, body)
	if r.status != http.StatusOK {
		t.Fatalf("%s /__sandbox/%s %s: %d %s", method, name, body, r.status, r.body)
	}
	return r.body
}

func text(to, words string) string {
	body, _ := json.Marshal(map[string]any{
		"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": "text", "text": map[string]any{"body": words},
	})
	return string(body)
}
