package http1

import (
	"net"
	"syscall"
)

// line is a connection beneath TLS whose reads can be told not to wait. So a kept connection is asked for its end: what is read without waiting
// is the end, an answer to nothing, or nothing. TLS reads its own messages in between, such as session tickets, which say nothing about
// the end.
type line struct {
	net.Conn
	raw    syscall.RawConn // nil: it does not tell
	atOnce bool            // reads do not wait
	one    [1]byte
	into   []byte // of the read that does not wait, and what came of it
	n      int
	err    error
	try    func(handle uintptr) (done bool)
}

func newLine(c net.Conn) *line {
	l := &line{Conn: c}
	if system, ok := c.(syscall.Conn); ok && tellsItsEnd {
		raw, err := system.SyscallConn()
		if err == nil { // else it is closed, which its first use will tell
			l.raw = raw
		}
	}
	l.try = func(handle uintptr) bool {
		l.n, l.err = readAtOnce(handle, l.into)
		return true
	}
	return l
}

func (l *line) tells() bool { return l.raw != nil }

// Read reads, and returns errNothingYet instead of waiting where it is told to.
func (l *line) Read(into []byte) (int, error) {
	if !l.atOnce {
		return l.Conn.Read(into)
	}
	l.into = into
	err := l.raw.Read(l.try)
	l.into = nil
	if err != nil {
		return 0, err
	}
	return l.n, l.err
}

// errNothingYet says that a read would have to wait. To crypto/tls it is a passing error, after which it reads on.
var errNothingYet net.Error = nothingYetError{}

type nothingYetError struct{}

func (nothingYetError) Error() string   { return "nothing has come yet" }
func (nothingYetError) Timeout() bool   { return true }
func (nothingYetError) Temporary() bool { return true }
