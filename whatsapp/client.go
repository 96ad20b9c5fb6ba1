package whatsapp

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What a zero Config stands for, and the throughput of a number about which nothing else is known.
const (
	// DefaultBaseURL holds the API's address and version. v25.0 is available until 29 July 2028: see VersionEnd.
	// Source: Graph API, changelog/versions.
	DefaultBaseURL        = "https://graph.facebook.com/v25.0"
	DefaultConnectTimeout = 30 * time.Second
	DefaultReadTimeout    = 60 * time.Second
	// DefaultThroughput is how many messages a second a number may send at first. A Client does not keep it: see Limiter.
	// Source: Meta, throughput.
	DefaultThroughput = 80.0
)

const (
	maxConnections = 1280             // lets 1,200 sends be in flight over HTTP/1.1 without waiting for each other
	idleTimeout    = 20 * time.Second // shorter than servers keep an idle connection: a send on one that was just closed ends in doubt
)

// Config is what a Client is made of. Only Token is required.
type Config struct {
	// BaseURL holds the version, such as https://graph.facebook.com/v25.0, and may hold a longer path; every
	// call is joined to it. Empty means DefaultBaseURL. Plain http is allowed to the own machine only.
	BaseURL string
	Token   AccessToken
	// ConnectTimeout bounds finding, dialling and greeting the host; zero or less means DefaultConnectTimeout.
	ConnectTimeout time.Duration
	// ReadTimeout bounds a call from the moment at which it has a connection; zero or less means DefaultReadTimeout.
	ReadTimeout time.Duration
	// Transport carries the calls. Nil means connections made for this client: those of package http1 for messages, where no proxy stands
	// before BaseURL, and a *http.Transport for everything else. A given one must not follow
	// redirects and must not repeat a request by itself. As net/http does, it must report to httptrace that it wrote the
	// headers before it reads the body, which is empty until then.
	Transport http.RoundTripper
	// Proxy chooses the proxy of the connections made here, such as http.ProxyFromEnvironment; nil means none. For messages it is
	// asked once, about BaseURL. A given Transport chooses its own.
	Proxy func(*http.Request) (*url.URL, error)
	// Version is the program's, for the User-Agent; empty means "dev".
	Version string
	// Now is called only where an answer has a time in Retry-After and no Date; nil means that such a time is not used.
	Now func() time.Time
}

// Client calls the API with one token. It is safe for concurrent use, keeps connections open and has no state of its own.
type Client struct {
	base      *url.URL
	token     AccessToken
	transport http.RoundTripper
	messages  poster // how messages travel, which may be by transport
	connect   time.Duration
	read      time.Duration
	headers   func() headers // a function, so that printing a Client does not print the token
	now       func() time.Time
}

// New makes a Client. It refuses a missing or impossible token, a base address that is not http or https, and
// plain http to another machine, which would send the token unencrypted. It opens no connection.
func New(c Config) (*Client, error) {
	if err := c.Token.check(); err != nil {
		return nil, err
	}
	base, err := parseBase(cmp.Or(c.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("the base address %w; it should look like %s", err, DefaultBaseURL)
	}
	client := &Client{
		base: base, token: c.Token, transport: c.Transport, now: c.Now,
		connect: orDefault(c.ConnectTimeout, DefaultConnectTimeout), read: orDefault(c.ReadTimeout, DefaultReadTimeout),
	}
	shared := newHeaders(c)
	client.headers = func() headers { return shared }
	if client.transport == nil {
		client.transport = newTransport(c.Proxy, client.connect, client.read)
	}
	if client.messages, err = client.newPoster(c, shared.json); err != nil {
		return nil, err
	}
	return client, nil
}

// headers are those of all requests, which share them: a transport only reads them.
type headers struct {
	plain http.Header // without a body
	json  http.Header
}

func newHeaders(c Config) headers {
	version := c.Version
	if version == "" {
		version = "dev"
	}
	plain := http.Header{
		"Authorization": {"Bearer " + c.Token.reveal()}, "User-Agent": {"waybill/" + version}, "Accept": {"application/json"},
	}
	json := plain.Clone()
	json.Set("Content-Type", "application/json")
	json.Set("Accept-Encoding", "identity") // the answer to a message is too short to gain by compression
	return headers{plain, json}
}

func orDefault(given, otherwise time.Duration) time.Duration {
	if given <= 0 {
		return otherwise
	}
	return given
}

func newTransport(proxy func(*http.Request) (*url.URL, error), connect, read time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   connect,
		ResponseHeaderTimeout: read,
		MaxIdleConns:          maxConnections,
		MaxIdleConnsPerHost:   maxConnections,
		MaxConnsPerHost:       maxConnections,
		IdleConnTimeout:       idleTimeout,
		// One dead HTTP/2 connection would leave every message given to it in doubt until the read timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// CheckBaseURL says why an address cannot be a client's BaseURL, in words that follow its name: "must be https: …".
// They do not repeat the address, which may hold a password.
func CheckBaseURL(text string) error {
	_, err := parseBase(text)
	return err
}

func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("cannot be read as an address") // the reason would repeat it
	case base.User != nil || base.RawQuery != "" || base.Fragment != "" || base.ForceQuery:
		return nil, errors.New("must hold no user, query or fragment")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case base.Hostname() == "":
		return nil, errors.New("names no host")
	case base.Scheme == "http" && !loopback(base.Hostname()):
		return nil, errors.New("must be https: the token would travel in the clear")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	base.RawPath = strings.TrimRight(base.RawPath, "/")
	return base, nil
}

// Loopback says whether an address leads to this machine.
func Loopback(address string) bool {
	base, err := url.Parse(address)
	return err == nil && loopback(base.Hostname())
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}

// address returns the address of a path made of parts, each of them escaped: ids come from users and from webhooks.
func (c *Client) address(query url.Values, parts ...string) *url.URL {
	to := *c.base
	to.Path += "/" + strings.Join(parts, "/")
	to.RawPath = c.base.EscapedPath()
	for _, part := range parts {
		to.RawPath += "/" + url.PathEscape(part)
	}
	to.RawQuery = query.Encode()
	return &to
}

// needID refuses an id that is empty or would change the path it is put into.
func needID(what, id string) error {
	switch id {
	case "":
		return fmt.Errorf("%w: the %s is empty", ErrUnsendable, what)
	case ".", "..":
		return fmt.Errorf("%w: %q is no %s", ErrUnsendable, id, what)
	}
	return nil
}
