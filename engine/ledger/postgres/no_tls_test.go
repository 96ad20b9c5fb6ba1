//go:build unix

package postgres_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"waybill/engine"
	"waybill/engine/ledger/postgres"
)

// TestNoTLS has a server without TLS refuse each connection. With an address that prefers TLS and allows for none, it is told what else is
// wrong; where TLS must be, that it has none.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	var each sync.WaitGroup
	for _, c := range []struct {
		mode, code, says string
		busy             bool
	}{
		{"prefer", "57P03", "the database cannot be reached", true},
		{"prefer", "53300", "it gives no further connection, and each process takes up to 9", true},
		{"require", "57P03", "it takes no TLS", false},
	} {
		each.Go(func() {
			_, err := postgres.Open("postgres://postgres@"+refusing(t, c.code)+"/ledger?sslmode="+c.mode, options())
			if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, engine.ErrBusy) != c.busy {
				t.Errorf("%s, %s: %v", c.mode, c.code, err)
			}
		})
	}
	each.Wait()
}

// refusing is the address of a server without TLS, which refuses each connection with a code.
func refusing(t *testing.T, code string) string {
	t.Helper()
	door, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Error(err)
		return ""
	}
	t.Cleanup(func() { _ = door.Close() }) // nothing is left to do
	go func() {
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
					back.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: "not now"})
					_ = back.Flush()
				}
			}
			_ = c.Close()
		}
	}()
	return door.Addr().String()
}
