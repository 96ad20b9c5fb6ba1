package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What the short way makes of a head is what net/http makes of it.
func FuzzOrdinary(f *testing.F) {
	for _, head := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\nX-Fb-Trace-Id:\t A \r\n\r\n",
		"HTTP/1.1 400 Bad Request\r\nconnection: keep-alive\r\ncontent-length: 007\r\n\r\n",
		"HTTP/1.1 503 \r\nRetry-After: 1\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\n",
	} {
		f.Add(head)
	}
	f.Fuzz(func(t *testing.T, head string) {
		end := strings.Index(head, "\r\n\r\n")
		if end < 0 {
			return
		}
		head = head[:end+4]
		status, length, ok := ordinary([]byte(head[:end+2]))
		if !ok {
			return
		}
		body := strings.Repeat("x", int(min(length, 1<<10)))
		want, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head+body)), &http.Request{Method: http.MethodPost})
		if err != nil {
			t.Fatalf("%q: net/http does not read it: %v", head, err)
		}
		defer func() { _ = want.Body.Close() }()
		if status != want.StatusCode || length != want.ContentLength || want.Close || len(want.TransferEncoding) > 0 || len(want.Trailer) > 0 {
			t.Errorf("%q: got %d, %d bytes; net/http %+v", head, status, length, want)
		}
		for name := range want.Header {
			if got := Head(head).Get(name); got != want.Header.Get(name) {
				t.Errorf("%q: %s is %q, by net/http %q", head, name, got, want.Header.Get(name))
			}
		}
	})
}

// Whatever comes, in however small pieces: an answer or an error, no more than is allowed, and a connection that is used again has nothing left on it.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 7)
	f.Add([]byte("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 1)
	f.Add([]byte("HTTP/1.0 200 OK\r\n\r\nhello"), 100)
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello"), 3)
	f.Fuzz(func(t *testing.T, says []byte, piece int) {
		const limit = 100
		rest := bytes.NewReader(says)
		c := &conn{bound: &bound{reader: pieces{rest, max(1, min(piece, 1<<12))}}}
		c.in = bufio.NewReader(c.bound)
		a, reusable, err := c.answer(limit)
		if err == nil && (a.Status == 0 || a.Header == nil) || len(a.Body) > limit || reusable && (err != nil || c.in.Buffered() > 0) {
			t.Errorf("%q: got %+v, %t, %v", says, a, reusable, err)
		}
		whole, wrong := reference(says, limit)
		if (wrong == nil) != (err == nil) || err == nil && (whole.Status != a.Status || !bytes.Equal(whole.Body, a.Body)) {
			t.Errorf("%q: got %+v, %v, want %+v, %v", says, a, err, whole, wrong)
		}
	})
}

// reference reads an answer by net/http alone.
func reference(says []byte, limit int64) (Answer, error) {
	in := bufio.NewReader(bytes.NewReader(says))
	for {
		r, err := http.ReadResponse(in, &http.Request{Method: http.MethodPost})
		if err != nil {
			return Answer{}, err
		}
		if r.StatusCode < 100 {
			return Answer{}, errors.New("such a status is none")
		}
		if r.StatusCode <= 199 && r.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
		_ = r.Body.Close() // it is all in memory
		if err == nil && (int64(len(body)) > limit || r.ContentLength > limit) {
			err = ErrTooLong
		}
		return Answer{Status: r.StatusCode, Body: body}, err
	}
}

type pieces struct {
	reader io.Reader
	most   int
}

func (p pieces) Read(into []byte) (int, error) { return p.reader.Read(into[:min(len(into), p.most)]) }
