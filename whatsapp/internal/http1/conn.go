package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"
)

// conn is one connection. One request at a time uses it.
type conn struct {
	net.Conn // the line, or TLS on it
	line     *line
	in       *bufio.Reader
	bound    *bound // of what in reads
	out      []byte // the request that is written, and room for the next
	used     bool   // it has been in the pool
	since    time.Time
}

// dial opens a connection, at most until then.
func (t *Transport) dial(ctx context.Context, by time.Time) (*conn, error) {
	connecting, cancel := context.WithDeadlineCause(ctx, by, ErrConnect)
	defer cancel()
	dialled, err := t.dialer(connecting, "tcp", t.address)
	if err != nil {
		return nil, connectReason(connecting, err)
	}
	on := newLine(dialled)
	c := &conn{Conn: on, line: on}
	if t.tls != nil {
		greeted := tls.Client(on, t.tls)
		if err := greeted.HandshakeContext(connecting); err != nil {
			c.abandon()
			return nil, connectReason(connecting, err)
		}
		c.Conn = greeted
	}
	c.bound = &bound{reader: c.Conn}
	c.in = bufio.NewReader(c.bound)
	return c, nil
}

// tlsConfig is what connections are greeted with.
func tlsConfig(given *tls.Config, host string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12} // as is crypto/tls's own
	if given != nil {
		config = given.Clone()
	}
	config.ServerName = host
	config.NextProtos = []string{"http/1.1"}
	config.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	config.DynamicRecordSizingDisabled = true // a message in one record is a message in one write
	return config
}

// connectReason is why there is no connection.
func connectReason(connecting context.Context, err error) error {
	if connecting.Err() != nil {
		return context.Cause(connecting)
	}
	if wrong, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(wrong.RecordHeader[:]) == "HTTP/" {
		return errors.New("the server speaks plain HTTP where TLS should be")
	}
	return err
}

// reason is why a request came to nothing: what ended it rather than what the connection said about that.
func reason(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrRead
	}
	return err
}

// endWith ends what is done on the connection when ctx ends. The function returned undoes that, and says false where it was too late.
func (c *conn) endWith(ctx context.Context) (undo func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() {
		_ = c.SetDeadline(time.Unix(1, 0)) // fails on a connection that is closed, which ends what is done, too
	})
}

// exchange writes the request in out and reads its answer. reusable says that the connection can carry another request.
func (c *conn) exchange(maxAnswer int64) (a Answer, reusable bool, err error) {
	n, wrong := c.Write(c.out)
	if n == 0 && wrong != nil {
		return Answer{}, false, wrong
	}
	a, reusable, err = c.answer(maxAnswer)
	a.Left = true
	if wrong != nil && err != nil { // a server may refuse a request before it read all of it
		return a, false, wrong
	}
	return a, reusable && wrong == nil, err
}

// open says whether the connection has neither come to its end nor brought what nobody asked for. Where it cannot tell, it says yes.
func (c *conn) open() bool {
	if !c.line.tells() {
		return true
	}
	c.line.atOnce = true
	n, err := c.Read(c.line.one[:])
	c.line.atOnce = false
	return n == 0 && errors.Is(err, errNothingYet)
}

// abandon ends it at once, without the farewell of TLS, which would wait for a server that reads nothing.
func (c *conn) abandon() { _ = c.line.Close() } // whatever was under way has its own error
