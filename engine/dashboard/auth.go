package dashboard

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	cookieName = "waybill_dashboard"
	cookieAge  = 30 * 24 * time.Hour
	tokenParam = "token"
)

// Guard returns a handler that lets through to next the requests that New would answer (see doc.go), and refuses the
// others. `serve` puts it before the metrics.
func Guard(o Options, next http.Handler) http.Handler {
	o = o.withDefaults()
	p := newPages(o)
	return withHeaders(loopbackOnly(o, p, readOnly(requireToken(o, p, next))))
}

// withHeaders sets the headers that every answer has.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would keep a form's Origin back, by which it is let in
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// readOnly refuses methods other than GET and HEAD.
func readOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the dashboard only reads: GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackOnly refuses requests from beyond this machine to a dashboard that asks for no token. A connection to a loopback
// address proves little: a page in the operator's browser may make one under a name of its own (DNS rebinding), and a
// proxy or a tunnel that was opened for webhooks may forward any request.
func loopbackOnly(o Options, p *pages, next http.Handler) http.Handler {
	if o.Token != "" {
		return next
	}
	const serve = "waybill serve with --dashboard-token TOKEN"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		why := ""
		switch {
		case !loopbackConnection(r):
			why = "This dashboard was reached from beyond its own machine, and nobody set a token. Start " + serve + "."
		case forwarded(r.Header):
			why = "This request came through a proxy or a tunnel, and nobody set a token. Start " + serve + ", " +
				"or open the dashboard directly on its own machine."
		case !loopbackName(r.Host):
			why = "This dashboard answers to localhost and 127.0.0.1 alone, as long as nobody set a token. " +
				"Open it under one of those names, or start " + serve + "."
		}
		if why == "" {
			next.ServeHTTP(w, r)
			return
		}
		p.writeNote(w, r, http.StatusForbidden, o.authFrame("Not from here"), why)
	})
}

// authFrame is the frame of a page for a request that is not let in: it has no menu, and nothing of the ledger.
func (o Options) authFrame(title string) *frame {
	return &frame{Title: title, Section: "auth", Version: o.Version, Zone: o.Zone.String(), Now: o.Now()}
}

// loopbackConnection says whether the connection ends on a loopback address or a Unix socket. Where the server does not
// say, as in tests, the name has to do.
func loopbackConnection(r *http.Request) bool {
	switch at := r.Context().Value(http.LocalAddrContextKey).(type) {
	case *net.TCPAddr:
		return at.IP.IsLoopback()
	case *net.UnixAddr, nil:
		return true
	}
	return false
}

// forwarded says whether a header shows that a proxy passed the request on.
func forwarded(h http.Header) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Cf-Connecting-Ip", "Via"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}

// loopbackName says whether a Host header names this machine for itself.
func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, section 6.3
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// requireToken lets requests with the token through: as a bearer, as the cookie that was set before, or once as ?token=,
// which sets the cookie and redirects to the address without it.
func requireToken(o Options, p *pages, next http.Handler) http.Handler {
	if o.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch given := query.Get(tokenParam); {
		case given != "" && constantTimeEqual(given, o.Token):
			http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the connection is: a cookie that plain http refuses locks out
				Name: cookieName, Value: cookieValue(o.Token), Path: "/", MaxAge: int(cookieAge.Seconds()),
				HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
			})
			query.Del(tokenParam)
			// A path of two slashes would be another host's address.
			to := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, `/\`), RawQuery: query.Encode()}
			http.Redirect(w, r, to.String(), http.StatusSeeOther)
		case given == "" && hasToken(r, o.Token):
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="waybill"`)
			f := o.authFrame("Token, please")
			f.Main = given != ""
			p.write(w, r, http.StatusUnauthorized, "token", f)
		}
	})
}

func hasToken(r *http.Request, token string) bool {
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && constantTimeEqual(strings.TrimSpace(bearer), token) {
		return true
	}
	c, err := r.Cookie(cookieName)
	return err == nil && constantTimeEqual(c.Value, cookieValue(token))
}

// cookieValue is a keyed digest of the token: it proves that the browser once had the token, and does not reveal it.
func cookieValue(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("waybill dashboard cookie, version 1"))
	return hex.EncodeToString(mac.Sum(nil))
}

// constantTimeEqual compares in a time that depends on neither content nor length.
func constantTimeEqual(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
