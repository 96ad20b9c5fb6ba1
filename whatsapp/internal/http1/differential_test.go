package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp/internal/http1"
)

// answers are what servers say to a request, well or badly, before they hang up.
var answers = map[string]string{
	"ordinary":                plainA,
	"names in any case":       "HTTP/1.1 200 OK\r\nCONTENT-length:5\r\nconnection: Keep-Alive\r\n\r\nhello",
	"without a reason":        "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
	"with an empty reason":    "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
	"empty":                   "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"refusal":                 "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}",
	"gateway":                 "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
	"no content":              "HTTP/1.1 204 No Content\r\n\r\n",
	"no content with length":  "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
	"not modified":            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
	"redirect":                "HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
	"chunked":                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
	"chunked with trailer":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
	"chunked and length":      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"chunks of no number":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
	"another encoding":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
	"until it is closed":      "HTTP/1.1 200 OK\r\n\r\nhello",
	"said to close":           "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
	"close among others":      "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.0":                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.0 that stays":     "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.0 until closed":   "HTTP/1.0 200 OK\r\n\r\nhello",
	"HTTP/2":                  "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"continue":                "HTTP/1.1 100 Continue\r\n\r\n" + plainA,
	"early hints":             "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + plainA,
	"hints and nothing":       "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
	"two lengths alike":       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	"two lengths":             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
	"a list of lengths":       "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
	"length with a sign":      "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
	"negative length":         "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
	"empty length":            "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello",
	"enormous length":         "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
	"longer than allowed":     "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + strings.Repeat("x", 2000),
	"longer without length":   "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 2000),
	"more than it said":       "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello",
	"a second answer":         plainA + plainA,
	"bare line feeds":         "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
	"a bare line feed":        "HTTP/1.1 200 OK\r\nX: a\nContent-Length: 5\r\n\r\nhello",
	"a folded header":         "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
	"a folded length":         "HTTP/1.1 200 OK\r\nX: a\r\n Content-Length: 5\r\n\r\nhello",
	"a blank before a colon":  "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
	"no colon":                "HTTP/1.1 200 OK\r\nContent-Length 5\r\n\r\nhello",
	"no name":                 "HTTP/1.1 200 OK\r\n: 5\r\nContent-Length: 5\r\n\r\nhello",
	"curious names":           "HTTP/1.1 200 OK\r\nX!#$%: 5\r\nContent-Length: 5\r\n\r\nhello",
	"a name not of ASCII":     "HTTP/1.1 200 OK\r\nÄ: 5\r\nContent-Length: 5\r\n\r\nhello",
	"a zero byte":             "HTTP/1.1 200 OK\r\nX: \x00\r\nContent-Length: 5\r\n\r\nhello",
	"a status of two digits":  "HTTP/1.1 20 OK\r\nContent-Length: 5\r\n\r\nhello",
	"a status of four digits": "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
	"a status of 999":         "HTTP/1.1 999 OK\r\nContent-Length: 5\r\n\r\nhello",
	"no HTTP":                 "220 smtp ready\r\n",
	"settings of HTTP/2":      "\x00\x00\x00\x04\x00\x00\x00\x00\x00",
	"an alert of TLS":         "\x15\x03\x03\x00\x02\x02\x28",
	"one byte":                "H",
	"nothing":                 "",
}

// came is what came of a request, as a caller sees it.
type came struct {
	status int
	body   string
	failed bool
	late   bool
}

// client makes a request by a transport.
type client func(tb testing.TB) came

// byUs makes requests over lines.
func byUs(tb testing.TB, l *lines) client {
	tb.Helper()
	ours := transport(tb, config("http://example.com", l.dial))
	return func(tb testing.TB) came {
		tb.Helper()
		a, err := ours.Post(tb.Context(), message("{}"))
		if !a.Left {
			tb.Error("it left")
		}
		got := came{status: a.Status, failed: err != nil, late: errors.Is(err, http1.ErrRead)}
		if err == nil {
			got.body = string(a.Body)
		}
		return got
	}
}

// byNetHTTP makes them by net/http.
func byNetHTTP(tb testing.TB, l *lines) client {
	tb.Helper()
	theirs := &http.Transport{DialContext: l.dial}
	tb.Cleanup(theirs.CloseIdleConnections)
	return func(tb testing.TB) came {
		tb.Helper()
		return roundTrip(tb, theirs)
	}
}

func roundTrip(tb testing.TB, theirs *http.Transport) came {
	tb.Helper()
	const limit = 1 << 10
	ctx, cancel := context.WithTimeout(tb.Context(), 20*time.Second)
	defer cancel()
	to := &url.URL{Scheme: "http", Host: "example.com", Path: path}
	r := &http.Request{
		Method: http.MethodPost, URL: to, Host: to.Host, Header: http.Header{"Accept-Encoding": {"identity"}},
		Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2,
	}
	response, err := theirs.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return came{failed: true, late: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	}
	defer func() { _ = response.Body.Close() }()
	if response.ContentLength > limit {
		return came{status: response.StatusCode, failed: true} // here it is given up at once
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	got := came{status: response.StatusCode, failed: err != nil || len(body) > limit, late: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	if !got.failed {
		got.body = string(body)
	}
	return got
}

// both make a request of a server of their own that is this function, and what came of it must be alike.
func both(t *testing.T, name string, serve func(net.Conn)) came {
	t.Helper()
	theirs := byNetHTTP(t, &lines{serve: serve})(t)
	ours := byUs(t, &lines{serve: serve})(t)
	if ours != theirs {
		t.Errorf("%s:\n got %+v\nwant %+v as of net/http", name, ours, theirs)
	}
	return ours
}

// Whatever a server says, cut at each of its bytes, the same comes of it as with net/http.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	quiet(t)
	for name, answer := range answers {
		step := 1 + len(answer)/200
		for at := 0; at <= len(answer); at += step {
			both(t, name+", cut: "+answer[:at], once(answer[:at]))
			both(t, name+", in two pieces: "+answer[:at]+"|"+answer[at:], once(answer[:at], answer[at:]))
		}
	}
}

// A connection that net/http gives up after an answer is not kept here, and an ordinary one is.
func TestKeptConnectionsAreThoseOfNetHTTP(t *testing.T) {
	quiet(t)
	for name, answer := range answers {
		synctest.Test(t, func(t *testing.T) {
			kept := func(by func(testing.TB, *lines) client) bool {
				var again atomic.Bool
				l := &lines{serve: func(c net.Conn) {
					in := bufio.NewReader(c)
					if _, err := takeRequest(in); err != nil {
						return
					}
					_, _ = io.WriteString(c, answer) // a client need not take all of it
					_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
					_, err := takeRequest(in)
					if err == nil {
						again.Store(true)
					}
				}}
				do := by(t, l)
				if first := do(t); first.failed {
					return false
				}
				do(t)
				l.serving.Wait()
				return again.Load()
			}
			ours, theirs := kept(byUs), kept(byNetHTTP)
			if ours && !theirs || theirs && !ours && strings.HasPrefix(name, "ordinary") {
				t.Errorf("%s: kept: %t, by net/http %t", name, ours, theirs)
			}
			time.Sleep(time.Minute) // what is idle is closed
		})
	}
}

// quiet keeps net/http from telling what servers say without being asked.
func quiet(t *testing.T) {
	t.Helper()
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
}

// A server that stops in the middle ends a request by the read timeout with both.
func TestSilencesAreThoseOfNetHTTP(t *testing.T) {
	quiet(t)
	for name, answer := range answers {
		for _, at := range []int{0, 1, len(answer) / 2, len(answer) - 1, len(answer)} {
			if at < 0 || at > len(answer) {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				got := both(t, name+": "+answer[:at], func(c net.Conn) {
					if _, err := takeRequest(bufio.NewReader(c)); err == nil {
						_, _ = io.WriteString(c, answer[:at])
					}
					_, _ = io.Copy(io.Discard, c) // until the client gives up
				})
				if took := time.Since(begin); got.late && took != 40*time.Second {
					t.Errorf("%s: both took %s", name, took)
				}
				time.Sleep(time.Minute) // what is idle is closed
			})
		}
	}
}
