// Package witness keeps how far a ledger had come outside of the ledger: one that was put back to an earlier time is behind it. It knows
// files alone, and no ledger.
package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Place is where the witness of a ledger lies.
type Place struct {
	Folder string // of witnesses, each named by its ledger; made when it is not there. Empty: none is kept there
	File   string // this one instead, as the user says: its folder must be there; empty: none was named
}

// content is how far a ledger had come when it was last looked at.
type content struct {
	Ledger string    `json:"ledger"`
	Epoch  int64     `json:"epoch"`
	At     time.Time `json:"at"`
}

// Named says whether the user said where the witness is.
func (p Place) Named() bool { return p.File != "" }

// Path is the file of a ledger's witness; empty: none is kept.
func (p Place) Path(ledger string) string {
	switch {
	case ledger == "":
		return ""
	case p.File != "":
		return p.File
	case p.Folder == "":
		return ""
	}
	return filepath.Join(p.Folder, "witness-"+filepath.Base(ledger))
}

// Read returns the latest epoch of a ledger that was seen; 0: none was. An error means that it cannot be known.
func (p Place) Read(ledger string) (int64, error) {
	path := p.Path(ledger)
	if path == "" {
		return 0, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // in the state folder, or the user names it
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	var c content
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("its witness %s cannot be read, so that nobody knows whether it went back in time: restore that file, or take it away: %w", path, err)
	case c.Ledger != ledger && p.Named():
		return 0, fmt.Errorf("the witness %s is of another ledger: name the right ledger, or another file", path)
	}
	return c.Epoch, nil
}

// Keep writes down that an epoch was seen, durably. It does not take back a later one.
func (p Place) Keep(ledger string, epoch int64, at time.Time) error {
	path := p.Path(ledger)
	if path == "" {
		return nil
	}
	if known, err := p.Read(ledger); err == nil && known >= epoch {
		return nil
	}
	text, err := json.Marshal(content{ledger, epoch, at.UTC()})
	if err != nil {
		return err
	}
	if !p.Named() {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	return replace(path, text)
}

// replace puts a file in place as a whole.
func replace(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = f.Chmod(0o600) // under any umask
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncFolder(dir)
}
