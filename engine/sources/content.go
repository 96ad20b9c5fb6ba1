package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// stdin is how a job names standard input.
const stdin = "-"

// Names of what is no file, for people.
const stdinName = "standard input"

// content is a stream of bytes that rows are made of, and where it comes from.
type content struct {
	io.Reader
	name     string
	modified time.Time
	copied   *engine.Copy // nil: it is the file itself
	ownCopy  bool         // made for this use alone
	file     fs.File
	sum      hash.Hash // of what was read of the file; nil: nobody asks
}

// originOf says where the bytes of a source come from, as far as the job file says it.
func originOf(f *engine.ForEach) engine.Origin {
	value, known := f.From.Constant()
	if address := f.From.Field("url"); address != nil {
		url, _ := address.Constant()
		text, _ := url.(string)
		return engine.Origin{Name: urlName(text), Spooled: true, Dated: true}
	}
	switch path, text := value.(string); {
	case !known || !text:
		return engine.Origin{Dated: true}
	case path == stdin:
		return engine.Origin{Name: stdinName, Once: true, Spooled: true}
	default:
		return engine.Origin{Name: path, File: true, Dated: true}
	}
}

// literalFile opens the file that the job names literally. It is nil, without findings, where only a run can read it.
func literalFile(c *engine.SourceCheck) (*content, diag.List) {
	origin := originOf(c.ForEach)
	if !origin.File {
		return nil, nil
	}
	in, err := openFile(origin.Name, c.Open, false)
	if err != nil {
		return nil, diag.List{engine.Unreadable(c.Job, c.FromRange, origin.Name, err)}
	}
	return in, nil
}

// contentOf opens what the value of a source names: a file, "-", or { url: … }.
func (w World) contentOf(ctx context.Context, c *engine.SourceCall) (*content, error) {
	switch value := c.Value.(type) {
	case string:
		if value != stdin {
			return openFile(value, c.Open, c.Pin)
		}
		if c.Given != nil {
			return copied(c.Given, stdinName), nil
		}
		kept, err := c.Spool.Stdin(ctx)
		if errors.Is(err, engine.ErrNoStdin) {
			return nil, fault("stdin-gone", c.ForEach.FromRange, "the rows came by standard input, and they cannot be read again",
				"It is read by run, apply, plan and validate --rows alone, and what a run got is not kept.",
				"apply the job again with the same input: who was messaged already is left out").Err()
		}
		if err != nil {
			return nil, err
		}
		took(c, kept)
		return copied(kept, stdinName), nil
	case map[string]any:
		return w.fetched(ctx, c, value)
	}
	path, err := eval.Text(c.Value)
	if err != nil {
		return nil, fmt.Errorf("the name of a file: %w", err)
	}
	return openFile(path, c.Open, c.Pin)
}

// took tells what was read of a source that may be another the next time.
func took(c *engine.SourceCall, copied *engine.Copy) {
	if c.Took != nil {
		c.Took(copied)
	}
}

func openFile(path string, open engine.Opener, pin bool) (*content, error) {
	file, err := open.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &missingError{path, err}
	}
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	steady := &steadyFile{file, about}
	in := &content{Reader: steady, name: path, modified: about.ModTime(), file: steady}
	if pin {
		in.sum = sha256.New()
		in.Reader = io.TeeReader(steady, in.sum)
	}
	return in, nil
}

// missingError says which file is not there.
type missingError struct {
	path string
	err  error
}

func (e *missingError) Error() string { return fmt.Sprintf("there is no file %q", e.path) }
func (e *missingError) Unwrap() error { return e.err }

// copied is content that was copied before.
func copied(c *engine.Copy, name string) *content {
	return &content{Reader: c.Reader(), name: name, modified: c.Modified, copied: c}
}

// ReadAt looks at what is read later.
func (c *content) ReadAt(p []byte, offset int64) (int, error) {
	switch at := c.at(); at {
	case nil:
		return 0, errors.ErrUnsupported
	default:
		return at.ReadAt(p, offset)
	}
}

// Seek tells where the content is read, and moves nothing.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	seeker, ok := c.at().(io.Seeker)
	if !ok || offset != 0 || whence != io.SeekCurrent {
		return 0, errors.ErrUnsupported
	}
	return seeker.Seek(0, io.SeekCurrent)
}

// at is what the content is read of.
func (c *content) at() io.ReaderAt {
	if c.file != nil {
		at, _ := c.file.(io.ReaderAt)
		return at
	}
	at, _ := c.Reader.(io.ReaderAt)
	return at
}

// Name says for people where the content comes from.
func (c *content) Name() string { return c.name }

// Modified is when it was last changed, as far as it says so.
func (c *content) Modified() time.Time { return c.modified }

// Digest tells it from other content.
func (c *content) Digest() (string, error) {
	switch {
	case c.copied != nil:
		return c.copied.Digest(), nil
	case c.sum == nil:
		return "", errors.New("nobody asked for its digest")
	}
	if _, err := io.Copy(io.Discard, c.Reader); err != nil {
		return "", fmt.Errorf("%s: %w", c.name, err)
	}
	return hex.EncodeToString(c.sum.Sum(nil)), nil
}

// Close closes the file. A copy is the spool's.
func (c *content) Close() error {
	var failed []error
	if c.ownCopy {
		failed = append(failed, c.copied.Close())
	}
	if c.file != nil {
		failed = append(failed, c.file.Close())
	}
	return errors.Join(failed...)
}
