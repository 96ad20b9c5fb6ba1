package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// where gathers the conditions of a query and their arguments.
type where struct {
	conditions []string
	args       []driver.Value
}

// also adds a condition.
func (w *where) also(condition string, args ...driver.Value) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// equal narrows to a value, unless it is empty.
func (w *where) equal(column, value string) {
	if value != "" {
		w.also(column+" = ?", value)
	}
}

// among wants one of some values; none: any.
func (w *where) among(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]driver.Value, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.also(column+` IN (`+placeholders(len(args))+`)`, args...)
}

func (w *where) sql() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

func (w *where) limit(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d", n)
}

// like returns a pattern that finds part anywhere, taking nothing in it for a wildcard.
func like(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

// errEnough ends a query whose reader has seen enough.
var errEnough = errors.New("enough")

// stream runs one query while its result is ranged over: all rows are of one moment.
func stream[T any](ctx context.Context, p *pool, sql string, scan func([]driver.Value) (T, error),
	args []driver.Value,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := p.query(ctx, sql, func(row []driver.Value) error {
			found, err := scan(row)
			if err == nil && !yield(found, nil) {
				err = errEnough
			}
			return err
		}, args...)
		if err != nil && !errors.Is(err, errEnough) {
			var zero T
			yield(zero, fmt.Errorf("read the ledger: %w", err))
		}
	}
}
