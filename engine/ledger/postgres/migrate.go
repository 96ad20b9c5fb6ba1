package postgres

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationTexts returns the migrations in order: the file that brings a ledger to version n is at n-1.
func migrationTexts() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	out := make([]string, len(names))
	for i, name := range names {
		if want := fmt.Sprintf("migrations/%04d_", i+1); len(name) <= len(want) || name[:len(want)] != want {
			return nil, fmt.Errorf("migration %s stands where %s… was expected", name, want)
		}
		b, err := migrations.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		out[i] = string(b)
	}
	return out, nil
}

// expands is how a migration begins that leaves all that programs of the version before read, write and call as they have it, and only adds to
// it: they go on, and those that receive need not stop. Any other one raises the oldest version that the ledger takes to its own. So a format
// is changed in two releases: one adds, and the next takes away what no program needs any more.
const expands = "-- expands\n"

// format is the version of a ledger, and the oldest whose programs may use it.
type format struct{ version, oldest num }

// formatColumns read it, also of a ledger from before it had an oldest version.
const formatColumns = `l.version, coalesce((to_jsonb(l) ->> 'oldest')::int8, l.version)`

// after is the format once further migrations were applied.
func (f format) after(files []string) format {
	for _, file := range files[min(int(f.version), len(files)):] {
		f.version++
		if !strings.HasPrefix(file, expands) {
			f.oldest = f.version
		}
	}
	return f
}

// check says whether a ledger of that format may be opened.
func (f format) check(readOnly bool) error {
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	switch known := num(len(files)); {
	case f.oldest > known:
		return fmt.Errorf("%w: its format is version %d, which programs take that know %d, and this one knows up to %d: upgrade waybill",
			engine.ErrNewer, f.version, f.oldest, known)
	case f.version < known && readOnly:
		return fmt.Errorf("%w: its format is version %d and is brought to %d by the first command that writes to it: apply, resume, serve, worker, resolve",
			engine.ErrEarlier, f.version, known)
	}
	return nil
}

// newer says of an error whether the ledger has a newer format since it was opened, which this program cannot write: what it calls is not there
// any more.
func (w *writer) newer(err error) error {
	if code := codeOf(err); !strings.HasPrefix(code, "42") || code == codeNoPrivilege || w.conn == nil {
		return err
	}
	var is format
	asked := w.conn.query(`SELECT `+formatColumns+` FROM waybill.ledger l`, func(rows pgx.Rows) error { return rows.Scan(&is.version, &is.oldest) })
	if asked != nil {
		return err
	}
	if refused := is.check(false); refused != nil {
		return fmt.Errorf("%w: %w", refused, err)
	}
	return err
}

// hasLedgerSQL says whether there is a ledger. It reads the catalog's tables: to_regclass answers from a cache, which after waiting for an
// advisory lock may be from before the wait.
const hasLedgerSQL = `EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'waybill' AND c.relname = 'ledger')`

// migrate brings the ledger to the newest version in one transaction, and makes it when there is none. Two processes that start at once
// take turns, by a lock that ends with the transaction: one of the session would be left behind in a pooler.
func (l *Ledger) migrate(ctx context.Context, f *facts) error {
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	return ofSQLTx(pgx.BeginTxFunc(ctx, l.pool, readCommitted(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, takesItsTimeSQL); err != nil {
			return err
		}
		return l.migrateIn(ctx, tx, files, f)
	}))
}

func (l *Ledger) migrateIn(ctx context.Context, tx pgx.Tx, files []string, f *facts) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1::int, 0)`, lockMigration); err != nil {
		return err
	}
	var was format
	var isNew bool
	if err := tx.QueryRow(ctx, `SELECT NOT `+hasLedgerSQL).Scan(&isNew); err != nil {
		return err
	}
	if !isNew {
		var sandbox bool
		if err := tx.QueryRow(ctx, `SELECT `+formatColumns+`, sandbox FROM waybill.ledger l`).Scan(&was.version, &was.oldest, &sandbox); err != nil {
			return err
		}
		if sandbox != l.sandbox {
			return apart(sandbox)
		}
	}
	if err := was.check(false); err != nil {
		return err
	}
	now := was.after(files)
	if !isNew && now.oldest > was.version {
		if err := l.noneSends(ctx, tx); err != nil {
			return err
		}
	}
	for n, file := range files[min(int(was.version), len(files)):] {
		// The simple protocol takes several statements at once.
		if _, err := tx.Conn().PgConn().Exec(ctx, file).ReadAll(); err != nil {
			return fmt.Errorf("bring the ledger to version %d: %w", int(was.version)+n+1, err)
		}
	}
	if !isNew {
		if now == was {
			return nil
		}
		_, err := tx.Exec(ctx, `UPDATE waybill.ledger SET version = $1, oldest = $2`, int64(now.version), int64(now.oldest))
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO waybill.ledger (id, version, oldest, created_at, callback_key, digest_key, sandbox,
		system_identifier, timeline, dbid, epoch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`,
		rand.Text(), int64(now.version), int64(now.oldest), l.now().UnixMilli(), form.NewSecret(), form.NewSecret(), l.sandbox,
		f.systemIdentifier, f.timeline, f.dbid)
	return err
}

// noneSends refuses while others send: they know the format of before, and could not write down what became of their messages.
func (l *Ledger) noneSends(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `LOCK TABLE waybill.process IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT p.holder FROM waybill.process p WHERE `+livingSQL+` ORDER BY p.id`, l.lease.Seconds())
	if err != nil {
		return err
	}
	holders, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(holders) > 0 {
		err = fmt.Errorf("the ledger is to get a newer format, once nobody sends in that of before: %w",
			&engine.LockedError{Ledger: l.name, Holder: strings.Join(holders, "; ")})
	}
	return err
}

// ofSQLTx marks an error of the database.
func ofSQLTx(err error) error {
	if codeOf(err) != "" || err != nil && pgconn.SafeToRetry(err) {
		return ofSQL(err)
	}
	return err
}

// apart refuses a ledger of the other kind.
func apart(sandbox bool) error {
	if sandbox {
		return fmt.Errorf("%w: this one is the sandbox's, and what it holds was never sent: name another database, or add --sandbox", errSandbox)
	}
	return fmt.Errorf("%w: this one holds real deliveries, and the sandbox needs one of its own: name another database", errSandbox)
}

// mayWrite looks whether a connection leads to the ledger that was opened, in a database that keeps it.
func (l *Ledger) mayWrite(c *connection) error {
	var f facts
	if err := c.query(factsSQL, func(rows pgx.Rows) error { return readFacts(rows, &f) }); err != nil {
		return err
	}
	if f.replica { // a failover under way
		return fmt.Errorf("it is a replica now: %w", errAgain)
	}
	if err := f.keeps(); err != nil {
		return err
	}
	return l.sameDatabase(c, &f)
}
