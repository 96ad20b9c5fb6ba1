package ledger

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// packMessage returns a message id as it is stored: the bytes behind its base64 where that loses nothing, else
// its text. nil is no id.
func packMessage(id string) driver.Value {
	if id == "" {
		return nil
	}
	if raw, ok := form.MessageBytes(id); ok {
		return raw
	}
	return id
}

// unpackMessage is the reverse of packMessage.
func unpackMessage(v driver.Value) string {
	switch v := v.(type) {
	case []byte:
		return form.MessageOf(v)
	case string:
		return v
	}
	return ""
}

// hashMessage returns the number under which a message id is indexed. Different ids may share one: a look-up
// compares the id too.
func hashMessage(id string) driver.Value {
	if id == "" {
		return nil
	}
	// The sign is part of the hash: SQLite stores 32 signed bits in 4 bytes.
	return int64(form.MessageHash(id))
}

// packRecipient returns a recipient as it is stored: "+34612345678" as a number, all else as text.
func packRecipient(recipient string) driver.Value {
	digits, ok := strings.CutPrefix(recipient, "+")
	if !ok || digits == "" || digits[0] == '0' || len(digits) > 18 {
		return recipient
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return recipient
	}
	return int64(n)
}

// unpackRecipient is the reverse of packRecipient.
func unpackRecipient(v driver.Value) string {
	switch v := v.(type) {
	case int64:
		return "+" + strconv.FormatInt(v, 10)
	case string:
		return v
	}
	return ""
}

func packDigest(d delivery.Digest) driver.Value { return int64(d) } //nolint:gosec // 64 bits either way

func unpackDigest(v driver.Value) delivery.Digest { return delivery.Digest(asInt(v)) } //nolint:gosec // 64 bits either way

// instant stores a time in milliseconds, the zero time as NULL.
func instant(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// since stores a time as the milliseconds that it is after start, the zero time as NULL.
func since(start, t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli() - start.UnixMilli()
}

// after is the reverse of since.
func after(start time.Time, v driver.Value) time.Time {
	n, ok := v.(int64)
	if !ok {
		return time.Time{}
	}
	return start.Add(time.Duration(n) * time.Millisecond)
}

// asTime is the reverse of instant.
func asTime(v driver.Value) time.Time {
	n, ok := v.(int64)
	if !ok {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// orNull stores a zero value as NULL, which takes no room.
func orNull[T int | string](v T) driver.Value {
	var zero T
	if v == zero {
		return nil
	}
	switch v := any(v).(type) {
	case int:
		return int64(v)
	case string:
		return v
	}
	return nil
}

func orBlob(b []byte) driver.Value {
	if len(b) == 0 {
		return nil
	}
	return b
}

func flag(b bool) driver.Value {
	if b {
		return int64(1)
	}
	return int64(0)
}

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

func asCause(v driver.Value) delivery.Cause { return delivery.Cause(asInt(v)) } //nolint:gosec // we wrote it

func asText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func asBytes(v driver.Value) []byte {
	switch v := v.(type) {
	case string:
		return []byte(v)
	case []byte:
		return v
	}
	return nil
}
