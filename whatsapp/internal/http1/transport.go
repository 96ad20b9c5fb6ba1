package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The errors of a Transport's own. Others are those of the network, of TLS and of the caller's functions.
var (
	ErrConnect = errors.New("no connection within the connect timeout")
	ErrRead    = errors.New("no complete answer within the read timeout")
	ErrTooLong = errors.New("the answer is longer than any answer should be")
)

// MaxBody is the largest body of a request in bytes that is sure to be written without its being read: a server may answer before that, and its
// answer is looked for only afterwards. Larger ones should go by net/http.
const MaxBody = 64 << 10

// Config is what a Transport is made of. What has no zero value noted is required.
type Config struct {
	Address   *url.URL      // scheme (http or https), host and port; its path is not used
	Header    http.Header   // goes with every request; Host and Content-Length are the transport's own
	Connect   time.Duration // bounds getting a connection: waiting until one is free, finding, dialling and greeting the host
	Read      time.Duration // bounds the rest, from the moment at which there is a connection; the caller's Wait is not part of it
	Idle      time.Duration // a connection that was not used for so long is closed
	MaxConns  int           // how many connections there may be, and requests in flight
	MaxAnswer int64         // bytes of an answer's body
	// Dial opens a connection; nil means a net.Dialer's DialContext.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS says whom to trust; nil means whom the system trusts. Server name, protocols and session cache are the transport's own.
	TLS *tls.Config
}

// Transport makes requests to one address. It is safe for concurrent use. It closes each connection once it is idle for long enough,
// so that a Transport that is no longer used holds nothing.
type Transport struct {
	address   string // to dial
	tls       *tls.Config
	dialer    func(ctx context.Context, network, address string) (net.Conn, error)
	connect   time.Duration
	read      time.Duration
	maxAnswer int64
	fixed     func() string // a function, so that printing a Transport prints no header
	pool      *pool
}

// Request is one request.
type Request struct {
	Path string // with its escapes, such as /v25.0/106540352242922/messages
	Body []byte
	// Wait is called once when there is a connection, and may block; Ask right before the request is written, and must not block. An error
	// of either ends the request before anything of it left, and is returned as it is. Nil lets it go.
	Wait, Ask func() error
}

// Answer is what came of a request, also beside an error. The zero value: nothing left, nothing came.
type Answer struct {
	Left   bool   // the request may have left
	Status int    // of HTTP; zero: no answer came
	Header Header // nil where Status is zero
	Body   []byte
}

// Header looks headers up by their names. http.Header is one.
type Header interface {
	Get(name string) string // the first value; empty: there is none
}

// Serves says whether a Transport can carry requests to an address. It cannot on systems where a connection does not tell whether
// its end has come, nor to hosts whose names need translation.
func Serves(address *url.URL) bool {
	return tellsItsEnd && strings.IndexFunc(address.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '%' }) < 0
}

// New makes a Transport. It refuses headers that cannot stand in a request. It opens no connection.
func New(c Config) (*Transport, error) {
	t := &Transport{
		dialer: c.Dial, connect: c.Connect, read: c.Read, maxAnswer: c.MaxAnswer,
		pool: &pool{slots: make(chan struct{}, c.MaxConns), idle: c.Idle},
	}
	head, err := fixedHead(c.Address.Host, c.Header)
	if err != nil {
		return nil, err
	}
	t.fixed = func() string { return head }
	port := c.Address.Port()
	if c.Address.Scheme == "https" {
		t.tls = tlsConfig(c.TLS, c.Address.Hostname())
		if port == "" {
			port = "443"
		}
	} else if port == "" {
		port = "80"
	}
	t.address = net.JoinHostPort(c.Address.Hostname(), port)
	if t.dialer == nil {
		t.dialer = (&net.Dialer{Timeout: c.Connect, KeepAlive: 30 * time.Second}).DialContext
	}
	return t, nil
}

// fixedHead is what the heads of all requests have in common, up to the length of the body.
func fixedHead(host string, header http.Header) (string, error) {
	for name, values := range header {
		for _, value := range values {
			if name == "" || strings.ContainsAny(name, ": ") || strings.ContainsFunc(name+value, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
				return "", fmt.Errorf("the value of %q cannot stand in a header", name)
			}
		}
	}
	var b strings.Builder
	b.WriteString(" HTTP/1.1\r\nHost: " + host + "\r\n")
	if err := header.Write(&b); err != nil { // a strings.Builder has none
		return "", err
	}
	b.WriteString("Content-Length: ")
	return b.String(), nil
}

// Post makes one request and reads the whole answer, whatever its status. When ctx ends first, the error is its; else it is ErrConnect, ErrRead,
// ErrTooLong, what Wait or Ask said, or what the connection did. An error with a Status is about an answer that was not read whole.
func (t *Transport) Post(ctx context.Context, r Request) (Answer, error) {
	if strings.ContainsFunc(r.Path, func(c rune) bool { return c <= ' ' || c >= 0x7f }) || !strings.HasPrefix(r.Path, "/") {
		return Answer{}, fmt.Errorf("%q is no path of a request", r.Path)
	}
	by := now().Add(t.connect)
	if err := t.pool.enter(ctx, by); err != nil {
		return Answer{}, err
	}
	defer t.pool.leave()
	c, err := t.held(ctx, by, r.Wait)
	if err != nil {
		return Answer{}, err
	}
	return t.exchange(ctx, c, r)
}

// held returns a connection once the caller let the request go so far.
func (t *Transport) held(ctx context.Context, by time.Time, wait func() error) (*conn, error) {
	for {
		c, err := t.connection(ctx, by)
		if err != nil {
			return nil, err
		}
		used := c.used || wait != nil
		if wait != nil {
			if err := wait(); err != nil {
				t.pool.keep(c)
				return nil, err
			}
			wait = nil
			by = now().Add(t.connect)
		}
		if err := c.SetDeadline(now().Add(t.read)); err == nil && c.open() {
			return c, nil
		}
		c.abandon()
		if !used {
			return nil, errClosedAtOnce
		}
	}
}

var errClosedAtOnce = errors.New("the server closed the connection before the request was written")

// connection returns a kept connection, or a new one.
func (t *Transport) connection(ctx context.Context, by time.Time) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c := t.pool.take(); c != nil {
		return c, nil
	}
	return t.dial(ctx, by)
}

// exchange writes a request and reads its answer, and keeps the connection if it can carry another.
func (t *Transport) exchange(ctx context.Context, c *conn, r Request) (a Answer, err error) {
	c.out = append(append(append(c.out[:0], "POST "...), r.Path...), t.fixed()...)
	c.out = append(append(strconv.AppendInt(c.out, int64(len(r.Body)), 10), "\r\n\r\n"...), r.Body...)
	unbound := c.endWith(ctx)
	reusable := true
	if r.Ask != nil {
		err = r.Ask()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		a, reusable, err = c.exchange(t.maxAnswer)
		err = reason(ctx, err)
	}
	if unbound() && reusable {
		t.pool.keep(c)
	} else {
		c.abandon()
	}
	return a, err
}

// now is the time by which the system's deadlines go.
func now() time.Time {
	return time.Now() //nolint:forbidigo // deadlines of connections are times of the system's clock, whatever clock the program goes by
}
