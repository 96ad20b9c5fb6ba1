package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Bounds of what is fetched.
const (
	MaxBytes       = 1 << 30
	connectTimeout = 30 * time.Second
	answerTimeout  = 60 * time.Second
	totalTimeout   = 10 * time.Minute
	maxRedirects   = 5
)

// Options say from where may be fetched.
type Options struct {
	Allow     []string // hosts, with a port where it is not the scheme's: "files.example.org", "localhost:8080", "10.1.2.3"
	UserAgent string
	MaxBytes  int64                                 // 0: MaxBytes
	Lines     bool                                  // it is text in lines: one that may have been cut in the middle of its last is refused
	Proxy     func(*http.Request) (*url.URL, error) // nil: none
}

// NotAllowedError says that a host, or the address that its name resolves to, is not allowed.
type NotAllowedError struct {
	Host    string // what would have to be allowed
	Private bool   // it is an address of a private network, behind a name that is allowed
}

func (e *NotAllowedError) Error() string {
	if e.Private {
		return fmt.Sprintf("its name leads to %s, which is an address of a private network", e.Host)
	}
	return fmt.Sprintf("the host %s is not allowed", e.Host)
}

// Parse reads an address. Its error says what is wrong with it, in words that follow its name.
func Parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, errors.New("is no address")
	case u.Host == "" || u.Hostname() == "":
		return nil, errors.New("is no address: it begins with https:// and a host")
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return nil, errors.New("is not encrypted: it has to begin with https://")
	case u.Scheme != "https":
		return nil, fmt.Errorf("begins with %s://, and only https:// is fetched", u.Scheme)
	}
	return u, nil
}

// loopback says whether a host is this machine by its name.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// Get fetches an address into w, and returns when its content was last changed; the zero time: the server does not say.
func Get(ctx context.Context, address string, o Options, w io.Writer) (modified time.Time, err error) {
	u, err := Parse(address)
	if err != nil {
		return modified, err
	}
	if !o.allows(u) {
		return modified, &NotAllowedError{Host: hostOf(u)}
	}
	ctx, cancel := context.WithTimeout(ctx, totalTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return modified, err
	}
	request.Header.Set("User-Agent", o.UserAgent)
	client, err := o.client(request)
	if err != nil {
		return modified, err
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // its text has the whole address, with what is secret in it
	}
	if err != nil {
		return modified, err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	return o.receive(response, w)
}

// receive takes an answer that is a file.
func (o Options) receive(response *http.Response, w io.Writer) (modified time.Time, err error) {
	if response.StatusCode != http.StatusOK {
		return modified, fmt.Errorf("it answered %s", response.Status)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err == nil && kind == "text/html" {
		return modified, errors.New("it answered with a web page, as a site does that wants a login")
	}
	most := o.MaxBytes
	if most == 0 {
		most = MaxBytes
	}
	end := &tail{to: w}
	n, err := io.Copy(end, io.LimitReader(response.Body, most+1))
	switch {
	case err != nil:
		return modified, fmt.Errorf("it broke off after %d bytes: %w", n, err)
	case n > most:
		return modified, fmt.Errorf("it is larger than %d MiB", most>>20)
	case o.Lines && n > 0 && endsAnywhere(response) && !end.isLine():
		return modified, fmt.Errorf("the server does not say how long it is, and after %d bytes it ends in the middle of a line: "+
			"it may have broken off there. Have it end its last line, or send a Content-Length", n)
	}
	if changed, err := http.ParseTime(response.Header.Get("Last-Modified")); err == nil {
		modified = changed
	}
	return modified, nil
}

// endsAnywhere says whether an answer is over when its connection is, so that one that broke off looks whole.
func endsAnywhere(response *http.Response) bool {
	return response.ProtoMajor < 2 && response.ContentLength < 0 && len(response.TransferEncoding) == 0 && !response.Uncompressed
}

// tail remembers the last two bytes that were written through it.
type tail struct {
	to   io.Writer
	last [2]byte
}

func (t *tail) Write(p []byte) (int, error) {
	for _, b := range p[max(0, len(p)-2):] {
		t.last = [2]byte{t.last[1], b}
	}
	return t.to.Write(p)
}

// isLine says whether the last line is ended, in UTF-16 too.
func (t *tail) isLine() bool {
	end := t.last[1]
	if end == 0 {
		end = t.last[0]
	}
	return end == '\n' || end == '\r'
}

// client makes the client for one request.
func (o Options) client(request *http.Request) (*http.Client, error) {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: o.checkDialled}
	transport := &http.Transport{TLSHandshakeTimeout: connectTimeout, ResponseHeaderTimeout: answerTimeout, ForceAttemptHTTP2: true}
	if o.Proxy != nil {
		proxy, err := o.Proxy(request)
		if err != nil {
			return nil, err
		}
		if proxy != nil {
			transport.Proxy, dialer.Control = http.ProxyURL(proxy), nil
		}
	}
	transport.DialContext = dialer.DialContext
	origin := request.URL
	return &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case next.URL.Scheme != origin.Scheme || hostOf(next.URL) != hostOf(origin):
			return fmt.Errorf("it redirects to %s://%s, and no redirect to another host is followed", next.URL.Scheme, next.URL.Host)
		case len(via) > maxRedirects:
			return fmt.Errorf("it redirects more than %d times", maxRedirects)
		}
		return nil
	}}, nil
}

// checkDialled refuses an address of a private network that is not allowed itself.
func (o Options) checkDialled(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s is no address: %w", address, err)
	}
	ip := at.Addr().Unmap()
	if ip.IsGlobalUnicast() && !ip.IsPrivate() && !shared.Contains(ip) {
		return nil
	}
	for _, allowed := range o.Allow {
		host := allowed
		if name, _, err := net.SplitHostPort(allowed); err == nil {
			host = name
		}
		named, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err == nil && named.Unmap() == ip || strings.EqualFold(host, "localhost") && ip.IsLoopback() {
			return nil
		}
	}
	return &NotAllowedError{Host: ip.String(), Private: true}
}

// shared is the address space between a provider and its customers (RFC 6598), in which clouds put machines of their own.
var shared = netip.MustParsePrefix("100.64.0.0/10") //nolint:gochecknoglobals // it is a constant

// allows says whether the host of an address is allowed.
func (o Options) allows(u *url.URL) bool {
	for _, allowed := range o.Allow {
		if strings.EqualFold(allowed, hostOf(u)) {
			return true
		}
	}
	return false
}

// hostOf is the host of an address, with its port where that is not the scheme's.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return host
}
