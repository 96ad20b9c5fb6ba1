package ledger

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/internal/form"
)

// applicationID marks a SQLite file as a ledger: "Wayb".
const applicationID = 0x57617962

//go:embed migrations/*.sql
var migrations embed.FS

// firstVersion is the version that the first migration makes. Those before were never released.
const firstVersion = 2

// newestVersion is the one that so many migrations make.
func newestVersion(files []string) int64 { return int64(len(files)) + firstVersion - 1 }

// migrationTexts returns the migrations in order: the file that brings a ledger to version n is at n-firstVersion.
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

// identity is what the head of a SQLite file says of it.
type identity struct {
	application int64
	version     int64
	tables      int64
}

// identify reads all of it in one statement: another process may be making a ledger of the file right now.
func identify(c *connection) (identity, error) {
	var id identity
	err := c.query(context.Background(), `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`, func(row []driver.Value) error {
		id = identity{application: asInt(row[0]), version: asInt(row[1]), tables: asInt(row[2])}
		return nil
	})
	return id, err
}

// check says whether a file of that identity may be opened, and whether it is a new one.
func (id identity) check(known int64) (isNew bool, err error) {
	switch {
	case id.application == 0 && id.version == 0 && id.tables == 0:
		return true, nil
	case id.application != applicationID:
		return false, fmt.Errorf("%w: it is a SQLite database of another program: choose another path with --state", engine.ErrNoLedger)
	case id.version < firstVersion:
		return false, fmt.Errorf("%w: begin a new one at another path with --state, and keep this one: it says what was sent", errEarly)
	case id.version > known:
		return false, fmt.Errorf("%w: its format is version %d and this program knows up to %d: upgrade waybill",
			engine.ErrNewer, id.version, known)
	}
	return false, nil
}

// migrate brings the file to the newest version in one transaction. Two processes that start at once take turns.
func migrate(c *connection, now time.Time) error {
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	id, err := identify(c)
	if err != nil {
		return err
	}
	if _, err := id.check(newestVersion(files)); err != nil {
		return err
	}
	if id.version == newestVersion(files) {
		return nil
	}
	if err := c.script("BEGIN EXCLUSIVE"); err != nil {
		return err
	}
	if err := migrateInside(c, files, now); err != nil {
		return errors.Join(err, c.script("ROLLBACK"))
	}
	return c.script("COMMIT")
}

func migrateInside(c *connection, files []string, now time.Time) error {
	id, err := identify(c) // again: another process may have done it while we waited
	if err != nil {
		return err
	}
	isNew, err := id.check(newestVersion(files))
	if err != nil {
		return err
	}
	for i, file := range files {
		version := int64(i) + firstVersion
		if version <= id.version {
			continue
		}
		if err := c.script(file); err != nil {
			return fmt.Errorf("bring the ledger to version %d: %w", version, err)
		}
	}
	if isNew {
		if err := makeKeys(c, now); err != nil {
			return err
		}
	}
	return c.script(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, newestVersion(files)))
}

// makeKeys gives a new ledger its keys, and what it is called.
func makeKeys(c *connection, now time.Time) error {
	for _, name := range []string{metaCallbackKey, metaDigestKey} {
		if err := putMeta(c, name, form.NewSecret()); err != nil {
			return err
		}
	}
	if err := putMeta(c, metaID, rand.Text()); err != nil {
		return err
	}
	if err := putMeta(c, metaEpoch, int64(0)); err != nil {
		return err
	}
	return putMeta(c, metaCreated, now.UnixMilli())
}

// The names in the table meta.
const (
	metaCallbackKey = "callback_key"
	metaDigestKey   = "digest_key"
	metaCreated     = "created_at"
	metaID          = "id" // of the ledger; see epoch.go
	metaEpoch       = "epoch"
	metaMovedTo     = "moved_to"          // where, and by which copy: nothing is sent from here any more
	metaArrived     = "arrived_as"        // the copy that this ledger was made by
	metaBegun       = "begun_at"          // since when messages may be sent from it; see engine.Keeper
	metaReceived    = "received_at"       // when the last webhook came
	metaListening   = "listening_until"   // until when a receiver of webhooks is alive
	metaForeign     = "foreign_callbacks" // how many callbacks this ledger did not make
	metaSought      = "sought_words"      // JSON: stop and start words that the inbox was looked through for
	metaAdopted     = "adopted_at"        // when it was adopted last
	metaBackup      = "backup_at"         // this is a backup that was made then, and was not sent from; see epoch.go
	metaSending     = "sending"           // 1 while a sender holds the lock; also after one that was killed
)

func putMeta(c *connection, name string, value driver.Value) error {
	_, _, err := c.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

func readMeta(ctx context.Context, c *connection, name string) (driver.Value, error) {
	var v driver.Value
	err := c.query(ctx, `SELECT value FROM meta WHERE name = ?`, func(row []driver.Value) error {
		v = row[0]
		return nil
	}, name)
	return v, err
}
