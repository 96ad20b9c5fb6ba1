package sources

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// csv is a table of text whose first line names its columns.
type csv struct{ world World }

func (*csv) Key() string                            { return "csv" }
func (*csv) Options() []string                      { return []string{"encoding", "delimiter", "maxAge"} }
func (*csv) Origin(f *engine.ForEach) engine.Origin { return originOf(f) }
func (*csv) options(f *engine.ForEach) rows.CSVOptions {
	return rows.CSVOptions{Encoding: f.Encoding, Delimiter: f.Delimiter}
}

// Check reads the header of a file, and says what is wrong with it.
func (k *csv) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	if found := k.world.checkAddress(c.ForEach); found != nil {
		return columnsOf(nil), found
	}
	in, found := literalFile(c)
	if in == nil {
		return columnsOf(nil), found
	}
	defer func() { _ = in.Close() }() // opened for reading
	table, err := rows.CSV(in, k.options(c.ForEach))
	if err == nil {
		err = table.CheckUnnamed()
	}
	if err == nil {
		return columnsOf(table.Columns()), nil
	}
	if header, ok := errors.AsType[*rows.HeaderError](err); ok {
		return columnsOf(nil), badHeader(c.ForEach, in.name, header)
	}
	return columnsOf(nil), diag.List{engine.Unreadable(c.Job, c.FromRange, in.name, err)}
}

// badHeader is the finding about a table that is none, or names no columns.
func badHeader(f *engine.ForEach, name string, header *rows.HeaderError) diag.List {
	if header.Line > 0 {
		name = fmt.Sprintf("%s, line %d", name, header.Line)
	}
	return fault("bad-csv-header", f.FromRange, name+": "+header.Message, "", header.Hint)
}

// Open reads the header.
func (k *csv) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	in, err := k.world.contentOf(ctx, c)
	if err != nil {
		return nil, err
	}
	table, err := rows.CSV(in, k.options(c.ForEach))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", in.name, err), in.Close())
	}
	return &textRows{in, table.Rows()}, nil
}

// jsonl is a JSON value a line.
type jsonl struct{ world World }

func (*jsonl) Key() string                            { return "jsonl" }
func (*jsonl) Options() []string                      { return []string{"maxAge"} }
func (*jsonl) Origin(f *engine.ForEach) engine.Origin { return originOf(f) }

// Check looks whether a file is there.
func (k *jsonl) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	found := k.world.checkAddress(c.ForEach)
	if found != nil {
		return engine.Shape{}, found
	}
	in, found := literalFile(c)
	if in != nil {
		_ = in.Close() // opened for reading
	}
	return engine.Shape{Item: eval.Any()}, found
}

func (k *jsonl) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	in, err := k.world.contentOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return &textRows{in, rows.JSONL(in)}, nil
}

// textRows are the rows of a text.
type textRows struct {
	*content
	all iter.Seq2[rows.Row, error]
}

func (r *textRows) All() iter.Seq2[rows.Row, error] { return r.all }
func (*textRows) Findings() diag.List               { return nil }
