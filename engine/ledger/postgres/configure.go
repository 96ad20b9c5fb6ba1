package postgres

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

const (
	openFor    = 20 * time.Second // how long Open may take
	connectFor = 10 * time.Second // and a further connection
	// readers is how many connections read at once. A pooler before the database has as many clients more than that, and fewer servers.
	readers = 8
	// oldestServer is the first version that is supported.
	oldestServer = 150000
)

// configure reads a URL. Statements are sent in one round trip and are never prepared: through a pooler, the next may come to another
// server connection.
func configure(address string, insecure bool) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("--state: %w: write postgres://USER@HOST/DATABASE, and its password into PGPASSWORD or ~/.pgpass", err)
	}
	if !strings.Contains(address, "default_query_exec_mode") {
		c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	switch c.ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeCacheDescribe:
	default:
		return nil, fmt.Errorf("--state: default_query_exec_mode may be exec or cache_describe: others break behind a pooler")
	}
	if !insecure {
		if err := secure(c.ConnConfig); err != nil {
			return nil, err
		}
	}
	if len(c.ConnConfig.Fallbacks) > 0 && c.ConnConfig.ValidateConnect == nil && severalHosts(c.ConnConfig) {
		c.ConnConfig.ValidateConnect = validateWrites
	}
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "waybill"
	}
	c.ConnConfig.RuntimeParams["client_encoding"] = "UTF8" // what is sent is, whatever is set for the role or in the environment
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		readEitherBytea(conn)
		return nil
	}
	c.MaxConns, c.MinConns = readers, 0
	return c, nil
}

// secure refuses a way to the database on which others could listen, or pose as it. What stays in the machine is exempt.
func secure(c *pgx.ConnConfig) error {
	check := func(host string, t *tls.Config) error {
		if strings.HasPrefix(host, "/") || host == "localhost" {
			return nil
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
			return nil
		}
		if t != nil && !t.InsecureSkipVerify {
			return nil
		}
		return fmt.Errorf("%w: the way to %s is open to others, and who is listening sees what is sent to whom: "+
			"add sslmode=verify-full (and sslrootcert=FILE), or say --insecure-ledger", errUnsafe, host)
	}
	if err := check(c.Host, c.TLSConfig); err != nil {
		return err
	}
	for _, f := range c.Fallbacks {
		if err := check(f.Host, f.TLSConfig); err != nil {
			return err
		}
	}
	return nil
}

func severalHosts(c *pgx.ConnConfig) bool {
	for _, f := range c.Fallbacks {
		if f.Host != c.Host || f.Port != c.Port {
			return true
		}
	}
	return false
}

// nameOf is the name of a ledger for people: no password is in it.
func nameOf(c *pgx.ConnConfig) string {
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: c.Database}
	if strings.HasPrefix(c.Host, "/") {
		u.Host, u.RawQuery = "", "host="+c.Host
	}
	return u.String()
}

// facts are what a database says of itself.
type facts struct {
	version                            int64
	fsync, pages, readOnly, encoding   string
	replica, schema                    bool
	systemIdentifier, timeline, dbname string
	dbid                               int64
}

const factsSQL = `SELECT current_setting('server_version_num')::int8, current_setting('fsync'), current_setting('full_page_writes'),
	current_setting('transaction_read_only'), current_setting('server_encoding'), pg_is_in_recovery(),
	` + hasLedgerSQL + `, (SELECT system_identifier::text FROM pg_control_system()),
	CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END,
	(SELECT oid::int8 FROM pg_database WHERE datname = current_database()), current_database()`

func readFacts(rows pgx.Rows, f *facts) error {
	return rows.Scan(&f.version, &f.fsync, &f.pages, &f.readOnly, &f.encoding, &f.replica, &f.schema, &f.systemIdentifier, &f.timeline,
		&f.dbid, &f.dbname)
}

// keeps refuses a database that would lose what it said was written, or takes no changes.
func (f *facts) keeps() error {
	switch {
	case f.version < oldestServer:
		return fmt.Errorf("%w: it is PostgreSQL %d.%d, and 15 is the oldest that is supported", errUnsafe, f.version/10000, f.version%10000)
	case f.replica:
		return fmt.Errorf("%w: it is a replica, which takes no changes: name its primary in --state", engine.ErrReadOnly)
	case f.readOnly != "off":
		return fmt.Errorf("%w: its transactions are read only: see default_transaction_read_only", engine.ErrReadOnly)
	case f.fsync != "on":
		return fmt.Errorf("%w: fsync is off, and with the next loss of power it forgets what was sent: set fsync = on", errUnsafe)
	case f.pages != "on":
		return fmt.Errorf("%w: full_page_writes is off, and a loss of power may damage it: set full_page_writes = on", errUnsafe)
	case f.encoding != "UTF8":
		return fmt.Errorf("%w: its encoding is %s: create the database with ENCODING 'UTF8'", errUnsafe, f.encoding)
	}
	return nil
}

// prepare looks at the database, makes a ledger in it when it is opened to write, and reads what the ledger is.
func (l *Ledger) prepare(ctx context.Context) error {
	var f facts
	if err := l.query(ctx, factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &f) }); err != nil {
		return err
	}
	if l.readOnly {
		if !f.schema {
			return fmt.Errorf("nothing was sent from here yet: %w", fs.ErrNotExist)
		}
		return l.readHead(ctx)
	}
	if err := f.keeps(); err != nil {
		return err
	}
	if err := l.migrate(ctx, &f); err != nil {
		return err
	}
	if err := l.readHead(ctx); err != nil {
		return err
	}
	return l.Standing(ctx)
}

// readHead reads what the ledger is.
func (l *Ledger) readHead(ctx context.Context) error {
	var is format
	var id text
	var callback, digest []byte
	found, incoming := false, false
	err := l.query(ctx, `SELECT l.id, `+formatColumns+`, l.callback_key, l.digest_key, l.incoming FROM waybill.ledger l`, func(rows pgx.Rows) error {
		found = true
		return rows.Scan(&id, &is.version, &is.oldest, &callback, &digest, &incoming)
	})
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%w: its head is missing: restore a backup", engine.ErrDamaged)
	case incoming:
		return fmt.Errorf("%w: run `waybill ledger copy FROM TO` again, as it was run before", engine.ErrIncoming)
	}
	if err := is.check(l.readOnly); err != nil {
		return err
	}
	l.id = string(id)
	l.keys.Set(callback, digest)
	l.known.now.Store(form.NewForgotten(&l.keys))
	_, err = l.whoIs(ctx)
	return err
}
