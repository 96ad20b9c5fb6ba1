package postgres

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// What an administrator sets for a role or a database, as with ALTER ROLE … SET, is so for each of its sessions. What the ledger depends on
// it says itself, in ways that reach through a pooler: with the first message of a connection, with each transaction, or by reading either
// form. waybill.begin_group sets the rest.

// readCommitted is how each transaction that writes reads: what it sees after it waited for a lock is what the holder of the lock left. With
// a snapshot from before the wait, a look whether somebody has a message would miss the one that was intended meanwhile.
func readCommitted() pgx.TxOptions { return pgx.TxOptions{IsoLevel: pgx.ReadCommitted} }

const (
	beginSQL = `BEGIN ISOLATION LEVEL READ COMMITTED`
	// isolationSQL is the same as the first statement of a pipeline, which is a transaction without BEGIN. It is SET, not SET LOCAL, of which
	// the server warns there, and still ends with the transaction.
	isolationSQL = `SET transaction_isolation = 'read committed'`
	// takesItsTimeSQL is for a transaction that is no group: it makes or fills tables, and waits for another that does.
	takesItsTimeSQL = `SELECT set_config('synchronous_commit', 'on', true), set_config('statement_timeout', '0', true),
		set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`
)

// dial opens one connection.
func dial(ctx context.Context, c *pgx.ConnConfig) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, ofSQL(err)
	}
	readEitherBytea(conn)
	return conn, nil
}

// readEitherBytea has bytes read in both of their forms as texts, whatever bytea_output is: pgx knows the form hex alone.
func readEitherBytea(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "bytea", OID: pgtype.ByteaOID, Codec: eitherBytea{}})
}

// eitherBytea is pgx's codec of bytes, with the form escape beside hex.
type eitherBytea struct{ pgtype.ByteaCodec }

// PlanScan implements pgtype.Codec.
func (c eitherBytea) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	plan := c.ByteaCodec.PlanScan(m, oid, format, target)
	if plan == nil || format != pgtype.TextFormatCode {
		return plan
	}
	return fromEither{plan}
}

// DecodeDatabaseSQLValue implements pgtype.Codec.
func (c eitherBytea) DecodeDatabaseSQLValue(m *pgtype.Map, oid uint32, format int16, src []byte) (driver.Value, error) {
	return c.DecodeValue(m, oid, format, src)
}

// DecodeValue implements pgtype.Codec.
func (c eitherBytea) DecodeValue(m *pgtype.Map, oid uint32, format int16, src []byte) (any, error) {
	if format == pgtype.TextFormatCode {
		var err error
		if src, err = asHex(src); err != nil {
			return nil, err
		}
	}
	return c.ByteaCodec.DecodeValue(m, oid, format, src)
}

// fromEither scans bytes by a plan for the form hex.
type fromEither struct{ hex pgtype.ScanPlan }

// Scan implements pgtype.ScanPlan.
func (p fromEither) Scan(src []byte, target any) error {
	src, err := asHex(src)
	if err != nil {
		return err
	}
	return p.hex.Scan(src, target)
}

// asHex returns bytes as a text in the form hex. The form escape has a byte for itself, three octal digits behind a backslash, or two
// backslashes for one: never \x. NULL is nil, and stays so.
func asHex(src []byte) ([]byte, error) {
	if src == nil || bytes.HasPrefix(src, []byte(`\x`)) {
		return src, nil
	}
	raw := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		switch rest := src[i+1:]; {
		case src[i] != '\\':
			raw = append(raw, src[i])
		case len(rest) >= 1 && rest[0] == '\\':
			raw = append(raw, '\\')
			i++
		case len(rest) >= 3 && octal(rest[:3]):
			raw = append(raw, (rest[0]-'0')<<6|(rest[1]-'0')<<3|(rest[2]-'0'))
			i += 3
		default:
			return nil, fmt.Errorf("bytes in an unknown form: %q", src[i:min(len(src), i+4)])
		}
	}
	return hex.AppendEncode([]byte(`\x`), raw), nil
}

func octal(digits []byte) bool {
	for _, d := range digits {
		if d < '0' || d > '7' {
			return false
		}
	}
	return digits[0] <= '3'
}
