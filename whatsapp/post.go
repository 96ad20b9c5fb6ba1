package whatsapp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"

	"waybill/whatsapp/internal/http1"
)

// poster makes the request of a message. left says, also beside an error, whether the message may have left. An error of the gate is
// returned as it is.
type poster interface {
	post(ctx context.Context, phoneNumberID, edge string, body []byte, gate Gate) (got answer, left bool, err error)
}

// newPoster decides how messages travel. A given transport and a proxy carry them as they carry everything else.
func (c *Client) newPoster(config Config, headers http.Header) (poster, error) {
	carried := byTransport{c}
	if config.Transport != nil || proxied(config.Proxy, c.base) || !http1.Serves(c.base) {
		return carried, nil
	}
	transport, err := http1.New(http1.Config{
		Address: c.base, Header: headers, Connect: c.connect, Read: c.read, Idle: idleTimeout, MaxConns: maxConnections, MaxAnswer: maxSent,
	})
	if err != nil {
		return nil, err
	}
	return direct{transport: transport, prefix: c.base.EscapedPath() + "/", larger: carried}, nil
}

// proxied says whether a proxy stands before an address, or cannot be chosen.
func proxied(proxy func(*http.Request) (*url.URL, error), base *url.URL) bool {
	if proxy == nil {
		return false
	}
	chosen, err := proxy(&http.Request{Method: http.MethodPost, URL: base, Host: base.Host})
	return err != nil || chosen != nil
}

// direct posts over connections of its own, in the goroutine of the caller.
type direct struct {
	transport *http1.Transport
	prefix    string // of the paths, with the slash behind it
	larger    poster // for what is larger than http1.MaxBody
}

func (d direct) post(ctx context.Context, phoneNumberID, edge string, body []byte, gate Gate) (answer, bool, error) {
	if len(body) > http1.MaxBody {
		return d.larger.post(ctx, phoneNumberID, edge, body, gate)
	}
	path := d.prefix + url.PathEscape(phoneNumberID) + "/" + edge
	a, err := d.transport.Post(ctx, http1.Request{Path: path, Body: body, Wait: gate.Wait, Ask: gate.Ask})
	return answer{a.Status, a.Header, a.Body}, a.Left, preferCause(ctx, err)
}

// byTransport posts by the client's transport.
type byTransport struct{ client *Client }

func (b byTransport) post(ctx context.Context, phoneNumberID, edge string, body []byte, gate Gate) (answer, bool, error) {
	c := b.client
	gated := &gatedBody{gate: gate, message: body}
	ctx, w := c.withTimeouts(ctx, gated)
	defer w.stop()
	r := c.request(ctx, http.MethodPost, c.address(nil, phoneNumberID, edge))
	// With its length known and no GetBody, net/http neither probes the body nor sends the request a second time.
	r.Header = c.headers().json
	r.Body, r.ContentLength = io.NopCloser(&gated.body), int64(len(body))
	got, err := c.do(ctx, r, maxSent)
	left, refusal := gated.seal()
	if refusal != nil {
		return answer{}, false, refusal
	}
	return got, left && !neverConnected(err), err
}

// neverConnected reports whether no connection was made. net/http reads the body only after that; a transport in memory
// has to read it first, to choose what it pretends.
func neverConnected(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}
