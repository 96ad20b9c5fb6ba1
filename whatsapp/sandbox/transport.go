package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"syscall"
	"time"
)

// maxBody is the largest request body in bytes: Meta takes files of 100 MB.
const maxBody = 101 << 20

// ServeHTTP answers on a socket. A connection that a fault cuts ends with http.ErrAbortHandler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request body could not be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	a := s.handle(r.Context(), &call{
		method: r.Method, path: r.URL.Path, query: r.URL.Query(), header: r.Header, body: body,
		base: scheme + "://" + r.Host, media: scheme + "://" + r.Host,
	})
	if pause(r.Context(), a.delay) != nil || a.cut == cutDial || a.cut == cutUnread || a.cut == cutNoAnswer {
		panic(http.ErrAbortHandler)
	}
	a.setHeader(w.Header())
	w.WriteHeader(a.status)
	if a.cut == cutInBody || a.slow > 0 {
		s.trickle(r.Context(), w, a)
		return
	}
	if _, err := w.Write(a.body); err != nil {
		s.options.Log.Debug("client went away before its answer", errorAttr(err))
	}
}

func (a answer) setHeader(header http.Header) {
	for key, value := range a.header {
		header.Set(key, value)
	}
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
}

// trickle writes the body in pieces, or its first half and then nothing more.
func (s *Server) trickle(ctx context.Context, w http.ResponseWriter, a answer) {
	reader := a.reader(ctx)
	buffer := make([]byte, max(1, len(a.body)/8))
	flusher := http.NewResponseController(w)
	for {
		n, err := reader.Read(buffer)
		if n > 0 {
			if _, wrong := w.Write(buffer[:n]); wrong != nil {
				panic(http.ErrAbortHandler)
			}
			if wrong := flusher.Flush(); wrong != nil {
				panic(http.ErrAbortHandler)
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// RoundTrip answers in memory, for any host. It calls the hooks of httptrace as a socket would, in that order, so that a
// client learns whether its request left, and may fill its body when the headers are written. The fault that refuses a
// connection is an exception: it is chosen by the body, so that GotConn is called before the error of a failed dial.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	trace := httptrace.ContextClientTrace(ctx)
	traceHeaders(trace, r.URL.Host)
	body, err := readAndClose(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	base := r.URL.Scheme + "://" + r.URL.Host
	media := base
	if r.URL.Host == "graph.facebook.com" {
		media = "https://" + lookasideHost
	}
	a := s.handle(ctx, &call{
		method: r.Method, path: r.URL.Path, query: r.URL.Query(), header: r.Header, body: body, base: base, media: media,
	})
	if a.cut == cutDial {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if err := pause(ctx, a.delay); err != nil {
		return nil, err
	}
	if a.cut == cutUnread || a.cut == cutNoAnswer {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	response := &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(a.reader(ctx)), ContentLength: int64(len(a.body)), Request: r,
	}
	a.setHeader(response.Header)
	return response, nil
}

func readAndClose(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	content, err := io.ReadAll(io.LimitReader(body, maxBody))
	return content, errors.Join(err, body.Close())
}

// traceHeaders calls the hooks that a socket calls before it reads the body.
func traceHeaders(trace *httptrace.ClientTrace, host string) {
	if trace == nil {
		return
	}
	if trace.GetConn != nil {
		trace.GetConn(host)
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
}

// reader is the body as it travels: at once, slowly, or only its first half.
func (a answer) reader(ctx context.Context) io.Reader {
	if a.cut != cutInBody && a.slow <= 0 {
		return bytes.NewReader(a.body)
	}
	return &slowReader{ctx: ctx, rest: a.body, half: a.cut == cutInBody, size: len(a.body), step: a.slow / 8}
}

// slowReader lives as long as one answer, which is what its ctx belongs to.
type slowReader struct {
	ctx  context.Context //nolint:containedctx // a body has no other way to hear of the request's end
	rest []byte
	half bool
	size int
	step time.Duration
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.half && len(r.rest) <= r.size/2 {
		return 0, io.ErrUnexpectedEOF
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	if err := pause(r.ctx, r.step); err != nil {
		return 0, err
	}
	n := copy(p, r.rest[:min(len(r.rest), max(1, r.size/8))])
	r.rest = r.rest[n:]
	return n, nil
}
