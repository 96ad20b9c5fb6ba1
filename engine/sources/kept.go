package sources

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/rows"
)

// kept are rows that were made once, and are read from the command's spool since: those of a workbook or a query.
type kept struct {
	*engine.Copy
	name string
	own  bool // the copy is of this use alone

	twice diag.List // of this use
}

// keptRow is a row in the spool: a JSON value a line.
type keptRow struct {
	Number int    `json:"n"`
	Value  any    `json:"v,omitempty"`
	Wrong  string `json:"e,omitempty"` // why it is none
}

// findings is what whoever made the rows found, for Copy.Note.
type findings struct {
	list  diag.List
	twice []rows.Twice // which each use judges
}

// keep makes rows with fill, or finds them where they were made before under the same name. What fill notes are its findings.
func keep(ctx context.Context, c *engine.SourceCall, id, name string, fill func(context.Context, *rowWriter) (findings, error)) (engine.Rows, error) {
	write := func(ctx context.Context, to *engine.Copy) error {
		w := &rowWriter{copy: to, text: bufio.NewWriterSize(to, 64<<10)}
		found, err := fill(ctx, w)
		to.Note = found
		return errors.Join(err, w.text.Flush())
	}
	if c.Inner {
		own, err := engine.NewCopy(ctx, write)
		if err != nil {
			return nil, err
		}
		return keptFor(c, &kept{Copy: own, name: name, own: true})
	}
	shared, err := c.Spool.Keep(ctx, id, write)
	if err != nil {
		return nil, err
	}
	return keptFor(c, &kept{Copy: shared, name: name})
}

// keptFor judges rows that were kept for the forEach that asks for them now.
func keptFor(c *engine.SourceCall, k *kept) (engine.Rows, error) {
	found, _ := k.Note.(findings)
	var err error
	if k.twice, err = twice(c, k.name, found.twice); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

// rowWriter writes rows into the spool.
type rowWriter struct {
	copy *engine.Copy
	text *bufio.Writer
}

// row adds a row, or why there is none. A row without any value does not exist.
func (w *rowWriter) row(number int, value any, wrong error) error {
	if wrong == nil && rows.IsEmpty(value) {
		return nil
	}
	line := keptRow{Number: number}
	if wrong == nil {
		wrong = checkTexts(value)
	}
	if wrong != nil {
		line.Wrong = wrong.Error()
	} else {
		line.Value = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("keep row %d: %w", number, err)
	}
	_, err = w.text.Write(append(text, '\n'))
	return err
}

// checkTexts refuses text with letters that were lost, as the reader of CSV does.
func checkTexts(value any) error {
	cells, _ := value.(map[string]any)
	for column, cell := range cells {
		text, ok := cell.(string)
		if !ok {
			continue
		}
		for at, r := range text {
			_, size := utf8.DecodeRuneInString(text[at:])
			switch {
			case r == 0:
				return fmt.Errorf("%s has a NUL character: this is not text", column)
			case r == utf8.RuneError && size == 1:
				return fmt.Errorf("%s is not UTF-8", column)
			case r == utf8.RuneError:
				return fmt.Errorf("%s has a letter that was lost (U+FFFD)", column)
			}
		}
	}
	return nil
}

// Name says for people where the rows come from.
func (k *kept) Name() string { return k.name }

// Modified is when the source was last changed.
func (k *kept) Modified() time.Time { return k.Copy.Modified }

// Digest tells the rows from others.
func (k *kept) Digest() (string, error) { return k.Copy.Digest(), nil }

// Findings are about the source as a whole.
func (k *kept) Findings() diag.List {
	found, _ := k.Note.(findings)
	return slices.Concat(found.list, k.twice)
}

// Close frees a copy that is nobody else's.
func (k *kept) Close() error {
	if !k.own {
		return nil
	}
	return k.Copy.Close()
}

// All streams the rows.
func (k *kept) All() iter.Seq2[rows.Row, error] {
	return func(yield func(rows.Row, error) bool) {
		decoder := json.NewDecoder(bufio.NewReaderSize(k.Reader(), 64<<10))
		decoder.UseNumber()
		for {
			var line keptRow
			err := decoder.Decode(&line)
			if errors.Is(err, io.EOF) {
				return
			}
			row := rows.Row{Number: line.Number}
			switch {
			case err != nil:
			case line.Wrong != "":
				err = &rows.RowError{Number: line.Number, Err: errors.New(line.Wrong)}
			default:
				row.Value = rows.Numbers(line.Value)
			}
			bad := (*rows.RowError)(nil)
			if !yield(row, err) || err != nil && !errors.As(err, &bad) {
				return
			}
		}
	}
}
