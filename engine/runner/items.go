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
	"strings"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// Item is one element of a forEach.
type item struct {
	Key   string // what makes it the same item wherever it stands; never empty
	Row   int    // line in its file, or place in its list from 1
	Index int    // from 0, in the order of the source
	Value any
	Names eval.Names // what its expressions see
}

// itemError is a bad row: it fails as an item, and the stream goes on.
type itemError struct {
	Row  int
	Cell string // the column that its key is; empty: another error, or no column
	Err  error
}

func (e *itemError) Error() string { return e.Err.Error() }
func (e *itemError) Unwrap() error { return e.Err }

// itemsOf streams the source of a forEach. An *itemError concerns one item; any other error is the last. outer is
// what expressions see outside; prefix is the key of the enclosing item, empty at the top.
func (x *execution) itemsOf(ctx context.Context, s *engine.Step, outer eval.Names, prefix string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		f, index := s.ForEach, -1
		for row, err := range x.rowsOf(ctx, s.Path, f, outer) {
			index++
			if bad, ok := errors.AsType[*rows.RowError](err); ok {
				err = &itemError{Row: bad.Number, Err: bad.Err}
			}
			item := item{Row: row.Number, Index: index, Value: row.Value}
			if err == nil {
				item.Names = namesIn(f, outer, item)
				item.Key, err = keyOf(ctx, f, item, prefix)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// namesIn returns what an item's expressions see: the outer names, the item under its name, and its index.
func namesIn(f *engine.ForEach, outer eval.Names, item item) eval.Names {
	names := make(eval.Names, len(outer)+2)
	maps.Copy(names, outer)
	names[f.As] = item.Value
	names["index"] = item.Index
	return names
}

// keyOf returns the item's key: what the file says, else a hash of the item. It never depends on the item's place.
func keyOf(ctx context.Context, f *engine.ForEach, item item, prefix string) (string, error) {
	key, err := ownKey(ctx, f, item)
	if err != nil {
		return "", &itemError{Row: item.Row, Cell: columnOf(f.Key), Err: err}
	}
	if prefix == "" {
		return key, nil
	}
	escape := strings.NewReplacer(`\`, `\\`, `/`, `\/`)
	return prefix + "/" + escape.Replace(key), nil
}

func ownKey(ctx context.Context, f *engine.ForEach, item item) (string, error) {
	if f.Key == nil {
		return hashOf(item.Value)
	}
	key, err := f.Key.Text(ctx, item.Names)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	if strings.TrimSpace(key) == "" {
		return "", errors.New("its key is empty: without one it could be sent twice")
	}
	return key, nil
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
