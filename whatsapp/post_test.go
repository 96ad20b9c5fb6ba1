package whatsapp_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"waybill/whatsapp"
)

// byNetHTTP is a client whose messages travel by net/http.
func byNetHTTP(t *testing.T, base string) *whatsapp.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := whatsapp.New(whatsapp.Config{
		BaseURL: base, Token: testToken, ConnectTimeout: 2 * time.Second, ReadTimeout: 2 * time.Second, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// seen is a request as a server sees it.
type seen struct {
	method, uri, host, body string
	header                  http.Header
	length                  int64
}

func recording(t *testing.T, into *[]seen) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*into = append(*into, seen{r.Method, r.RequestURI, r.Host, string(body), maps.Clone(r.Header), r.ContentLength})
		_, _ = io.WriteString(w, accepted)
	}))
	t.Cleanup(server.Close)
	return server
}

// A server cannot tell by which way a message came.
func TestRequestIsThatOfNetHTTP(t *testing.T) {
	var got []seen
	server := recording(t, &got)
	for _, base := range []string{server.URL, server.URL + "/v25.0/", server.URL + "/a%2Fb/ü/v25.0"} {
		for _, id := range []string{"106540352242922", "1/../2?x", "a b", "é", "%", "1\r\nX: y", "..x", "a;b=c&d,e:f@g"} {
			for _, message := range []whatsapp.Message{plain("x"), plain("é\u2028<>&" + strings.Repeat("y", 4000))} {
				got = nil
				for _, c := range []*whatsapp.Client{dialled(t, base), byNetHTTP(t, base)} {
					if _, err := c.Send(t.Context(), id, message, whatsapp.Gate{}); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(got[0], got[1]) {
					t.Errorf("%s, %q:\n got %+v\nwant %+v", base, id, got[0], got[1])
				}
			}
		}
	}
}

// Where a proxy stands before the API, messages go through it, too; where none does, they do not.
func TestProxyCarriesMessages(t *testing.T) {
	var through, straight []seen
	proxy, server := recording(t, &through), recording(t, &straight)
	to, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, choose := range map[string]func(*http.Request) (*url.URL, error){
		"a proxy": func(*http.Request) (*url.URL, error) { return to, nil },
		"none":    func(*http.Request) (*url.URL, error) { return nil, nil },
		"unclear": func(*http.Request) (*url.URL, error) { return nil, fmt.Errorf("the proxy's address is none") },
	} {
		through, straight = nil, nil
		c, err := whatsapp.New(whatsapp.Config{BaseURL: server.URL + "/v25.0", Token: testToken, Proxy: choose})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
		switch {
		case name == "a proxy" && (err != nil || len(through) != 1 || len(straight) != 0 || through[0].uri != server.URL+"/v25.0/1/messages"),
			name == "none" && (err != nil || len(through) != 0 || len(straight) != 1),
			name == "unclear" && (err == nil || failureOf(t, err).Sent || len(through)+len(straight) > 0):
			t.Errorf("%s: %v; through it %v, straight %v", name, err, through, straight)
		}
	}
}

// A message that is too large to be written before its answer is read arrives all the same.
func TestLargeMessage(t *testing.T) {
	var got []seen
	server := recording(t, &got)
	body := `{"type":"text","text":"` + strings.Repeat("x", 300<<10) + `"}`
	if _, err := dialled(t, server.URL).SendBody(t.Context(), []byte(body), whatsapp.Envelope{PhoneNumberID: "1"}, whatsapp.Gate{}); err != nil || got[0].body != body {
		t.Errorf("%v; %d bytes", err, len(got[0].body))
	}
}

func TestVersionMustFitAHeader(t *testing.T) {
	if _, err := whatsapp.New(whatsapp.Config{Token: testToken, Version: "1\r\nX: y"}); err == nil || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("got %v", err)
	}
}
