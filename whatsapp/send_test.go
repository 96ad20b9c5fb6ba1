package whatsapp_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
)

func dialled(t *testing.T, base string) *whatsapp.Client {
	t.Helper()
	c, err := whatsapp.New(whatsapp.Config{BaseURL: base, Token: testToken, ConnectTimeout: 2 * time.Second, ReadTimeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func failureOf(t *testing.T, err error) *whatsapp.Error {
	t.Helper()
	var failure *whatsapp.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, want a *whatsapp.Error", err)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\r") || strings.Contains(text, canary) {
		t.Errorf("not one line without the token: %q", text)
	}
	return failure
}

const accepted = `{"messages":[{"id":"wamid.1"}]}`

func TestSendHeaders(t *testing.T) {
	c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		for header, want := range map[string]string{
			"Authorization": "Bearer " + canary, "User-Agent": "waybill/1.2.3", "Content-Type": "application/json",
			"Idempotency-Key": "", "X-Idempotency-Key": "",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: got %q, want %q", header, got, want)
			}
		}
		if r.GetBody != nil {
			t.Error("GetBody is set, so net/http may send the message a second time")
		}
		return reply(200, "application/json", accepted), nil
	})
	if _, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{}); err != nil {
		t.Fatal(err)
	}
}

func TestIDsAreEscaped(t *testing.T) {
	c := client(t, func(r *http.Request, _ []byte) (*http.Response, error) {
		if got, want := r.URL.EscapedPath(), "/proxy/v23.0/1%2F..%2F2%3Fx/messages"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		return reply(200, "application/json", accepted), nil
	})
	if _, err := c.Send(t.Context(), "1/../2?x", plain("x"), whatsapp.Gate{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", ".."} {
		_, err := c.Send(t.Context(), id, plain("x"), whatsapp.Gate{})
		if failure := failureOf(t, err); failure.Sent || !errors.Is(err, whatsapp.ErrUnsendable) {
			t.Errorf("%q: got %+v", id, failure)
		}
	}
}

// The gate is asked once, after the connection stands, and nothing of the message is there before.
func TestGateOverNetwork(t *testing.T) {
	var asked atomic.Int32
	var early atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if asked.Load() == 0 {
			early.Store(true)
		}
		if err != nil || len(body) == 0 {
			t.Errorf("got %d bytes, %v", len(body), err)
		}
		_, _ = io.WriteString(w, accepted)
	}))
	defer server.Close()
	sent, err := dialled(t, server.URL+"/v23.0").Send(t.Context(), "1", plain("x"), whatsapp.Gate{Ask: func() error { asked.Add(1); return nil }})
	if err != nil || sent.MessageID != "wamid.1" || asked.Load() != 1 || early.Load() {
		t.Errorf("got %+v, %v; the gate was asked %d times; before it: %t", sent, err, asked.Load(), early.Load())
	}
}

func TestGateRefuses(t *testing.T) {
	refusal := errors.New("the deadline has passed")
	var complete atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil && len(body) > 0 {
			complete.Add(1)
		}
		_, _ = io.WriteString(w, accepted)
	}))
	defer server.Close()
	careless := carrier{func(*http.Request, []byte) (*http.Response, error) {
		return reply(200, "application/json", accepted), nil
	}}
	for name, c := range map[string]*whatsapp.Client{"network": dialled(t, server.URL), "in process": withTransport(t, careless)} {
		for when, gate := range map[string]whatsapp.Gate{
			"when the connection stands": {Wait: func() error { return refusal }, Ask: func() error { t.Error("asked after a refusal"); return nil }},
			"at the last moment":         {Ask: func() error { return refusal }},
		} {
			_, err := c.Send(t.Context(), "1", plain("x"), gate)
			failure := failureOf(t, err)
			if failure.Sent || !errors.Is(err, refusal) || failure.Status != 0 {
				t.Errorf("%s, %s: got %+v", name, when, failure)
			}
		}
	}
	server.Close()
	if complete.Load() != 0 {
		t.Error("a message arrived although the gate refused")
	}
}

// A transport that does not say that it wrote the headers gets no message to send.
func TestSilentTransportSendsNothing(t *testing.T) {
	c := withTransport(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		if body, err := io.ReadAll(r.Body); err != nil || len(body) > 0 {
			t.Errorf("got %q, %v", body, err)
		}
		return reply(400, "application/json", `{"error":{"code":100}}`), nil
	}))
	_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{Ask: func() error { t.Error("the gate was asked"); return nil }})
	if failure := failureOf(t, err); failure.Sent || failure.Code != 100 {
		t.Errorf("got %+v", failure)
	}
}

// writes counts what is written to a connection at once.
type writes struct {
	net.Conn
	n *atomic.Int32
}

func (w writes) Write(b []byte) (int, error) { w.n.Add(1); return w.Conn.Write(b) }

// Headers and message leave together: a server is not left waiting for a body while a gate makes up its mind.
func TestOneWrite(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, accepted)
	}))
	defer server.Close()
	var n atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return writes{conn, &n}, err
	}}
	defer transport.CloseIdleConnections()
	c, err := whatsapp.New(whatsapp.Config{BaseURL: server.URL, Token: testToken, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{Wait: func() error {
		if n.Load() != 0 {
			t.Error("something was written before the gate was asked")
		}
		return nil
	}})
	if err != nil || n.Load() != 1 {
		t.Errorf("%d writes, %v", n.Load(), err)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func withTransport(t *testing.T, transport http.RoundTripper) *whatsapp.Client {
	t.Helper()
	c, err := whatsapp.New(whatsapp.Config{
		Token: testToken, Transport: transport, ConnectTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A call that ended while its gate was waiting is sealed: the gate's late yes lets nothing out.
func TestEndedCallIsSealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		took := make(chan []byte, 1)
		c := withTransport(t, transportFunc(func(r *http.Request) (*http.Response, error) {
			go func() {
				body, err := take(r)
				if err != nil {
					t.Error(err)
				}
				took <- body
			}()
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Send(ctx, "1", plain("x"), whatsapp.Gate{Wait: func() error { <-open; return nil }})
		if failure := failureOf(t, err); failure.Sent || failure.Status != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %+v", failure)
		}
		close(open)
		if body := <-took; len(body) > 0 {
			t.Error("the message left after its call had ended")
		}
	})
}

func TestTimeouts(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for _, test := range []struct {
		name   string
		do     transportFunc
		wait   func() error
		took   time.Duration
		sent   bool
		status int
		word   string
	}{
		{"no connection", hang, nil, 10 * time.Second, false, 0, "connect timeout"},
		{"no answer", func(r *http.Request) (*http.Response, error) {
			_, _ = take(r)
			return hang(r)
		}, nil, 20 * time.Second, true, 0, "read timeout"},
		{"a gate's time is its own", func(r *http.Request) (*http.Response, error) {
			_, _ = take(r)
			return hang(r)
		}, func() error { time.Sleep(time.Hour); return nil }, time.Hour + 20*time.Second, true, 0, "read timeout"},
		{"half an answer", func(r *http.Request) (*http.Response, error) {
			_, _ = take(r)
			reader, writer := io.Pipe()
			context.AfterFunc(r.Context(), func() { _ = writer.CloseWithError(r.Context().Err()) })
			go func() { _, _ = writer.Write([]byte(`{"messages":[{"id":`)) }()
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader}, nil
		}, nil, 20 * time.Second, true, 200, "read timeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				_, err := withTransport(t, test.do).Send(t.Context(), "1", plain("x"), whatsapp.Gate{Wait: test.wait})
				failure := failureOf(t, err)
				if took := time.Since(begin); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
				if failure.Sent != test.sent || failure.Status != test.status || !strings.Contains(err.Error(), test.word) {
					t.Errorf("got %v: %+v", err, failure)
				}
			})
		})
	}
}

// raw is a server that is given each connection once a request's headers have come.
func raw(t *testing.T, serve func(net.Conn, *http.Request)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				serve(conn, r)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return "http://" + listener.Addr().String()
}

func TestWhetherItLeft(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	answer := func(text string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			_, _ = io.WriteString(conn, text)
		}
	}
	for _, test := range []struct {
		name   string
		base   string
		sent   bool
		status int  // 0: no answer came
		cut    bool // an answer came that cannot be read
	}{
		{"nobody listens", closed.URL, false, 0, false},
		{"unknown certificate", tls.URL, false, 0, false},
		{"no such host", "https://nowhere.invalid", false, 0, false},
		{"cut after the request", raw(t, answer("")), true, 0, false},
		{"cut inside the headers", raw(t, answer("HTTP/1.1 200 OK\r\nContent-")), true, 0, false},
		{"cut inside the body", raw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"messages\":[{\"id\":\"wamid.1\"")), true, 200, true},
		{"refusal cut inside the body", raw(t, answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 90\r\n\r\n{\"error\":{\"code\":")), true, 400, true},
		{"no JSON", raw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), true, 200, true},
		{"no HTTP", raw(t, answer("220 smtp ready\r\n")), true, 0, false},
		{"endless answer", raw(t, answer("HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat(" ", 2<<20))), true, 200, true},
		{"no content", raw(t, answer("HTTP/1.1 204 No Content\r\n\r\n")), true, 204, true},
		{"gateway", raw(t, answer("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")), true, 502, false},
	} {
		for way, c := range map[string]*whatsapp.Client{"direct": dialled(t, test.base), "net/http": byNetHTTP(t, test.base)} {
			t.Run(test.name+", "+way, func(t *testing.T) {
				_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
				failure := failureOf(t, err)
				if failure.Sent != test.sent || failure.Status != test.status || test.cut != (failure.Status != 0 && failure.Err != nil) {
					t.Errorf("got %v: %+v", err, failure)
				}
			})
		}
	}
}

// An answer that comes before the message was read is an answer, and the message has not left.
func TestAnswerBeforeTheMessage(t *testing.T) {
	c := withTransport(t, transportFunc(func(*http.Request) (*http.Response, error) {
		return reply(400, "application/json", `{"error":{"code":100}}`), nil
	}))
	_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{Ask: func() error { t.Error("the gate was asked"); return nil }})
	if failure := failureOf(t, err); failure.Sent || failure.Code != 100 {
		t.Errorf("got %+v", failure)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var stolen atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	_, err := dialled(t, server.URL).Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
	failure := failureOf(t, err)
	if failure.Status != 307 || stolen.Load() != 0 {
		t.Errorf("got %+v, followed %d times", failure, stolen.Load())
	}
	if _, err := dialled(t, server.URL).PhoneNumber(t.Context(), "1"); err == nil || stolen.Load() != 0 {
		t.Errorf("a read followed the redirect: %v", err)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"code":100}}`)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := dialled(t, server.URL)
	for range 20 {
		if _, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{}); err == nil {
			t.Fatal("accepted")
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for 20 messages one after the other", n)
	}
}

// A kept connection that the server closes must not make anything send a message twice.
func TestNeverSentTwice(t *testing.T) {
	for way, client := range map[string]func(*testing.T, string) *whatsapp.Client{"direct": dialled, "net/http": byNetHTTP} {
		var arrived atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			if arrived.Add(1)%2 == 0 {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_ = conn.Close()
				}
				return
			}
			_, _ = io.WriteString(w, accepted)
		}))
		defer server.Close()
		c := client(t, server.URL)
		for i := range 20 {
			_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
			if got, want := arrived.Load(), int32(i+1); got != want {
				t.Fatalf("%s: %d requests for %d messages", way, got, want)
			}
			if i%2 == 1 {
				if failure := failureOf(t, err); !failure.Sent || failure.Status != 0 {
					t.Errorf("%s: got %v", way, err)
				}
			}
		}
	}
}

func TestOddAnswersThatAccept(t *testing.T) {
	for name, body := range map[string]string{
		"no contacts":     accepted,
		"odd contacts":    `{"contacts":"none","messages":[{"id":"wamid.1"}]}`,
		"odd status":      `{"messages":[{"id":"wamid.1","message_status":{}}]}`,
		"status a number": `{"messages":[{"id":"wamid.1","message_status":7}]}`,
		"an odd second":   `{"messages":[{"id":"wamid.1"},{"id":"wamid.2","message_status":[]}]}`,
		"an error beside": `{"messages":[{"id":"wamid.1"}],"error":{"code":1}}`,
		"unknown members": `{"x":{},"messages":[{"id":"wamid.1","y":[]}]}`,
	} {
		c := client(t, func(*http.Request, []byte) (*http.Response, error) { return reply(200, "application/json", body), nil })
		if sent, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{}); err != nil || sent.MessageID != "wamid.1" || sent.Status != whatsapp.SentAccepted {
			t.Errorf("%s: got %+v, %v", name, sent, err)
		}
	}
	c := client(t, func(*http.Request, []byte) (*http.Response, error) {
		return reply(200, "application/json", `{"error":{"code":131056}}`), nil
	})
	_, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{})
	if !failureOf(t, err).PairThrottled() {
		t.Errorf("an error under 200: got %v", err)
	}
}

func TestUnsendableMessage(t *testing.T) {
	c := client(t, func(*http.Request, []byte) (*http.Response, error) { t.Error("sent"); return nil, io.EOF })
	for _, m := range []whatsapp.Message{{To: "+34612345678"}, media(whatsapp.Media{Type: "hologram"}), {To: "+34612345678", Text: &whatsapp.Text{}, Media: &whatsapp.Media{Type: whatsapp.Image}}} {
		_, err := c.Send(t.Context(), "1", m, whatsapp.Gate{})
		if failure := failureOf(t, err); failure.Sent || !errors.Is(err, whatsapp.ErrUnsendable) {
			t.Errorf("got %+v", failure)
		}
	}
}

// Over HTTP/2 the same holds: one gate, nothing before it, nothing twice.
func TestHTTP2(t *testing.T) {
	var complete atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("HTTP/%d", r.ProtoMajor)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) == 0 {
			return
		}
		complete.Add(1)
		if strings.Contains(string(body), "cut") {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, accepted)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c, err := whatsapp.New(whatsapp.Config{BaseURL: server.URL + "/v23.0", Token: testToken, Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	if _, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{Ask: func() error { asked++; return nil }}); err != nil || asked != 1 || complete.Load() != 1 {
		t.Errorf("got %v; asked %d times, %d arrived", err, asked, complete.Load())
	}
	refusal := errors.New("no")
	_, err = c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{Ask: func() error { return refusal }})
	if failure := failureOf(t, err); failure.Sent || !errors.Is(err, refusal) || complete.Load() != 1 {
		t.Errorf("got %+v; %d arrived", failure, complete.Load())
	}
	_, err = c.Send(t.Context(), "1", plain("cut"), whatsapp.Gate{})
	if failure := failureOf(t, err); !failure.Sent || failure.Status != 0 || complete.Load() != 2 {
		t.Errorf("got %+v; %d arrived", failure, complete.Load())
	}
}

// 512 messages at once do not wait for each other's connection.
func TestManyAtOnce(t *testing.T) {
	const many = 512
	var inside atomic.Int32
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if inside.Add(1) == many {
			close(all)
		}
		select {
		case <-all:
		case <-time.After(10 * time.Second):
		}
		_, _ = io.WriteString(w, accepted)
	}))
	defer server.Close()
	c, err := whatsapp.New(whatsapp.Config{BaseURL: server.URL, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range many {
		group.Go(func() {
			if _, err := c.Send(t.Context(), "1", plain("x"), whatsapp.Gate{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	select {
	case <-all:
	default:
		t.Errorf("only %d were in flight at once", inside.Load())
	}
}
