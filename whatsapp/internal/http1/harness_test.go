package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"waybill/whatsapp/internal/http1"
)

const (
	path   = "/v25.0/1/messages"
	plainA = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"
)

// lines are connections in memory to a server that is a function, which count how often they were dialled.
type lines struct {
	serve   func(net.Conn)
	mu      sync.Mutex
	dialled int
	serving sync.WaitGroup
}

func (l *lines) dial(context.Context, string, string) (net.Conn, error) {
	l.mu.Lock()
	l.dialled++
	l.mu.Unlock()
	ours, theirs := net.Pipe()
	l.serving.Go(func() {
		l.serve(theirs)
		_ = theirs.Close()
	})
	return ours, nil
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dialled
}

// config is that of a transport to an address that is dialled like this; nil: by the network.
func config(address string, dial func(context.Context, string, string) (net.Conn, error)) http1.Config {
	to, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return http1.Config{
		Address: to, Header: http.Header{"User-Agent": {"test"}, "Accept-Encoding": {"identity"}},
		Connect: 10 * time.Second, Read: 20 * time.Second, Idle: 20 * time.Second, MaxConns: 8, MaxAnswer: 1 << 10, Dial: dial,
	}
}

func transport(tb testing.TB, c http1.Config) *http1.Transport {
	tb.Helper()
	made, err := http1.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

func message(body string) http1.Request { return http1.Request{Path: path, Body: []byte(body)} }

// takeRequest reads a request whole.
func takeRequest(in *bufio.Reader) ([]byte, error) {
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r.Body)
}

// answering is a server that says the same to each request, in pieces.
func answering(pieces ...string) func(net.Conn) {
	return func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			if _, err := takeRequest(in); err != nil {
				return
			}
			for _, piece := range pieces {
				if _, err := io.WriteString(c, piece); err != nil {
					return
				}
			}
		}
	}
}

// once says something to the first request, and hangs up.
func once(pieces ...string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := takeRequest(bufio.NewReader(c)); err != nil {
			return
		}
		for _, piece := range pieces {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
	}
}

// listening is a server on the network. Each connection is served by itself.
func listening(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serving(t, listener, serve)
}

func serving(t *testing.T, listener net.Listener, serve func(net.Conn)) string {
	t.Helper()
	var working sync.WaitGroup
	working.Go(func() {
		for {
			c, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			working.Go(func() {
				serve(c)
				_ = c.Close()
			})
			t.Cleanup(func() { _ = c.Close() })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); working.Wait() })
	return listener.Addr().String()
}
