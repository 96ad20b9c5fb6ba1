package form

import (
	"strings"
	"time"

	"waybill/engine"
)

// Whose is a condition: a row is of the person who held these ids. columns are those of which one names an id, and at is the one of its
// moment; apart is how far that may be from WhatsApp's clock. put is how an id is stored. Its arguments are named by question marks.
func Whose[V any](held []engine.Held, columns []string, at string, apart time.Duration, put func(id string) V) (sql string, args []V) {
	var some []string
	for _, h := range held {
		for _, column := range columns {
			one := column + ` = ?`
			args = append(args, put(h.ID))
			if !h.From.IsZero() {
				one += ` AND ` + at + ` > ?`
				args = append(args, any(h.From.Add(apart).UnixMilli()).(V)) //nolint:forcetypeassert // V is an interface
			}
			if !h.Until.IsZero() {
				one += ` AND ` + at + ` <= ?`
				args = append(args, any(h.Until.Add(apart).UnixMilli()).(V)) //nolint:forcetypeassert // V is an interface
			}
			some = append(some, one)
		}
	}
	return `(` + strings.Join(some, ` OR `) + `)`, args
}
