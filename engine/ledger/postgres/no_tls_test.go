package postgres_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"waybill/engine"
	"waybill/engine/ledger/postgres"
)

// TestNoTLSWhileItStarts has a server without TLS start: with an address that prefers TLS and allows for none, it is waited for, as any server
// that starts. Where TLS must be, it is said that it has none.
func TestNoTLSWhileItStarts(t *testing.T) {
	t.Parallel()
	door, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = door.Close() }() // nothing is left to do
	go starting(door)
	for mode, is := range map[string]error{"prefer": engine.ErrBusy, "require": nil} {
		_, err := postgres.Open("postgres://postgres@"+door.Addr().String()+"/ledger?sslmode="+mode, options())
		if is != nil && !errors.Is(err, is) || is == nil && (err == nil || !strings.Contains(err.Error(), "it takes no TLS")) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// starting answers as a server that starts, without TLS.
func starting(door net.Listener) {
	for {
		c, err := door.Accept()
		if err != nil {
			return
		}
		back := pgproto3.NewBackend(c, c)
		if m, err := back.ReceiveStartupMessage(); err == nil {
			if _, asks := m.(*pgproto3.SSLRequest); asks {
				_, _ = io.WriteString(c, "N") // who asked may be gone
			} else {
				back.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P03", Message: "the database system is starting up"})
				_ = back.Flush()
			}
		}
		_ = c.Close()
	}
}
