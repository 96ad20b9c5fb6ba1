package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Backup writes a copy of the ledger to a file that is not there yet: as it is at one moment, also while somebody sends or records. The
// copy is looked through before it gets its name, so that there is a whole one or none. It knows that it is a backup: it is sent from once it
// is adopted. fs.ErrExist: something lies there.
func (l *Ledger) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("back up the ledger to %s: %w", path, fs.ErrExist))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("back up the ledger to %s: %w", path, err)
	}
	part := abs + ".part"
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("back up the ledger to %s: %w", path, err), removeIfThere(part))
		}
	}()
	if err := removeIfThere(part); err != nil { // of one that was killed
		return err
	}
	if err := l.copyTo(ctx, part); err != nil {
		return err
	}
	if err := markBackup(part, l.now()); err != nil {
		return err
	}
	if err := examineCopy(ctx, part); err != nil {
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Link(part, abs); err != nil { // unlike a rename, it takes no other file's place
		return err
	}
	return removeIfThere(part)
}

// copyTo writes all that one moment holds into a new file. It is a reader: nobody waits for it.
func (l *Ledger) copyTo(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the user's to choose
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	c, err := connect(l.path, readFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return c.query(ctx, `VACUUM INTO ?`, func([]driver.Value) error { return nil }, path)
}

// markBackup has a copy say of itself that it is one.
func markBackup(path string, at time.Time) (err error) {
	c, err := connect(path, readWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return putMeta(c, metaBackup, at.UnixMilli())
}

// examineCopy looks at every row of a copy.
func examineCopy(ctx context.Context, path string) (err error) {
	c, err := connect(path, immutable)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := readable(c, path); err != nil {
		return err
	}
	wrong, err := c.examine(ctx)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("the copy is not whole: %s; waybill ledger check looks at the ledger itself", wrong[0])
	}
	return err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the user's to choose
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
