package sources

import (
	"errors"
	"io"
	"io/fs"

	"waybill/engine"
)

// steadyFile is a file that is read as it was when it was opened, or not at all. A run reads its rows as it sends, for hours: were the file
// written anew meanwhile, in its place, a row could begin as one person's and end as another's. A file that is put in its place is no
// matter: what was opened stays as it is.
type steadyFile struct {
	fs.File
	opened fs.FileInfo
}

// Read implements io.Reader. engine.ErrChanged: what was read is not of the file that was opened.
func (f *steadyFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	return f.unchanged(n, err)
}

// ReadAt implements io.ReaderAt. errors.ErrUnsupported: the file cannot be read so.
func (f *steadyFile) ReadAt(p []byte, offset int64) (int, error) {
	at, ok := f.File.(io.ReaderAt)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	n, err := at.ReadAt(p, offset)
	return f.unchanged(n, err)
}

// Seek implements io.Seeker. errors.ErrUnsupported: the file has no place.
func (f *steadyFile) Seek(offset int64, whence int) (int64, error) {
	seeker, ok := f.File.(io.Seeker)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	return seeker.Seek(offset, whence)
}

// unchanged gives the outcome of a read, if the file is still what was opened. It looks after the read, so that no change is missed. What is
// no file, such as a pipe, changes as it is read.
func (f *steadyFile) unchanged(n int, read error) (int, error) {
	if !f.opened.Mode().IsRegular() {
		return n, read
	}
	now, err := f.Stat()
	switch {
	case err != nil:
		return 0, errors.Join(read, err)
	case now.Size() != f.opened.Size() || !now.ModTime().Equal(f.opened.ModTime()):
		return 0, engine.ErrChanged
	}
	return n, read
}
