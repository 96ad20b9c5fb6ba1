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
func (*csv) Options() []string                      { return []string{"encoding", "delimiter", "headerRow", "maxAge"} }
func (*csv) Origin(f *engine.ForEach) engine.Origin { return originOf(f) }
func (*csv) options(f *engine.ForEach) rows.CSVOptions {
	return rows.CSVOptions{Encoding: f.Encoding, Delimiter: f.Delimiter, HeaderRow: f.HeaderRow}
}

// Check reads the header of a file, and says what is wrong with it.
func (k *csv) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	if found := k.world.checkAddress(c.ForEach); found != nil {
		return columnsOf(nil, nil), found
	}
	in, found := literalFile(c)
	if in == nil {
		return columnsOf(nil, nil), found
	}
	defer func() { _ = in.Close() }() // opened for reading
	table, err := rows.CSV(in, k.options(c.ForEach))
	var guess *rows.Guess
	if err == nil {
		guess, err = table.Check()
	}
	if err == nil {
		return columnsOf(table.Columns(), table.Twice()), guessed(c.ForEach, in.name, guess)
	}
	if header, ok := errors.AsType[*rows.HeaderError](err); ok {
		return columnsOf(nil, nil), badHeader("bad-csv-header", c.ForEach, in.name, header)
	}
	return columnsOf(nil, nil), diag.List{engine.Unreadable(c.Job, c.FromRange, in.name, err)}
}

// guessed shows how a file without a word on its encoding was read.
func guessed(f *engine.ForEach, name string, g *rows.Guess) diag.List {
	if g == nil {
		return nil
	}
	w := engine.GuessedEncoding(name, g.Line, g.Word)
	w.Severity, w.Range = diag.Warning, f.FromRange
	return diag.List{w}
}

// badHeader is the finding about a file that is of another kind, or a table that names no columns.
func badHeader(code string, f *engine.ForEach, name string, header *rows.HeaderError) diag.List {
	if header.Line > 0 {
		name = fmt.Sprintf("%s, line %d", name, header.Line)
	}
	return fault(code, f.FromRange, name+": "+header.Message, "", header.Hint)
}

// Open reads the header.
func (k *csv) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	in, err := k.world.contentOf(ctx, c)
	if err != nil {
		return nil, err
	}
	options := k.options(c.ForEach)
	options.KeepLines, options.EachLine = c.Lines, c.Lines
	table, err := rows.CSV(in, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", in.name, err), in.Close())
	}
	found, err := twice(c, in.name, table.Twice())
	if err != nil {
		_ = in.Close() // opened for reading
		return nil, err
	}
	if c.Skips.Unwanted != nil {
		table.Skip(c.Skips.Columns, c.Skips.Unwanted)
	}
	return &textRows{in, table.Rows(), found}, nil
}

// jsonl is a JSON value a line.
type jsonl struct{ world World }

func (*jsonl) Key() string                            { return "jsonl" }
func (*jsonl) Options() []string                      { return []string{"maxAge"} }
func (*jsonl) Origin(f *engine.ForEach) engine.Origin { return originOf(f) }

// Check looks whether a file is there, and whether it begins as JSON Lines do.
func (k *jsonl) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	found := k.world.checkAddress(c.ForEach)
	if found != nil {
		return engine.Shape{}, found
	}
	in, found := literalFile(c)
	if in == nil {
		return engine.Shape{Item: eval.Any()}, found
	}
	defer func() { _ = in.Close() }() // opened for reading
	err := rows.CheckJSONL(in)
	if header, ok := errors.AsType[*rows.HeaderError](err); ok {
		return engine.Shape{Item: eval.Any()}, badHeader("bad-jsonl-file", c.ForEach, in.name, header)
	}
	if err != nil {
		return engine.Shape{Item: eval.Any()}, diag.List{engine.Unreadable(c.Job, c.FromRange, in.name, err)}
	}
	return engine.Shape{Item: eval.Any()}, found
}

func (k *jsonl) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	in, err := k.world.contentOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return &textRows{in, rows.JSONL(in, c.Lines), nil}, nil
}

// textRows are the rows of a text.
type textRows struct {
	*content
	all   iter.Seq2[rows.Row, error]
	found diag.List
}

func (r *textRows) All() iter.Seq2[rows.Row, error] { return r.all }
func (r *textRows) Findings() diag.List             { return r.found }
