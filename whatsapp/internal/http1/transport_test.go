package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/internal/http1"
)

// A request says where to, by whom and how long it is, and nothing else.
func TestRequest(t *testing.T) {
	var got strings.Builder
	l := &lines{serve: func(c net.Conn) {
		in := bufio.NewReader(io.TeeReader(c, &got))
		if _, err := takeRequest(in); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(c, plainA)
	}}
	a, err := transport(t, config("http://example.com:8080/v25.0", l.dial)).Post(t.Context(), message(`{"a":1}`))
	if err != nil || a.Status != 200 || string(a.Body) != "hello" || a.Header.Get("content-type") != "application/json" || a.Header.Get("X") != "" || !a.Left {
		t.Errorf("got %+v, %v", a, err)
	}
	const want = "POST " + path + " HTTP/1.1\r\nHost: example.com:8080\r\nAccept-Encoding: identity\r\nUser-Agent: test\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
	if got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
}

func TestImpossibleRequests(t *testing.T) {
	for _, header := range []http.Header{{"A": {"x\r\nB: y"}}, {"A": {"\x00"}}, {"A\n": {"x"}}, {"A: B": {"x"}}, {"": {"x"}}, {"A": {"é"}}} {
		c := config("http://example.com", nil)
		c.Header = header
		if _, err := http1.New(c); err == nil {
			t.Errorf("%q was taken", header)
		}
	}
	l := &lines{serve: func(net.Conn) { t.Error("it was dialled") }}
	for _, path := range []string{"", "x", "/a b", "/a\r\nX: y", "/é"} {
		if a, err := transport(t, config("http://example.com", l.dial)).Post(t.Context(), http1.Request{Path: path}); err == nil || a.Left {
			t.Errorf("%q: got %+v, %v", path, a, err)
		}
	}
}

func TestServes(t *testing.T) {
	for address, want := range map[string]bool{
		"https://graph.facebook.com/v25.0": true, "http://127.0.0.1:80": true, "http://[::1]:80": true,
		"https://grüße.example": false, "http://[fe80::1%25eth0]": false,
	} {
		to, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := http1.Serves(to); got != want {
			t.Errorf("%s: got %t", address, got)
		}
	}
}

var errNo = errors.New("no")

// What the caller's functions say is returned, nothing left, and the connection is there for the next request.
func TestGate(t *testing.T) {
	l := &lines{serve: answering(plainA)}
	ours := transport(t, config("http://example.com", l.dial))
	no := func() error { return errNo }
	for _, r := range []http1.Request{{Path: path, Wait: no, Ask: func() error { t.Error("asked"); return nil }}, {Path: path, Ask: no}} {
		if a, err := ours.Post(t.Context(), r); !errors.Is(err, errNo) || a.Left || a.Status != 0 {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	var order []string
	a, err := ours.Post(t.Context(), http1.Request{
		Path: path,
		Wait: func() error { order = append(order, "wait"); return nil }, Ask: func() error { order = append(order, "ask"); return nil },
	})
	if err != nil || !a.Left || strings.Join(order, " ") != "wait ask" || l.count() != 1 {
		t.Errorf("got %+v, %v; %s; %d connections", a, err, order, l.count())
	}
}

// failing is a connection that takes so many bytes and then fails.
type failing struct {
	net.Conn
	takes  int
	answer io.Reader
}

func (f *failing) Write(b []byte) (int, error) {
	if len(b) <= f.takes {
		return len(b), nil
	}
	return f.takes, errNo
}

func (f *failing) Read(b []byte) (int, error) { return f.answer.Read(b) }
func (*failing) SetDeadline(time.Time) error  { return nil }
func (*failing) Close() error                 { return nil }

func TestWhatLeft(t *testing.T) {
	for _, test := range []struct {
		name   string
		takes  int
		says   string
		left   bool
		status int
		failed bool
	}{
		{"nothing was taken", 0, "", false, 0, true},
		{"nothing was taken, and something was said", 0, plainA, false, 0, true},
		{"a part was taken", 10, "", true, 0, true},
		{"refused before it was whole", 10, "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}", true, 400, false},
		{"all was taken", 1000, "", true, 0, true},
	} {
		dialled := 0
		dial := func(context.Context, string, string) (net.Conn, error) {
			dialled++
			return &failing{takes: test.takes, answer: strings.NewReader(test.says)}, nil
		}
		ours := transport(t, config("http://example.com", dial))
		a, err := ours.Post(t.Context(), message("{}"))
		if a.Left != test.left || a.Status != test.status || test.failed != (err != nil) || test.takes < 1000 && err != nil && !errors.Is(err, errNo) {
			t.Errorf("%s: got %+v, %v", test.name, a, err)
		}
		if _, _ = ours.Post(t.Context(), message("{}")); dialled != 2 {
			t.Errorf("%s: the connection was used again", test.name)
		}
	}
}

func TestTimeouts(t *testing.T) {
	hour := func() error { time.Sleep(time.Hour); return nil }
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	never := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	for _, test := range []struct {
		name string
		dial func(context.Context, string, string) (net.Conn, error)
		wait func() error
		took time.Duration
		left bool
		err  error
	}{
		{"no connection", never, nil, 10 * time.Second, false, http1.ErrConnect},
		{"nobody reads", (&lines{serve: func(net.Conn) { time.Sleep(24 * time.Hour) }}).dial, nil, 20 * time.Second, false, http1.ErrRead},
		{"no answer", (&lines{serve: silent}).dial, nil, 20 * time.Second, true, http1.ErrRead},
		{"the caller's time is its own", (&lines{serve: silent}).dial, hour, time.Hour + 20*time.Second, true, http1.ErrRead},
		{"an endless answer", (&lines{serve: func(c net.Conn) {
			for _, err := takeRequest(bufio.NewReader(c)); err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\n")
			}
		}}).dial, nil, 20 * time.Second, true, http1.ErrRead},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				a, err := transport(t, config("http://example.com", test.dial)).Post(t.Context(), http1.Request{Path: path, Wait: test.wait})
				if took := time.Since(begin); took != test.took || !errors.Is(err, test.err) || a.Left != test.left || a.Status != 0 {
					t.Errorf("got %+v, %v after %s", a, err, took)
				}
				time.Sleep(25 * time.Hour) // all servers end
			})
		})
	}
}

// A request that its caller ends is over at once, wherever it is, and its connection carries no other.
func TestEndedByTheCaller(t *testing.T) {
	silent := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	never := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	for name, test := range map[string]struct {
		dial func(context.Context, string, string) (net.Conn, error)
		wait func() error
		left bool
	}{
		"before there is a connection": {never, nil, false},
		"while nobody reads":           {(&lines{serve: func(net.Conn) { time.Sleep(24 * time.Hour) }}).dial, nil, false},
		"before the answer":            {(&lines{serve: silent}).dial, nil, true},
		"while its caller waits":       {(&lines{serve: silent}).dial, func() error { time.Sleep(2 * time.Second); return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				a, err := transport(t, config("http://example.com", test.dial)).Post(ctx, http1.Request{Path: path, Wait: test.wait})
				want := time.Second
				if test.wait != nil {
					want = 2 * time.Second // its own affair
				}
				if took := time.Since(begin); took != want || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, http1.ErrRead) || a.Left != test.left {
					t.Errorf("got %+v, %v after %s", a, err, took)
				}
				time.Sleep(25 * time.Hour) // all servers end
			})
		})
	}
}

// late holds back what ends a request.
type late struct {
	net.Conn
	ending, proceed chan struct{}
}

func (l late) SetDeadline(at time.Time) error {
	if at.Before(time.Now()) {
		close(l.ending)
		<-l.proceed
	}
	return l.Conn.SetDeadline(at)
}

// A request that ended as its answer came does not leave its end to the next one.
func TestEndOfOneIsNotThatOfTheNext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ending, proceed := make(chan struct{}), make(chan struct{})
	defer close(proceed)
	l := &lines{}
	l.serve = func(c net.Conn) {
		if _, err := takeRequest(bufio.NewReader(c)); err != nil {
			t.Error(err)
		}
		if cancel(); l.count() == 1 {
			<-ending
		}
		_, _ = io.WriteString(c, plainA)
	}
	ours := transport(t, config("http://example.com", func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := l.dial(ctx, network, address)
		return late{c, ending, proceed}, err
	}))
	if a, err := ours.Post(ctx, message("{}")); err != nil || a.Status != 200 {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := ours.Post(t.Context(), message("{}")); err != nil || l.count() != 2 {
		t.Errorf("%v; %d connections", err, l.count())
	}
}

// There are as many connections as requests in flight, and never more than allowed; who finds none free waits as long as for a connection.
func TestMaxConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lines{serve: func(c net.Conn) {
			in := bufio.NewReader(c)
			for {
				if _, err := takeRequest(in); err != nil {
					return
				}
				time.Sleep(6 * time.Second)
				_, _ = io.WriteString(c, plainA)
			}
		}}
		ours := transport(t, config("http://example.com", l.dial))
		var group sync.WaitGroup
		var mu sync.Mutex
		counts := map[error]int{}
		for range 24 { // a third at once, a third after six seconds, and a third not within ten
			group.Go(func() {
				_, err := ours.Post(t.Context(), message("{}"))
				mu.Lock()
				defer mu.Unlock()
				counts[err]++
			})
		}
		group.Wait()
		if l.count() != 8 || counts[nil] != 16 || counts[http1.ErrConnect] != 8 {
			t.Errorf("%d connections; %v", l.count(), counts)
		}
		time.Sleep(time.Minute)
	})
}

// A connection is closed when it was idle for twenty seconds, and used until then.
func TestIdleConnectionsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed []time.Duration
		begin := time.Now()
		l := &lines{}
		l.serve = func(c net.Conn) {
			answering(plainA)(c)
			l.mu.Lock()
			defer l.mu.Unlock()
			closed = append(closed, time.Since(begin))
		}
		ours := transport(t, config("http://example.com", l.dial))
		post := func(r http1.Request) {
			if _, err := ours.Post(t.Context(), r); err != nil {
				t.Error(err)
			}
		}
		post(http1.Request{Path: path, Ask: func() error { post(message("{}")); return nil }}) // on two connections
		for range 3 {                                                                          // one of them stays in use
			time.Sleep(15 * time.Second)
			post(message("{}"))
		}
		time.Sleep(time.Hour)
		if l.count() != 2 || len(closed) != 2 || closed[0] != 20*time.Second || closed[1] != 65*time.Second {
			t.Errorf("%d connections, closed after %v", l.count(), closed)
		}
	})
}

func TestHeadTooLong(t *testing.T) {
	for name, says := range map[string]string{
		"one":  "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\nContent-Length: 5\r\n\r\nhello",
		"many": strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 3000) + plainA,
	} {
		l := &lines{serve: once(says)}
		a, err := transport(t, config("http://example.com", l.dial)).Post(t.Context(), message("{}"))
		if err == nil || !a.Left || a.Status != 0 || !strings.Contains(err.Error(), "head") {
			t.Errorf("%s: got %+v, %v", name, a, err)
		}
	}
}
