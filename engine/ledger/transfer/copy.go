package transfer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
)

// Reader reads a ledger of one moment.
type Reader interface {
	Head(ctx context.Context) (Head, error)
	// Rows yields the rows of a table, each of its own memory, and one error at most, as the last thing.
	Rows(ctx context.Context, t Table) iter.Seq2[Row, error]
}

// From is a ledger that is copied.
type From interface {
	// Hand lets give read the ledger, while nobody writes to it, and marks it as moved to a place, by the copy of a name, when give returns
	// without an error: durably, or not at all. Where somebody sends from it, it is a *engine.LockedError.
	Hand(ctx context.Context, to, id string, give func(Reader) error) error
}

// Writer writes a copy that nobody can use yet.
type Writer interface {
	Reader
	// Put takes in the rows of a table.
	Put(ctx context.Context, t Table, rows iter.Seq2[Row, error]) error
}

// To is a place where there is no ledger.
type To interface {
	Name() string
	// Take makes the copy of a name of a head and of what fill puts into it: durable, and unusable, or not at all. What an earlier Take left is
	// replaced; a ledger that can be used is an error.
	Take(ctx context.Context, id string, head Head, fill func(Writer) error) error
	// Finish makes the copy usable. engine.ErrNotFound: there is no copy of that name. One that is usable by now is left as it is.
	Finish(ctx context.Context, id string) error
}

// ErrOccupied means that there is something already where a copy was to be made.
var ErrOccupied = errors.New("a copy is made where there is no ledger")

// Copy moves a ledger to another place, and returns how many rows there are of each table; see the package. What it leaves when it fails can
// be sent from as before, unless it was marked as moved by then: Finish of the place goes on then.
func Copy(ctx context.Context, from From, to To) (map[string]int64, error) {
	id, rows := rand.Text(), map[string]int64{}
	var taken error
	err := from.Hand(ctx, to.Name(), id, func(r Reader) error {
		head, err := r.Head(ctx)
		if err != nil {
			return err
		}
		taken = to.Take(ctx, id, head, func(w Writer) error {
			for _, t := range Tables() {
				n, err := copyTable(ctx, r, w, t)
				if err != nil {
					return fmt.Errorf("copy the table %s: %w", t.Name, err)
				}
				rows[t.Name] = n
			}
			return sameHead(ctx, head, w)
		})
		return taken
	})
	if taken != nil {
		return nil, taken
	}
	if err != nil {
		return nil, err
	}
	return rows, to.Finish(ctx, id)
}

// copyTable copies one table, and reads it again where it was written.
func copyTable(ctx context.Context, r Reader, w Writer, t Table) (int64, error) {
	var read, written Digest
	err := w.Put(ctx, t, func(yield func(Row, error) bool) {
		for row, err := range r.Rows(ctx, t) {
			if err == nil {
				err = read.Add(row)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return 0, err
	}
	for row, err := range w.Rows(ctx, t) {
		if err == nil {
			err = written.Add(row)
		}
		if err != nil {
			return 0, err
		}
	}
	if !read.Same(&written) {
		return 0, fmt.Errorf("what was written is not what was read: %d rows were read and %d are there, or some differ", read.Rows, written.Rows)
	}
	return read.Rows, nil
}

func sameHead(ctx context.Context, want Head, w Writer) error {
	got, err := w.Head(ctx)
	if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
		err = fmt.Errorf("what the copy says of itself is not what was read")
	}
	return err
}
