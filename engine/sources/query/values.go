package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ValueError says that one value of a row cannot be told.
type ValueError struct {
	Column string
	Err    error
}

func (e *ValueError) Error() string { return e.Column + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// isBytes says whether a type of a database is bytes, and no value for a message.
func isBytes(kind string) bool {
	switch kind {
	case "BYTEA", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "BIT", "GEOMETRY", "VECTOR":
		return true
	}
	return false
}

// value returns what a database gave for a column of this type: nil, bool, int64, float64, json.Number, string, or a JSON text.
func value(kind string, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case int64:
		if kind == "BOOLEAN" || kind == "BOOL" { // SQLite has no type for it
			return v != 0, nil
		}
		return v, nil
	case float32:
		return value(kind, short(v))
	case float64:
		if kind == "FLOAT4" { // widened by PostgreSQL's driver
			v = short(float32(v))
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("is %v, which is no number for a message", v)
		}
		return v, nil
	case uint64:
		return json.Number(strconv.FormatUint(v, 10)), nil
	case time.Time:
		return moment(kind, v), nil
	case string:
		return text(kind, v)
	case []byte:
		if kind == "" || isBytes(kind) {
			return nil, errors.New("is bytes, and no text: cast it")
		}
		return text(kind, string(v))
	}
	return nil, fmt.Errorf("is a %T", v)
}

// short gives a number that a database keeps in four bytes the digits that the database itself shows: 19.99, and not 19.989999771118164.
func short(v float32) float64 {
	n, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	if err != nil {
		return float64(v)
	}
	return n
}

// moment writes a date or a time.
func moment(kind string, t time.Time) string {
	switch kind {
	case "DATE":
		return t.Format(time.DateOnly)
	case "TIME":
		return t.Format("15:04:05.999999")
	case "TIMESTAMPTZ":
		return t.UTC().Format(time.RFC3339Nano)
	}
	if _, offset := t.Zone(); offset != 0 {
		return t.Format(time.RFC3339Nano)
	}
	return t.Format("2006-01-02T15:04:05.999999999")
}

// text reads what a database gave as text.
func text(kind, v string) (any, error) {
	unsigned := strings.TrimPrefix(kind, "UNSIGNED ")
	switch unsigned {
	case "JSON", "JSONB":
		if !json.Valid([]byte(v)) {
			return nil, errors.New("is not JSON")
		}
		return json.RawMessage(v), nil
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR":
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
		if _, err := strconv.ParseUint(v, 10, 64); err == nil {
			return json.Number(v), nil
		}
	case "FLOAT", "DOUBLE":
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return value(kind, n)
		}
	case "DATETIME":
		return strings.Replace(v, " ", "T", 1), nil
	case "TIMESTAMP":
		if len(v) >= len(time.DateTime) { // in UTC, see Request.open
			return strings.Replace(v, " ", "T", 1) + "Z", nil
		}
	}
	return v, nil
}
