package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"waybill/whatsapp/internal/http1"
)

// authority lends its certificate.
func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	lender := httptest.NewUnstartedServer(nil)
	lender.StartTLS()
	defer lender.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(lender.Certificate())
	return lender.TLS.Certificates[0], trusted
}

// kinds are the lines on which requests travel: how a server listens on each, and whom its clients trust.
func kinds(t *testing.T) map[string]func(serve func(net.Conn)) http1.Config {
	t.Helper()
	certificate, trusted := authority(t)
	secure := func(version uint16) func(serve func(net.Conn)) http1.Config {
		return func(serve func(net.Conn)) http1.Config {
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
				Certificates: []tls.Certificate{certificate}, MinVersion: version, MaxVersion: version, NextProtos: []string{"h2", "http/1.1"},
			})
			if err != nil {
				t.Fatal(err)
			}
			c := config("https://"+serving(t, listener, serve), nil)
			c.TLS = &tls.Config{RootCAs: trusted}
			return c
		}
	}
	return map[string]func(serve func(net.Conn)) http1.Config{
		"plain":   func(serve func(net.Conn)) http1.Config { return config("http://"+listening(t, serve), nil) },
		"TLS 1.2": secure(tls.VersionTLS12), "TLS 1.3": secure(tls.VersionTLS13),
	}
}

// A connection that its server closed while it was idle is noticed before anything is written to it, whatever the farewell was.
func TestClosedWhileIdle(t *testing.T) {
	for name, listen := range kinds(t) {
		for farewell, say := range map[string]func(net.Conn){
			"closed":                 func(net.Conn) {},
			"closed without goodbye": func(c net.Conn) { _ = beneath(c).Close() },
			"reset":                  func(c net.Conn) { _ = beneath(c).(*net.TCPConn).SetLinger(0); _ = beneath(c).Close() },
			"an answer to nothing": func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
			},
		} {
			gone := make(chan struct{}, 1)
			dialled := atomic.Int32{}
			ours := transport(t, listen(func(c net.Conn) {
				dialled.Add(1)
				once(plainA)(c)
				say(c)
				_ = c.Close()
				gone <- struct{}{}
			}))
			for n := range int32(20) {
				a, err := ours.Post(t.Context(), message("{}"))
				if err != nil || a.Status != 200 || dialled.Load() != n+1 {
					t.Fatalf("%s, %s: request %d: got %+v, %v; %d connections", name, farewell, n, a, err, dialled.Load())
				}
				<-gone
			}
		}
	}
}

// beneath is the connection beneath TLS.
func beneath(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}

// What TLS says for itself, such as tickets, is no end of a connection; the protocol is HTTP/1.1; and a second connection resumes the session.
func TestConnectionsAreKept(t *testing.T) {
	for name, listen := range kinds(t) {
		var dialled, resumed atomic.Int32
		proceed := make(chan struct{})
		c := listen(func(c net.Conn) {
			dialled.Add(1)
			in := bufio.NewReader(c)
			for {
				body, err := takeRequest(in)
				if err != nil {
					return
				}
				if string(body) == "hold" {
					<-proceed
				}
				if secure, ok := c.(*tls.Conn); ok {
					state := secure.ConnectionState()
					if state.NegotiatedProtocol != "http/1.1" || state.ServerName != "" {
						t.Errorf("%s: %q for %q", name, state.NegotiatedProtocol, state.ServerName)
					}
					if state.DidResume {
						resumed.Add(1)
					}
				}
				_, _ = io.WriteString(c, plainA)
			}
		})
		ours := transport(t, c)
		for range 20 {
			if _, err := ours.Post(t.Context(), message("{}")); err != nil {
				t.Fatal(name, err)
			}
		}
		if dialled.Load() != 1 || resumed.Load() != 0 {
			t.Errorf("%s: %d connections, %d resumed", name, dialled.Load(), resumed.Load())
		}
		held := make(chan error, 1)
		go func() {
			_, err := ours.Post(t.Context(), http1.Request{Path: path, Body: []byte("hold"), Ask: func() error { close(proceed); return nil }})
			held <- err
		}()
		if err := <-held; err != nil {
			t.Error(name, err)
		}
		second := make(chan error, 1)
		_, err := ours.Post(t.Context(), http1.Request{Path: path, Ask: func() error {
			go func() { // while the first connection is in use
				_, err := ours.Post(t.Context(), message("{}"))
				second <- err
			}()
			return <-second
		}})
		if err != nil || dialled.Load() != 2 || name != "plain" && resumed.Load() != 1 {
			t.Errorf("%s: %v; %d connections, %d resumed", name, err, dialled.Load(), resumed.Load())
		}
	}
}

// The connection may end while its caller waits: another is dialled, once. A server that takes no request at all is an error, and nothing left.
func TestClosedBeforeTheRequest(t *testing.T) {
	gone := make(chan struct{}, 9)
	dialled := 0
	address := listening(t, func(c net.Conn) {
		_ = c.Close()
		gone <- struct{}{}
	})
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		dialled++
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		<-gone
		return c, err
	}
	for want, wait := range map[int]func() error{1: nil, 2: func() error { return nil }} {
		dialled = 0
		a, err := transport(t, config("http://"+address, dial)).Post(t.Context(), http1.Request{Path: path, Wait: wait, Ask: func() error { t.Error("asked"); return nil }})
		if err == nil || a.Left || dialled != want || !strings.Contains(err.Error(), "closed the connection before") {
			t.Errorf("got %+v, %v; %d connections, want %d", a, err, dialled, want)
		}
	}
}

// Who cannot be greeted gets no request.
func TestGreetings(t *testing.T) {
	certificate, trusted := authority(t)
	speaking := func(config *tls.Config) string {
		listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
		if err != nil {
			t.Fatal(err)
		}
		return serving(t, listener, answering(plainA))
	}
	for name, test := range map[string]struct {
		address string
		trusted *x509.CertPool
		word    string
	}{
		"unknown authority": {speaking(&tls.Config{Certificates: []tls.Certificate{certificate}}), nil, "certificate"},
		"another protocol":  {speaking(&tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"x"}}), trusted, "protocol"},
		"plain HTTP":        {listening(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), trusted, "plain HTTP"},
		"another name":      {strings.Replace(speaking(&tls.Config{Certificates: []tls.Certificate{certificate}}), "127.0.0.1", "localhost", 1), trusted, "localhost"},
	} {
		c := config("https://"+test.address, func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, strings.Replace(address, "localhost", "127.0.0.1", 1))
		})
		c.TLS = &tls.Config{RootCAs: test.trusted}
		if a, err := transport(t, c).Post(t.Context(), message("{}")); err == nil || a.Left || !strings.Contains(err.Error(), test.word) {
			t.Errorf("%s: got %+v, %v", name, a, err)
		}
	}
}

// counting counts what is written at once.
type counting struct {
	net.Conn
	writes *atomic.Int32
}

func (c counting) Write(b []byte) (int, error) { c.writes.Add(1); return c.Conn.Write(b) }

// Head and body leave in one write, by TLS in one record.
func TestOneWrite(t *testing.T) {
	for name, listen := range kinds(t) {
		var writes atomic.Int32
		c := listen(answering(plainA))
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return counting{dialled, &writes}, err
		}
		begin := int32(0)
		_, err := transport(t, c).Post(t.Context(), http1.Request{
			Path: path, Body: []byte(strings.Repeat("x", 8<<10)), Ask: func() error { begin = writes.Load(); return nil },
		})
		if n := writes.Load() - begin; err != nil || n != 1 {
			t.Errorf("%s: %d writes, %v", name, n, err)
		}
	}
}

// A server may refuse a request of which it read only the head, and keep the connection or not.
func TestAnswerBeforeTheBody(t *testing.T) {
	for name, listen := range kinds(t) {
		ours := transport(t, listen(func(c net.Conn) {
			in := bufio.NewReaderSize(c, 16)
			for {
				if line, err := in.ReadString('\n'); err != nil || line == "\r\n" {
					break
				}
			}
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
			_, _ = io.Copy(io.Discard, c)
		}))
		a, err := ours.Post(t.Context(), message(strings.Repeat("x", http1.MaxBody)))
		if err != nil || a.Status != 400 || !a.Left {
			t.Errorf("%s: got %+v, %v", name, a, err)
		}
	}
}
