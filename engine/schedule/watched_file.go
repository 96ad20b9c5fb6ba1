package schedule

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"waybill/engine"
)

const (
	// pollsUntilRead is after how many polls a file is read although nothing about it changed: file systems keep times
	// coarsely, and some tools set them back.
	pollsUntilRead = 15
	// maxFile bounds what is read. A job file is far smaller; its data stand in files of their own.
	maxFile = 16 << 20
)

// digest identifies a content. The zero value is none.
type digest [sha256.Size]byte

// watchedFile is one job file as it was last seen.
type watchedFile struct {
	path    string
	info    os.FileInfo // when it was read; nil: never
	polls   int         // since it was read
	missing int         // polls in a row that did not find it

	text      []byte // as it was read last
	content   digest // of text
	stable    bool   // the last two readings found the same content
	loaded    digest // of the content that Load was last called with
	inForce   digest // of the content that jobs are of
	jobs      []*engine.Job
	lastError string // reported last
}

// poll reads the file if it may have changed.
func (f *watchedFile) poll() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("look at job file: %w", err)
	}
	f.polls++
	same := f.info != nil && os.SameFile(f.info, info) && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime())
	if same && f.stable && f.polls < pollsUntilRead {
		return nil
	}
	before := f.content
	if err := f.read(); err != nil {
		return err
	}
	if f.stable = f.content == before; !f.stable {
		f.lastError = ""
	}
	return nil
}

// read reads the file and notes what it looked like before: a change while it is read shows at the next poll.
func (f *watchedFile) read() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("read job file: %w", err)
	}
	if !info.Mode().IsRegular() {
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
	f.info, f.polls, f.text, f.content = info, 0, text, sha256.Sum256(text)
	return nil
}

// reset takes note that the file is gone: if it comes back it is new, whatever is in it.
func (f *watchedFile) reset() {
	*f = watchedFile{path: f.path, missing: f.missing}
}

// reportOnce returns a Change about an error, unless that was reported last.
func (f *watchedFile) reportOnce(err error) (Change, bool) {
	if f.lastError == err.Error() {
		return Change{}, false
	}
	f.lastError = err.Error()
	return Change{Kind: Broken, Path: f.path, Jobs: f.jobs, Err: err}, true
}
