package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/internal/witness"
	"waybill/engine/ledger/transfer"
)

// suffixCopy is behind the name of a copy that is not complete, or not usable yet.
const suffixCopy = ".copying"

// Place is where a ledger may be copied to. Use NewPlace.
type Place struct {
	ledger *Ledger // of which there is the path and the clock
	lock   *os.File
}

// NewPlace takes a path for a copy. The caller closes it. A file that is there is refused when the copy is made.
func NewPlace(path string, now func() time.Time) (*Place, error) {
	l := &Ledger{now: now}
	var err error
	if l.path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	if err := prepareFolder(l.path); err != nil {
		return nil, err
	}
	p := &Place{ledger: l}
	if p.lock, err = l.takeLock("waybill ledger copy"); err != nil {
		return nil, err
	}
	return p, nil
}

// Close gives the path up.
func (p *Place) Close() error {
	err := errors.Join(p.lock.Truncate(0), p.lock.Close())
	if _, there := os.Lstat(p.Name()); errors.Is(there, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(p.Name()+suffixLock)) // beside nothing it would say that a ledger was lost
	}
	return err
}

// Name is the path of the ledger; see transfer.To.
func (p *Place) Name() string { return p.ledger.path }

func (p *Place) copyName() string { return p.Name() + suffixCopy }

// Take makes the copy, under another name; see transfer.To.
func (p *Place) Take(ctx context.Context, id string, head transfer.Head, fill func(transfer.Writer) error) (err error) {
	if _, err := os.Lstat(p.Name()); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("there is a file %s already: %w", p.Name(), transfer.ErrOccupied), err)
	}
	for _, suffix := range [...]string{"", "-journal", suffixLog, suffixShared} {
		if err := os.Remove(p.copyName() + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := prepareFile(p.copyName()); err != nil {
		return err
	}
	c, err := connect(p.copyName(), readWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := migrate(c, p.ledger.now()); err != nil {
		return err
	}
	// One transaction that cannot be taken back: what is left of it when it fails is thrown away as a whole.
	if err := c.script("PRAGMA journal_mode = OFF; BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := putHead(c, id, head); err != nil {
		return err
	}
	if err := fill(copyWriter{copyReader{c}}); err != nil {
		return err
	}
	return c.script("COMMIT")
}

func putHead(c *connection, id string, h transfer.Head) error {
	values := [...]driver.Value{
		h.CallbackKey, h.DigestKey, h.CreatedAt, orNone(h.BegunAt), orNone(h.ReceivedAt), orNone(h.ListeningUntil), orNone(h.ForeignCallbacks),
		orNull(h.SoughtWords),
	}
	for i, name := range headNames {
		if values[i] == nil {
			continue
		}
		if err := putMeta(c, name, values[i]); err != nil {
			return err
		}
	}
	return putMeta(c, metaArrived, id)
}

func orNone(n int64) driver.Value {
	if n == 0 {
		return nil
	}
	return n
}

// copyWriter writes tables as package transfer has them.
type copyWriter struct{ copyReader }

func (w copyWriter) Put(_ context.Context, t transfer.Table, rows iter.Seq2[transfer.Row, error]) error {
	columns, width := columnsOf(t), len(t.Columns)
	message := -1
	for i, c := range t.Columns {
		if c.Kind == transfer.Message {
			message, columns, width = i, columns+", message_hash", width+1
		}
	}
	insert := `INSERT INTO ` + t.Name + ` (` + columns + `) VALUES (` + placeholders(width) + `)`
	args := make([]driver.Value, width)
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, c := range t.Columns {
			args[i] = stored(c.Kind, row[i])
		}
		if message >= 0 {
			text, _ := row[message].(string)
			args[width-1] = hashMessage(text)
		}
		if _, _, err := w.exec(insert, args...); err != nil {
			return err
		}
	}
	return nil
}

// Finish gives the copy its name; see transfer.To.
func (p *Place) Finish(ctx context.Context, id string) error {
	if arrived, err := arrivedAs(ctx, p.Name()); err != nil || arrived == id {
		if err == nil {
			_ = os.Remove(p.copyName()) // its other name, if a process was killed between the two
		}
		return err
	}
	arrived, err := arrivedAs(ctx, p.copyName())
	switch {
	case err != nil:
		return err
	case arrived != id:
		return fmt.Errorf("the copy of the ledger that was to be %s: %w: it was taken away since", p.Name(), engine.ErrNotFound)
	}
	if err := restrict(p.copyName()); err != nil {
		return err
	}
	if err := os.Link(p.copyName(), p.Name()); err != nil { // a file that is there by now stays
		if !errors.Is(err, fs.ErrExist) {
			return os.Rename(p.copyName(), p.Name()) // this file system has no links
		}
		return err
	}
	return errors.Join(os.Remove(p.copyName()), witness.SyncFolder(filepath.Dir(p.Name())))
}

// arrivedAs says by which copy the ledger in a file was made; empty: there is no file, or it was made by none.
func arrivedAs(ctx context.Context, path string) (id string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	c, err := connectToRead(path, readFile)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	v, err := readMeta(ctx, c, metaArrived)
	return asText(v), err
}
