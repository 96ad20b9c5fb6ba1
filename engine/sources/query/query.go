package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite" // its driver, and the limits of its connections
	sqlite3 "modernc.org/sqlite/lib"
)

// The drivers.
const (
	Postgres = "postgres"
	MySQL    = "mysql"
	SQLite   = "sqlite"
)

// Request is one query.
type Request struct {
	Driver string
	DSN    string // of SQLite the path of its file
	Query  string
	Args   []any
}

// Error says what is wrong with a query, or why the database does not answer. The password is not in it.
type Error struct {
	Position int  // the letter of the query where it shows, from 1; 0: nowhere in particular
	Connects bool // the database was reached
	Err      error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Read asks the query and gives its columns, once, and then the values of each row. It ends with the first error, which is an *Error
// where it is not one of columns or row. A *ValueError is about one value: it is given to row in the place of the value's row.
func Read(ctx context.Context, r Request, columns func([]string) error, row func([]any, error) error) error {
	var ours error
	err := r.read(ctx, columns, func(values []any, err error) error {
		ours = row(values, err)
		return ours
	})
	if failed := (*Error)(nil); err == nil || ours != nil && errors.Is(err, ours) || errors.As(err, &failed) {
		return err
	}
	return r.failed(err, true)
}

func (r Request) read(ctx context.Context, columns func([]string) error, row func([]any, error) error) (err error) {
	db, err := r.open()
	if err != nil {
		return r.failed(err, false)
	}
	defer func() { _ = db.Close() }() // nothing was written
	conn, err := db.Conn(ctx)
	if err != nil {
		return r.failed(err, false)
	}
	defer func() { _ = conn.Close() }() // nothing was written
	if r.Driver == SQLite {
		// Another file is none that the job may read.
		if _, err := sqlite.Limit(conn, sqlite3.SQLITE_LIMIT_ATTACHED, 0); err != nil {
			return err
		}
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return r.failed(err, false)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	rows, err := r.ask(ctx, tx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	if err := r.checkColumns(types, columns); err != nil {
		return err
	}
	return scan(rows, types, row)
}

// ask sends the query. To one without arguments MySQL answers in text, in which a FLOAT has six digits; so it is prepared, as one with
// arguments is, and the same column has the same digits in both.
func (r Request) ask(ctx context.Context, tx *sql.Tx) (*sql.Rows, error) {
	if r.Driver != MySQL || len(r.Args) > 0 {
		return tx.QueryContext(ctx, r.Query, r.Args...)
	}
	statement, err := tx.PrepareContext(ctx, r.Query) //nolint:sqlclosecheck // the transaction closes it
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx)
}

// checkColumns gives the names of the columns, where each has one of its own.
func (r Request) checkColumns(types []*sql.ColumnType, columns func([]string) error) error {
	names := make([]string, len(types))
	seen := map[string]bool{}
	var wrong []string
	for i, t := range types {
		names[i] = t.Name()
		switch {
		case names[i] == "" || names[i] == "?column?":
			wrong = append(wrong, fmt.Sprintf("column %d of the query has no name: give it one with AS", i+1))
		case seen[names[i]]:
			wrong = append(wrong, fmt.Sprintf("two columns of the query are called %q: give one of them another name with AS", names[i]))
		case isBytes(t.DatabaseTypeName()):
			wrong = append(wrong, fmt.Sprintf("the column %q is of type %s, which is no text: leave it out, or cast it to text",
				names[i], strings.ToLower(t.DatabaseTypeName())))
		}
		seen[names[i]] = true
	}
	if len(wrong) > 0 {
		return &Error{Connects: true, Err: errors.New(strings.Join(wrong, "; "))}
	}
	if len(names) == 0 {
		return &Error{Connects: true, Err: errors.New("the query gives no columns: it has to be a SELECT")}
	}
	return columns(names)
}

func scan(rows *sql.Rows, types []*sql.ColumnType, row func([]any, error) error) error {
	raw, into := make([]any, len(types)), make([]any, len(types))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		values := make([]any, len(raw))
		var wrong error
		for i, v := range raw {
			var err error
			if values[i], err = value(types[i].DatabaseTypeName(), v); err != nil && wrong == nil {
				wrong = &ValueError{types[i].Name(), err}
			}
		}
		if err := row(values, wrong); err != nil {
			return err
		}
	}
	return rows.Err()
}

// open makes the database of a request. Nothing is asked yet.
func (r Request) open() (*sql.DB, error) {
	switch r.Driver {
	case Postgres:
		config, err := pgx.ParseConfig(r.DSN)
		if err != nil {
			return nil, err
		}
		config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // also behind a pooler, which has no prepared statements
		config.RuntimeParams["client_encoding"] = "UTF8"            // whatever is set for the role or in the environment
		if config.RuntimeParams["application_name"] == "" {
			config.RuntimeParams["application_name"] = "waybill"
		}
		return stdlib.OpenDB(*config), nil
	case MySQL:
		config, err := mysql.ParseDSN(r.DSN)
		if scheme, _, isURL := strings.Cut(r.DSN, "://"); isURL && !strings.ContainsAny(scheme, "@:/") {
			err = errors.New("it begins with " + scheme + "://, and of mysql it is written user:password@tcp(host:3306)/database")
		}
		if err != nil {
			return nil, err
		}
		config.MultiStatements, config.ParseTime, config.AllowAllFiles = false, false, false
		config.Logger = &mysql.NopLogger{} // what is wrong comes as an error
		if config.Params == nil {
			config.Params = map[string]string{}
		}
		config.Params["time_zone"] = "'+00:00'" // a TIMESTAMP is one moment then
		connector, err := mysql.NewConnector(config)
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(connector), nil
	case SQLite:
		address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: r.DSN}).EscapedPath(), RawQuery: "mode=ro&_query_only=1"}
		return sql.Open("sqlite", address.String())
	}
	return nil, fmt.Errorf("there is no driver %q", r.Driver)
}

// failed is an error for people, without the password.
func (r Request) failed(err error, connects bool) error {
	e := &Error{Connects: connects}
	text := err.Error()
	if bad, ok := errors.AsType[*pgconn.PgError](err); ok {
		text = bad.Message
		if bad.Detail != "" {
			text += ": " + bad.Detail
		}
		if bad.Hint != "" {
			text += ": " + bad.Hint
		}
		e.Position = int(bad.Position)
	}
	for _, secret := range []string{r.DSN, Password(r.Driver, r.DSN)} {
		if secret != "" && r.Driver != SQLite {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	e.Err = &shown{text, err}
	return e
}

// shown is an error whose text may be shown.
type shown struct {
	text  string
	cause error
}

func (s *shown) Error() string { return s.text }
func (s *shown) Unwrap() error { return s.cause }

// passwordWord is the password in a DSN of words: host=db password=secret.
var passwordWord = regexp.MustCompile(`(?i)\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)`)

// Password returns the password that stands in a DSN; empty: there is none.
func Password(driver, dsn string) string {
	switch driver {
	case Postgres:
		if word := passwordWord.FindStringSubmatch(dsn); word != nil {
			return strings.Trim(word[1], "'")
		}
	case MySQL:
		if config, err := mysql.ParseDSN(dsn); err == nil {
			return config.Passwd
		}
	case SQLite:
		return ""
	}
	if u, err := url.Parse(dsn); err == nil && u.User != nil { // of mysql it is none, and may hold one all the same
		password, _ := u.User.Password()
		return password
	}
	return ""
}
