package schedule

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"waybill/engine"
)

const (
	// readEvery is after how many looks a file is read although nothing about it changed: file systems keep times
	// coarsely, and some tools set them back.
	readEvery = 15
	// maxFile bounds what is read. A job file is far smaller; its data stand in files of their own.
	maxFile = 16 << 20
)

// sum identifies a content. The zero value is none.
type sum [sha256.Size]byte

// file is one job file as it was last seen.
type file struct {
	path    string
	about   os.FileInfo
	looks   int // since it was read
	missing int // looks in a row that did not find it

	text    []byte // of seen
	seen    sum    // read last
	settled bool   // and read twice in a row
	judged  sum    // loaded last, for good or bad
	version sum    // in force
	jobs    []*engine.Job
	trouble string // reported last
}

// look reads the file if it may have changed.
func (f *file) look() error {
	about, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("look at job file: %w", err)
	}
	f.looks++
	same := f.about != nil && os.SameFile(f.about, about) && f.about.Size() == about.Size() && f.about.ModTime().Equal(about.ModTime())
	if same && f.settled && f.looks < readEvery {
		return nil
	}
	before := f.seen
	if err := f.read(); err != nil {
		return err
	}
	if f.settled = f.seen == before; !f.settled {
		f.trouble = ""
	}
	return nil
}

// read reads the file and notes what it looked like before: a change while it is read shows at the next look.
func (f *file) read() error {
	about, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("read job file: %w", err)
	}
	if !about.Mode().IsRegular() {
		return fmt.Errorf("read job file: %s is no regular file", f.path)
	}
	source, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("read job file: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(source, maxFile+1))
	if closing := source.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("read job file: %w", err)
	}
	if len(text) > maxFile {
		return fmt.Errorf("read job file: %s has more than %d MiB", f.path, maxFile>>20)
	}
	f.about, f.looks, f.text, f.seen = about, 0, text, sha256.Sum256(text)
	return nil
}

// forget takes note that the file is gone: if it comes back it is new, whatever is in it.
func (f *file) forget() {
	*f = file{path: f.path, missing: f.missing}
}

// broken tells of a trouble once, until something else happens to the file.
func (f *file) broken(err error) (Change, bool) {
	if f.trouble == err.Error() {
		return Change{}, false
	}
	f.trouble = err.Error()
	return Change{Kind: Broken, Path: f.path, Err: err}, true
}
