package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"waybill/whatsapp/internal/http1"
)

const (
	maxAnswer = 8 << 20 // a page of templates is the largest answer there is
	maxSent   = 1 << 20 // the answer to a send is a few hundred bytes
)

// answer is an HTTP answer with its whole body.
type answer struct {
	status int
	header http1.Header
	body   []byte
}

// stageTimer cancels a call that takes too long: until there is a connection by the connect timeout, then by the read
// timeout.
type stageTimer struct {
	timer          *time.Timer
	cancel         context.CancelCauseFunc
	read           time.Duration
	connectionMade atomic.Bool
}

// withTimeouts returns a context that is cancelled when a stage of the call takes too long, with http1.ErrConnect or http1.ErrRead as
// its cause. body is that of a message to be sent; nil for a call that sends none.
func (c *Client) withTimeouts(ctx context.Context, body *gatedBody) (context.Context, *stageTimer) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &stageTimer{cancel: cancel, read: c.read}
	w.timer = time.AfterFunc(c.connect, func() {
		if w.connectionMade.Load() {
			cancel(http1.ErrRead)
		} else {
			cancel(http1.ErrConnect)
		}
	})
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { w.connected() }}
	if body != nil {
		body.timer, body.ended = w, ctx.Err
		trace.GotConn = func(httptrace.GotConnInfo) { body.connected() }
		trace.WroteHeaders = body.headersWritten
	}
	return httptrace.WithClientTrace(ctx, trace), w
}

// connected starts the read timeout, or starts it again.
func (w *stageTimer) connected() {
	w.connectionMade.Store(true)
	w.timer.Reset(w.read)
}

// pause stops the timer while the caller's gate is asked; connected starts it again.
func (w *stageTimer) pause() { w.timer.Stop() }

func (w *stageTimer) stop() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

// request makes a request without a body.
func (c *Client) request(ctx context.Context, method string, to *url.URL) *http.Request {
	return (&http.Request{Method: method, URL: to, Host: to.Host, Header: c.headers().plain}).WithContext(ctx)
}

// do makes one HTTP request and reads the whole answer. The error is the transport's, http1.ErrConnect, http1.ErrRead or http1.ErrTooLong.
func (c *Client) do(ctx context.Context, r *http.Request, limit int64) (answer, error) {
	// RoundTrip rather than an http.Client: it cannot follow a redirect, and would carry the token along.
	response, err := c.transport.RoundTrip(r)
	if err != nil {
		return answer{}, preferCause(ctx, err)
	}
	if response == nil {
		return answer{}, errors.New("the transport answered nothing")
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or given up
	got := answer{status: response.StatusCode, header: response.Header}
	got.body, err = readBody(response, limit)
	if err != nil {
		return got, preferCause(ctx, fmt.Errorf("read the answer: %w", err))
	}
	if int64(len(got.body)) > limit {
		got.body = nil
		return got, http1.ErrTooLong
	}
	return got, nil
}

// readBody reads a body, and a byte more than the limit of one that is longer.
func readBody(r *http.Response, limit int64) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > limit {
		return io.ReadAll(io.LimitReader(r.Body, limit+1))
	}
	body := make([]byte, r.ContentLength) // as it mostly is
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

// preferCause returns the cause for which a call was cancelled instead of the transport's error about it.
func preferCause(ctx context.Context, err error) error {
	ended, cause := ctx.Err(), context.Cause(ctx)
	switch {
	case err == nil || ended == nil || errors.Is(err, cause):
		return err
	case errors.Is(cause, http1.ErrConnect), errors.Is(cause, http1.ErrRead), errors.Is(cause, ended):
		return cause
	default:
		return fmt.Errorf("%w: %w", ended, cause)
	}
}

// get makes a GET and decodes its answer. A GET reaches no recipient, so the error's Sent is of no consequence.
func (c *Client) get(ctx context.Context, op string, into any, address *url.URL) error {
	ctx, w := c.withTimeouts(ctx, nil)
	defer w.stop()
	got, err := c.do(ctx, c.request(ctx, http.MethodGet, address), maxAnswer)
	return c.decode(op, got, err, into)
}

// change makes a POST that reaches no recipient. It is never repeated.
func (c *Client) change(ctx context.Context, op string, body []byte, into any, address *url.URL) error {
	ctx, w := c.withTimeouts(ctx, nil)
	defer w.stop()
	r := c.request(ctx, http.MethodPost, address)
	r.Header = c.headers().json
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	got, err := c.do(ctx, r, maxAnswer)
	return c.decode(op, got, err, into)
}

// decode turns an answer into a value, or into an *Error.
func (c *Client) decode(op string, got answer, err error, into any) error {
	if err != nil || got.status != http.StatusOK || isGraphError(got.body) {
		return c.newError(op, got, err, got.status != 0)
	}
	if err := json.Unmarshal(got.body, into); err != nil {
		return c.newError(op, got, fmt.Errorf("the answer is not what it should be: %w", err), true)
	}
	return nil
}
