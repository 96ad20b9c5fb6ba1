package sources

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/rows"
)

// items is a list in the job file, or an expression that gives one.
type items struct{}

func (*items) Key() string                          { return "items" }
func (*items) Options() []string                    { return nil }
func (*items) Origin(*engine.ForEach) engine.Origin { return engine.Origin{} }

// Check finds the type of an element.
func (*items) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	t := c.From.Type()
	switch {
	case t.IsAny():
		return engine.Shape{Item: t}, nil
	case t.IsList():
		return engine.Shape{Item: t.Elem()}, nil
	}
	hint := ""
	if value, _ := c.From.Constant(); value != nil {
		text := strings.ToLower(fmt.Sprint(value))
		for _, ending := range []string{"csv", "jsonl", "xlsx"} {
			if strings.HasSuffix(text, "."+ending) {
				hint = fmt.Sprintf("write %s: %v", ending, value)
			}
		}
	}
	return engine.Shape{}, fault("type-mismatch", c.FromRange, fmt.Sprintf("items must be a list, and this is of type %s", t), "", hint)
}

func (*items) Open(_ context.Context, c *engine.SourceCall) (engine.Rows, error) {
	list, ok := c.Value.([]any)
	if !ok {
		return nil, &eval.RenderError{Range: c.ForEach.From.Range(), Path: "items", Err: fmt.Errorf("is a %T, not a list", c.Value)}
	}
	return listed(list), nil
}

// listed are the elements of a list; one without any value does not exist.
type listed []any

func (listed) Name() string        { return "" }
func (listed) Modified() time.Time { return time.Time{} }
func (listed) Findings() diag.List { return nil }
func (listed) Close() error        { return nil }

func (l listed) All() iter.Seq2[rows.Row, error] {
	return func(yield func(rows.Row, error) bool) {
		for i, element := range l {
			if rows.IsEmpty(element) {
				continue
			}
			if !yield(rows.Row{Number: i + 1, Value: element}, nil) {
				return
			}
		}
	}
}

func (l listed) Digest() (string, error) {
	text, err := json.Marshal([]any(l))
	if err != nil {
		return "", fmt.Errorf("digest of the items: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
