package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"waybill/engine"
)

// The errors that no caller tells apart, but for tests.
var (
	errUnsafe   = errors.New("the database cannot keep a ledger") // it would lose what it said was written, or refuses writes
	errNotSetUp = errors.New("the database is not ready for a ledger")
	errEnded    = errors.New("this process was silent for too long, and another took over what it had under way")
	errAgain    = errors.New("the group is to be written again")
	errSandbox  = errors.New("a ledger of the sandbox and one of real deliveries are kept apart")
)

// unknownError says that it is not known whether a group was committed.
type unknownError struct{ err error }

func (e *unknownError) Error() string {
	return "it is not known whether it was written: " + e.err.Error()
}
func (e *unknownError) Unwrap() error { return e.err }

// Codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	codeNotTheWriter   = "WB001" // of waybill.begin_group
	codeReadOnly       = "25006"
	codeDiskFull       = "53100"
	codeNoConnection   = "53300"
	codeNoPrivilege    = "42501"
	codeNoSchema       = "3F000"
	codeNoDatabase     = "3D000"
	codeNoRole         = "28000"
	codeWrongPassword  = "28P01"
	codeNoTable        = "42P01"
	codeDataCorrupted  = "XX001"
	codeIndexCorrupted = "XX002"
)

// codeOf returns the code of an error of the server; empty: it is none.
func codeOf(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// ended marks the error of a whole transaction that was sent. Only what the server said in order is known not to have been committed:
// pgx calls a connection that was cut while it was read from "conn closed", and safe to try again.
func ended(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); err == nil || ok && !endsConnection(e) {
		return ofSQL(err)
	}
	return &unknownError{err}
}

// unknown says whether an error leaves open what became of the transaction: all that the server did not say in order. What ends the
// whole connection may come after a commit.
func unknown(err error) bool {
	if _, is := errors.AsType[*unknownError](err); is {
		return true
	}
	if !isSQL(err) || pgconn.SafeToRetry(err) {
		return false
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || endsConnection(e)
}

// endsConnection says whether the server ended the connection with an error. Its severity is in the server's own language, but for the one
// field that is not.
func endsConnection(e *pgconn.PgError) bool {
	return e.SeverityUnlocalized == "FATAL" || e.SeverityUnlocalized == "PANIC"
}

// passes says whether the same group may be written when it is tried again.
func passes(err error) bool {
	if errors.Is(err, errAgain) || unknown(err) || pgconn.SafeToRetry(err) {
		return true
	}
	if _, is := errors.AsType[*pgconn.ConnectError](err); is {
		return codeOf(err) == "" || away(codeOf(err))
	}
	return away(codeOf(err)) || isNetwork(err)
}

// away are the codes of a server that others keep, or that is starting, stopping or short of something.
func away(code string) bool {
	switch code {
	case "23505", "40001", "40P01", "55P03", "57014", codeDiskFull, codeReadOnly, "55006":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53")
}

func isNetwork(err error) bool {
	_, is := errors.AsType[net.Error](err)
	return is || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// reasonOf is why a try failed: where the time for tries ended it, why the one before did.
func reasonOf(err, before error) error {
	if before != nil && errors.Is(err, context.DeadlineExceeded) {
		return before
	}
	return err
}

// explain joins an error of the database with the error that callers know, and words on what to do. Others pass unchanged.
func explain(err error) error {
	if err == nil || isExplained(err) {
		return err
	}
	switch code := codeOf(err); {
	case code == codeDiskFull:
		return fmt.Errorf("%w: make room on the database's disk and run the command again: %w", engine.ErrFull, err)
	case code == codeReadOnly:
		return fmt.Errorf("%w: the database takes no changes, as a replica does: name its primary in --state: %w", engine.ErrReadOnly, err)
	case code == codeNoPrivilege:
		return fmt.Errorf("%w: grant this user what it lacks, CREATE on the database or rights on the schema waybill, or make it the owner of both: %w",
			engine.ErrReadOnly, err)
	case code == codeNoDatabase:
		return fmt.Errorf("%w: make an empty one, owned by that user (createdb --owner USER --encoding UTF8 --template template0 DATABASE): %w", errNotSetUp, err)
	case code == codeNoRole:
		return fmt.Errorf("%w: createuser makes a user, and pg_hba.conf says who may come from where: %w", errNotSetUp, err)
	case code == codeWrongPassword:
		return fmt.Errorf("%w: the password is looked for in PGPASSWORD, in ~/.pgpass and in the address: %w", errNotSetUp, err)
	case code == codeDataCorrupted || code == codeIndexCorrupted:
		return fmt.Errorf("%w: keep the database, nothing more is sent from it; restore a backup, or ask for help: %w", engine.ErrDamaged, err)
	case code == codeNoConnection:
		return fmt.Errorf("%w: it gives no further connection, and each process takes up to %d: raise max_connections, or the limit of the user or the database, or put a pooler before it: %w",
			engine.ErrBusy, readers+1, err)
	case code == codeNoTable || code == codeNoSchema:
		return fmt.Errorf("%w: its tables are not in the database any more: they were dropped, or a backup is being put in their place. See to the database, then `waybill ledger adopt`: %w",
			engine.ErrBehind, err)
	case refusesTLS(err):
		return fmt.Errorf("%w: it takes no TLS: turn ssl on there, with a certificate; on this machine, or on a way that nobody else listens to, say sslmode=disable: %w",
			errNotSetUp, err)
	case isUntrusted(err):
		return fmt.Errorf("%w: its certificate is not trusted here: name the authority's in sslrootcert=FILE, and the host as the certificate has it: %w", errNotSetUp, err)
	case passes(err):
		return fmt.Errorf("%w: the database cannot be reached, or others keep it; try again: %w", engine.ErrBusy, err)
	}
	return err
}

// refusesTLS says whether a server cannot be reached since it takes no TLS. Where the address allows for a connection without, that was tried,
// too, and failed for another reason.
func refusesTLS(err error) bool {
	failed, is := errors.AsType[*pgconn.ConnectError](err)
	if !is {
		return false
	}
	tries := []error{failed.Unwrap()}
	if several, is := tries[0].(interface{ Unwrap() []error }); is {
		tries = several.Unwrap()
	}
	for _, try := range tries {
		if !strings.Contains(try.Error(), "server refused TLS connection") { // which has no type of its own
			return false
		}
	}
	return true
}

// isUntrusted says that the server's certificate is none that this machine trusts.
func isUntrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

func isExplained(err error) bool {
	for _, known := range [...]error{engine.ErrFull, engine.ErrDamaged, engine.ErrReadOnly, engine.ErrBusy, engine.ErrClosed, engine.ErrBehind, engine.ErrMoved, errUnsafe, errNotSetUp} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
