package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"waybill/engine"
)

// The files beside a ledger: SQLite's own, and ours.
const (
	suffixLog     = "-wal"
	suffixShared  = "-shm"
	suffixLock    = ".lock"
	suffixBallast = ".ballast"
)

// prepareFolder makes sure that the folder of a ledger is there and safe. One that we make is for its owner alone.
func prepareFolder(path string) error {
	dir := filepath.Dir(path)
	found, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFolder(dir); err != nil {
			return err
		}
		found, err = os.Lstat(dir)
	}
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	// The system's own links (/tmp, /var on macOS) stand in the root and cannot be planted by others.
	if found.Mode()&fs.ModeSymlink != 0 && filepath.Dir(dir) == filepath.VolumeName(dir)+string(filepath.Separator) {
		found, err = os.Stat(dir)
		if err != nil {
			return fmt.Errorf("state folder: %w", err)
		}
	}
	switch {
	case found.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%w: the folder %s is a symbolic link: give the path that it points to", errUnsafePlace, dir)
	case !found.IsDir():
		return fmt.Errorf("%w: %s is no folder", errUnsafePlace, dir)
	case foreign(found):
		return fmt.Errorf("%w: the folder %s belongs to another user: choose a folder of your own with --state", errUnsafePlace, dir)
	case open(found):
		return fmt.Errorf("%w: everybody may write in the folder %s, and put another ledger there: "+
			"run chmod o-w on it, or choose another with --state",
			errUnsafePlace, dir)
	}
	kind, err := networkFileSystem(dir)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if kind != "" {
		return fmt.Errorf("%w: %s is on %s, where SQLite's write-ahead log does not work: choose a folder on a local disk with --state",
			errUnsafePlace, dir, kind)
	}
	return nil
}

// makeFolder makes dir with mode 0700 under any umask.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the state folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x
		return fmt.Errorf("make the state folder: %w", err)
	}
	return nil
}

// prepareFile makes an empty file where there is none, and takes the file from the eyes of others. SQLite gives
// its log and shared memory the mode of the database.
func prepareFile(path string) error {
	// With O_EXCL no existing database is opened here: closing it would drop the locks that SQLite holds on it
	// elsewhere in this process.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the path is the user's to choose
	switch {
	case err == nil:
		if err := f.Close(); err != nil {
			return fmt.Errorf("make the ledger: %w", err)
		}
	case !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("make the ledger: %w", readOnly(err))
	}
	found, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if !found.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is no regular file", engine.ErrNoLedger, path)
	}
	if err := ofOneName(path, found); err != nil {
		return err
	}
	return restrict(path)
}

// restrict returns the ledger's files mode 0600, those that are there.
func restrict(path string) error {
	for _, suffix := range [...]string{"", suffixLog, suffixShared, suffixLock, suffixBallast} {
		found, err := os.Lstat(path + suffix)
		if errors.Is(err, fs.ErrNotExist) || err == nil && found.Mode().Perm() == 0o600 {
			continue
		}
		if err == nil {
			err = os.Chmod(path+suffix, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process may end and take its files away
			return fmt.Errorf("keep the ledger from other users: %w", readOnly(err))
		}
	}
	return nil
}

// readOnly names the sentence for a file that the system does not let us write.
func readOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnlyFileSystem(err) {
		return fmt.Errorf("%w: check the permissions of the file and its folder: %w", engine.ErrReadOnly, err)
	}
	return err
}
