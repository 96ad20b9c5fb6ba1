package engine

import (
	"context"
	"errors"
	"iter"
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// Source is one of the ways in which a forEach gets its items: csv, jsonl, xlsx, sql, items. It is to a forEach what an Operation
// is to a step: it knows no keys of items, no ledger and no limits.
type Source interface {
	// Key is its name in a forEach: "csv".
	Key() string
	// Options names the further keys of a forEach that it understands: "encoding".
	Options() []string
	// Origin says where the items come from, as far as the job file says it.
	Origin(f *ForEach) Origin
	// Check looks at what is literal, before anything runs. It reads a file that is named literally, and uses no network.
	Check(c *SourceCheck) (Shape, diag.List)
	// Open makes the items ready to be read. A *diag.ListError says at which place of the job file something is wrong.
	Open(ctx context.Context, c *SourceCall) (Rows, error)
}

// ErrChanged says that a file was written anew while its rows were read: a row may be half of what was and half of what is.
var ErrChanged = errors.New("it was changed while it was read, and no row of it is read further. " +
	"Write it under another name and put it in its place, and apply again: who was messaged is left out")

// Origin is where items come from.
type Origin struct {
	Name    string // for people: "people.csv", "query of postgres", "standard input"; empty: a list, or known only to a run. Nothing secret is in it
	File    bool   // Name is a file, as the job names it
	Once    bool   // it can be read once, and never again: standard input
	Spooled bool   // reading it means asking somebody else, or writing a copy: it is done once a command
	Dated   bool   // it has a time of its own, which MaxAge can be held against
}

// Shape is what is known of items before any is read.
type Shape struct {
	Columns []string // by which items have values, in the order of the source; nil: known only to a run
	Twice   []rows.Twice
	Item    eval.Type
}

// SourceCheck is what a Source looks at before anything runs.
type SourceCheck struct {
	*ForEach
	Job      *Job
	Open     Opener
	Thorough bool // a file is to be read to its end, where something can be found there; else its beginning is enough
}

// SourceCall is one use of a Source.
type SourceCall struct {
	ForEach *ForEach
	Step    string // path of the step that it repeats
	Value   any    // of ForEach.From, rendered
	Open    Opener
	Spool   *Spool
	Pin     bool        // the digest of its rows will be asked for
	Given   *Copy       // what another process read of it, in the place of asking again; nil: it is asked
	Took    func(*Copy) // is told what was read of a source that may be another the next time; nil: not wanted
	Inner   bool        // Value depends on an item or on an answer: nothing is kept for another use
	Skips   Skips       // rows that nobody wants
	Lines   bool        // it is a list of people who get nothing: the rows of a text have their line, for findings about them, and no line is passed over
}

// Skips are rows that a source may give without a value, as rows.Row.Skipped. The zero value: none.
type Skips struct {
	Columns  []string
	Unwanted func(cells []string) bool // by the row's cells in Columns, which are given for the moment; nil, or without one of these: none is
}

// Rows are the items of one source. They are read once, by All; whoever opened them closes them.
type Rows interface {
	// Name says for people where they come from, as Origin does, and also where only the run knows.
	Name() string
	// All streams them. A *rows.RowError is about one row, and the stream goes on; any other error is the last.
	All() iter.Seq2[rows.Row, error]
	// Digest tells them from others, where SourceCall.Pin asked for it: it covers all of them, also those that were not read. Nothing
	// is read after it.
	Digest() (string, error)
	// Modified is when the source was last changed; the zero time: it does not say.
	Modified() time.Time
	// Findings are about the source as a whole. An Error among them is for a run, which is refused by it; a plan goes on.
	Findings() diag.List
	// Close frees what Open took.
	Close() error
}
