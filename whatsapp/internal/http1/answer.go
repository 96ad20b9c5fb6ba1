package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
)

// maxHead is how many bytes the heads of an answer may have, those of interim answers among them.
const maxHead = 64 << 10

var errHeadTooLong = errors.New("the head of the answer is longer than any head should be")

// answer reads an answer. reusable says that the connection can carry another request.
func (c *conn) answer(maxBody int64) (a Answer, reusable bool, err error) {
	c.bound.left = maxHead
	if _, err := c.in.Peek(1); err != nil {
		return Answer{}, false, c.failure(err)
	}
	seen, err := c.in.Peek(c.in.Buffered())
	if err != nil {
		return Answer{}, false, err
	}
	if end := bytes.Index(seen, []byte("\r\n\r\n")); end >= 0 {
		if status, length, ok := ordinary(seen[:end+2]); ok {
			return c.ordinary(status, end+4, length, maxBody)
		}
	}
	return c.odd(maxBody)
}

// ordinary reads an answer whose head is in the buffer and says how long the body is.
func (c *conn) ordinary(status, head int, length, maxBody int64) (a Answer, reusable bool, err error) {
	a = Answer{Status: status}
	if length > maxBody {
		a.Header = Head(bytes.Clone(c.buffered()[:head]))
		return a, false, ErrTooLong
	}
	whole := make([]byte, int64(head)+length)
	c.bound.left = length
	n, err := io.ReadFull(c.in, whole)
	a.Header, a.Body = Head(whole[:head]), whole[head:n]
	if err != nil {
		return a, false, fmt.Errorf("read the answer: %w", c.failure(err))
	}
	return a, c.in.Buffered() == 0, nil
}

func (c *conn) buffered() []byte {
	seen, _ := c.in.Peek(c.in.Buffered()) // what is in the buffer can be seen
	return seen
}

// odd reads any other answer.
func (c *conn) odd(maxBody int64) (a Answer, reusable bool, err error) {
	for {
		response, err := http.ReadResponse(c.in, &http.Request{Method: http.MethodPost})
		if err != nil {
			return Answer{}, false, c.failure(err)
		}
		status := response.StatusCode
		switch {
		case status < 100:
			return Answer{}, false, fmt.Errorf("malformed HTTP status code %03d", status)
		case status <= 199 && status != http.StatusSwitchingProtocols:
			continue
		}
		a = Answer{Status: status, Header: response.Header}
		if response.ContentLength > maxBody {
			return a, false, ErrTooLong
		}
		c.bound.left = math.MaxInt64 // the body is bounded beneath, and net/http bounds what is around chunks
		a.Body, err = io.ReadAll(io.LimitReader(response.Body, maxBody+1))
		switch {
		case err != nil:
			return a, false, fmt.Errorf("read the answer: %w", c.failure(err))
		case int64(len(a.Body)) > maxBody:
			a.Body = nil
			return a, false, ErrTooLong
		}
		stays := !response.Close && status > 199 // behind 101 it is no longer HTTP that is spoken
		return a, stays && c.in.Buffered() == 0, response.Body.Close()
	}
}

// failure is why an answer could not be read: what the connection said, of which net/http makes a malformed answer at times, else what was
// wrong with the answer.
func (c *conn) failure(err error) error {
	switch said := c.bound.err; {
	case said != nil && !errors.Is(said, io.EOF):
		return said
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// bound lets so many bytes through.
type bound struct {
	reader io.Reader
	left   int64
	err    error // the last one
}

func (b *bound) Read(into []byte) (n int, err error) {
	if b.left <= 0 {
		b.err = errHeadTooLong
		return 0, b.err
	}
	n, b.err = b.reader.Read(into[:min(int64(len(into)), b.left)])
	b.left -= int64(n)
	return n, b.err
}
