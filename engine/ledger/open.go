package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"waybill/engine"
)

// oldestSQLite is the first version whose write-ahead log cannot be reset under a reader, which corrupted files
// (https://sqlite.org/wal.html, "the WAL-reset bug").
const oldestSQLite = "3.51.3"

// checkVersion refuses a SQLite with a fault that could damage a ledger.
func checkVersion(c *connection) error {
	found, err := c.text("SELECT sqlite_version()")
	if err != nil {
		return err
	}
	if olderThan(found, oldestSQLite) {
		return fmt.Errorf("this program was built with SQLite %s, which may damage ledgers: build it with %s or later", found, oldestSQLite)
	}
	return nil
}

func olderThan(version, limit string) bool {
	have, want := strings.Split(version, "."), strings.Split(limit, ".")
	for i := range want {
		var h, w int
		if i < len(have) {
			h, _ = strconv.Atoi(have[i])
		}
		w, _ = strconv.Atoi(want[i])
		if h != w {
			return h < w
		}
	}
	return false
}

// ready makes a ledger of the file, or refuses it, and sees that its settings took.
func ready(c *connection, path string, now time.Time) error {
	// A file that is no ledger is refused before anything in it changes.
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	id, err := identify(c)
	if err != nil {
		return err
	}
	isNew, err := id.check(newestVersion(files))
	if err == nil && isNew {
		err = neverSent(path)
	}
	if err != nil {
		return err
	}
	if err := keepLog(c); err != nil {
		return err
	}
	if err := migrate(c, now); err != nil {
		return err
	}
	for _, want := range []struct{ pragma, value string }{
		{"journal_mode", "wal"},
		{"synchronous", "2"},
		{"foreign_keys", "1"},
		{"busy_timeout", strconv.FormatInt(busyFor.Milliseconds(), 10)},
		{"trusted_schema", "0"},
		{"cell_size_check", "1"},
	} {
		var got string
		err := c.query(context.Background(), "PRAGMA "+want.pragma, func(row []driver.Value) error {
			got = fmt.Sprint(row[0])
			return nil
		})
		if err != nil {
			return err
		}
		if got != want.value {
			return fmt.Errorf("%w: SQLite would not set %s to %s (it stays %s), without which sent messages may be forgotten",
				errUnsafePlace, want.pragma, want.value, got)
		}
	}
	return nil
}

// keepLog sets the journal mode. SQLite does not wait for another process that does the same to a new file, as it
// does elsewhere, so it is asked again for as long.
func keepLog(c *connection) error {
	const pause = 20 * time.Millisecond
	var err error
	for range busyFor / pause {
		if _, err = c.text("PRAGMA journal_mode = WAL"); !errors.Is(err, engine.ErrBusy) {
			return err
		}
		<-time.After(pause)
	}
	return err
}

// neverSent refuses an empty file beside which stands what only a sender leaves there: it was a ledger, and lost what
// it held, as a full disk or a lost supply of power can do. To take it for a new one would send every message again.
func neverSent(path string) error {
	for _, suffix := range [...]string{suffixLock, suffixBallast} {
		if _, err := os.Lstat(path + suffix); err == nil {
			return fmt.Errorf("%w: it is empty, and %s beside it says that messages were sent from it: restore a backup; "+
				"to begin anew, so that everybody may be messaged again, remove both", engine.ErrDamaged, filepath.Base(path)+suffix)
		}
	}
	return nil
}

// readable refuses a file that is no ledger that this program can read.
func readable(c *connection, path string) error {
	files, err := migrationTexts()
	if err != nil {
		return err
	}
	id, err := identify(c)
	if err != nil {
		return err
	}
	isNew, err := id.check(newestVersion(files))
	if err == nil && isNew {
		err = neverSent(path)
	}
	switch {
	case err != nil:
		return err
	case isNew:
		// The process that made it was killed before it became a ledger; the next one that sends or records makes one of it.
		return fmt.Errorf("nothing was sent from here yet, the file is empty: %w", fs.ErrNotExist)
	case id.version < newestVersion(files):
		return fmt.Errorf("%w: its format is version %d and is brought to %d by the first command that writes to it: apply, resume, serve, worker, resolve",
			engine.ErrEarlier, id.version, newestVersion(files))
	}
	return nil
}

// connectToRead opens the file for reading, and reads, since SQLite notices only then that it cannot.
func connectToRead(path string, how access) (*connection, error) {
	c, err := connect(path, how)
	if err == nil {
		if _, err = c.number("SELECT count(*) FROM sqlite_schema"); err != nil {
			err = errors.Join(err, c.close())
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// quiet says whether the database file stands alone: nothing of it is still in a log.
func quiet(path string) bool {
	found, err := os.Stat(path + suffixLog)
	return errors.Is(err, os.ErrNotExist) || err == nil && found.Size() == 0
}
