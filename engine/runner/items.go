package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/leftover"
	"waybill/engine/phone"
	"waybill/engine/rows"
)

// Item is one element of a forEach.
type item struct {
	Key   string // what makes it the same item wherever it stands; never empty
	Row   int    // line in its file, or place in its list from 1
	Index int    // from 0, in the order of the source
	Value any
	Names eval.Names         // what its expressions see
	Known engine.KnownNumber // its recipient, where the key is one
	Guess *rows.Guess        // at the encoding of the file, on the first row after it
}

// itemError is a bad row: it fails as an item, and the stream goes on.
type itemError struct {
	Row  int
	Cell string // the column that its key is; empty: another error, or no column
	Err  error
}

func (e *itemError) Error() string { return e.Err.Error() }
func (e *itemError) Unwrap() error { return e.Err }

// itemsOf streams the source of a step's forEach. An *itemError concerns one item; any other error is the last. outer is
// what expressions see outside; prefix is the key of the enclosing item, empty at the top. Items that are not wanted are passed over; of
// one that wanted is asked of, what its expressions see is its own for that moment alone.
func (x *execution) itemsOf(
	ctx context.Context, s *engine.Step, outer eval.Names, prefix string, wanted func(item, error) bool,
) iter.Seq2[item, error] {
	f := s.ForEach
	keyed := keying{x: x, forEach: f, messages: mayBeRecipient(s), prefix: prefix}
	keyed.countryVaries = !x.req.Job.Recipients.Country.OnlyUses("inputs", "vars", "run", "job")
	return func(yield func(item, error) bool) {
		index, names := -1, make(eval.Names, len(outer)+2)
		maps.Copy(names, outer)
		for row, err := range x.rowsOf(ctx, s.Path, f, outer, x.skips(s, prefix, wanted), false) {
			index++
			if row.Skipped {
				continue
			}
			if bad, ok := errors.AsType[*rows.RowError](err); ok {
				err = &itemError{Row: bad.Number, Err: bad.Err}
			}
			item := item{Row: row.Number, Index: index, Value: row.Value, Guess: row.Guess}
			if err == nil {
				names[f.As], names["index"] = item.Value, item.Index
				if keyed.countryVaries {
					x.noteCountry(ctx, names)
				}
				item.Names = names
				item.Key, item.Known, err = keyed.keyOf(ctx, item)
				item.Key = x.redactKey(item.Key)
			}
			if bad, ok := errors.AsType[*itemError](err); ok {
				item.Row = bad.Row
			}
			if !wanted(item, err) {
				continue
			}
			item.Names = maps.Clone(item.Names)
			if !yield(item, err) {
				return
			}
		}
	}
}

// skips are the rows of a step that are told by a cell to be other processes': its key is that column, and stays as it stands there. A key
// of digits does where the row's recipients, which are columns, too, end otherwise: then it is none of them.
func (x *execution) skips(s *engine.Step, prefix string, wanted func(item, error) bool) engine.Skips {
	columnOf := func(path []string) string {
		if len(path) != 2 || path[0] != s.ForEach.As {
			return ""
		}
		return path[1]
	}
	columns, told := []string{columnOf(s.ForEach.Key.Path())}, true
	if x.portionFor(s) == nil || prefix != "" || columns[0] == "" {
		return engine.Skips{}
	}
	for _, m := range mayBeRecipient(s) {
		to := columnOf(m.Params.Field(recipientParameter).Template().Path())
		if told = told && to != "" && to != columns[0]; told {
			columns = append(columns, to)
		}
	}
	return engine.Skips{Columns: columns, Unwanted: func(cells []string) bool {
		key := cells[0]
		alike := func(to string) bool { return endAlike(to, key) }
		if unfitKey(key) != nil || phone.MayBeID(key) && (!told || slices.ContainsFunc(cells[1:], alike)) {
			return false
		}
		return !wanted(item{Key: x.redactKey(key)}, nil)
	}}
}

// keying makes the keys of a forEach's items.
type keying struct {
	x        *execution
	forEach  *engine.ForEach
	messages []*engine.Step // whose recipient a key may be
	prefix   string         // the key of the enclosing item

	countryVaries bool // each item says how numbers without + are read
}

// keyOf returns the item's key: what the file says, else a hash of the item. It never depends on the item's place. A key that is the
// item's recipient is its number, which is returned too.
func (k keying) keyOf(ctx context.Context, item item) (string, engine.KnownNumber, error) {
	key, known, err := k.ownKey(ctx, item)
	if err != nil {
		return "", known, &itemError{Row: item.Row, Cell: engine.Column(k.forEach.Key), Err: err}
	}
	if k.prefix == "" {
		return key, known, nil
	}
	escape := strings.NewReplacer(`\`, `\\`, `/`, `\/`)
	return k.prefix + "/" + escape.Replace(key), known, nil
}

func (k keying) ownKey(ctx context.Context, item item) (key string, known engine.KnownNumber, err error) {
	if k.forEach.Key == nil {
		key, err = hashOf(item.Value)
		return key, known, err
	}
	key, err = k.forEach.Key.Text(ctx, item.Names)
	if err != nil {
		return "", known, fmt.Errorf("key: %w", err)
	}
	for _, read := range k.forEach.Key.Reads() {
		if cell, _ := valueAt(item.Names[read.Path[0]], read.Path[1:]); isRounded(cell) {
			return "", known, fmt.Errorf(roundedKey, cell)
		}
	}
	if err := unfitKey(key); err != nil {
		return "", known, err
	}
	key, known = k.x.compared(ctx, k.forEach, k.messages, item, key)
	return key, known, nil
}

// errEmptyKey is the error of a row without a key.
var errEmptyKey = errors.New("its key is empty: without one it could be sent twice")

const roundedKey = "its key was rounded by a spreadsheet to %s, and another row's may be the same: format the column as text, and enter or export it again"

func isRounded(cell any) bool {
	text, is := cell.(string)
	return is && leftover.Rounded(text)
}

// unfitKey says why a key does not tell its row from others: rows of several people have it.
func unfitKey(key string) error {
	switch {
	case rows.Blank(key):
		return errEmptyKey
	case leftover.Rounded(key):
		return fmt.Errorf(roundedKey, key)
	case leftover.SaysNothing(key):
		return fmt.Errorf("its key is %s, which is no value: rows of several people may have it", key)
	}
	return nil
}

// hashOf makes a key of an item's content. encoding/json writes the keys of maps in order.
func hashOf(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("hash of the item: %w", err)
	}
	sum := sha256.Sum256(text)
	return "#" + hex.EncodeToString(sum[:8]), nil
}
