package postgres

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// escape stands before two hexadecimal digits of a byte that PostgreSQL takes in no text: the zero character, and what is not UTF-8.
// It is a character of the private use area, and stands for itself by its own bytes.
const escape = "\uE000"

// putText returns a text as it is stored. Each text has one form and each form one text: two keys are never taken for one.
func putText(s string) string {
	if utf8.ValidString(s) && !strings.Contains(s, "\x00") && !strings.Contains(s, escape) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		part := s[i : i+size]
		if r == 0 || r == utf8.RuneError && size == 1 || part == escape {
			for n := range size {
				b.WriteString(escape + hex.EncodeToString([]byte{part[n]}))
			}
		} else {
			b.WriteString(part)
		}
		i += size
	}
	return b.String()
}

// getText is the reverse of putText.
func getText(s string) string {
	if !strings.Contains(s, escape) {
		return s
	}
	parts := strings.Split(s, escape)
	var b strings.Builder
	b.WriteString(parts[0])
	for _, p := range parts[1:] {
		if len(p) < 2 {
			b.WriteString(escape + p)
			continue
		}
		raw, err := hex.DecodeString(p[:2])
		if err != nil {
			b.WriteString(escape + p)
			continue
		}
		b.Write(raw)
		b.WriteString(p[2:])
	}
	return b.String()
}

// text is scanned from a column of texts: NULL is empty.
type text string

// ScanText implements pgtype.TextScanner.
func (t *text) ScanText(v pgtype.Text) error {
	*t = text(getText(v.String))
	return nil
}

// num is scanned from a column of numbers: NULL is zero.
type num int64

// ScanInt64 implements pgtype.Int64Scanner.
func (n *num) ScanInt64(v pgtype.Int8) error {
	*n = num(v.Int64)
	return nil
}

// moment is scanned from a column of instants: NULL is the zero time.
type moment time.Time

// ScanInt64 implements pgtype.Int64Scanner.
func (m *moment) ScanInt64(v pgtype.Int8) error {
	*m = moment{}
	if v.Valid {
		*m = moment(time.UnixMilli(v.Int64).UTC())
	}
	return nil
}

// after is the reverse of since.
func after(start time.Time, v pgtype.Int8) time.Time {
	if !v.Valid {
		return time.Time{}
	}
	return start.Add(time.Duration(v.Int64) * time.Millisecond)
}

// since stores a time as the milliseconds that it is after start, the zero time as NULL.
func since(start, t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMilli() - start.UnixMilli()
	return &n
}

// neverSettled stands where an attempt has ended and its delivery is not settled.
const neverSettled = -1 << 62

// settled stores when a delivery was settled: NULL where that is when its attempt ended, as nearly always.
func settled(a *delivery.Attempt, at time.Time) *int64 {
	switch {
	case at.Equal(a.Ended):
		return nil
	case at.IsZero():
		n := int64(neverSettled)
		return &n
	}
	return since(a.At, at)
}

// unsettled is the reverse of settled.
func unsettled(start time.Time, settled, ended pgtype.Int8) time.Time {
	switch {
	case !settled.Valid:
		return after(start, ended)
	case settled.Int64 == neverSettled:
		return time.Time{}
	}
	return after(start, settled)
}

// instant stores a time in milliseconds, the zero time as NULL.
func instant(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMilli()
	return &n
}

// orNull stores a zero number as NULL.
func orNull[T ~int | ~uint8](v T) *int64 {
	if v == 0 {
		return nil
	}
	n := int64(v)
	return &n
}

// textOrNull stores an empty text as NULL.
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	s = putText(s)
	return &s
}

// bytesOrNull stores no bytes as NULL.
func bytesOrNull(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// How packMessage keeps a message id: by its first byte.
const (
	messageBytes  = 0 // the bytes behind its base64 follow
	messageText   = 1 // its text follows
	messageNumber = 2 // the bytes behind its base64 but for their end follow, and the number of 18 hexadecimal digits in that as 9 bytes
)

// An id that has a number ends in the length of its digits, these, and a zero.
const (
	numberDigits = 18
	numberEnd    = 1 + numberDigits + 1
)

// packMessage returns a message id as it is stored; nil is no id.
func packMessage(id string) []byte {
	if id == "" {
		return nil
	}
	if raw, ok := form.MessageBytes(id); ok {
		if packed := packNumber(raw); packed != nil {
			return packed
		}
		return append([]byte{messageBytes}, raw...)
	}
	return append([]byte{messageText}, id...)
}

// packNumber packs the bytes of an id that ends in a number; nil: it does not.
func packNumber(raw []byte) []byte {
	head := len(raw) - numberEnd
	if head < 1 || raw[head] != numberDigits || raw[len(raw)-1] != 0 {
		return nil
	}
	digits := raw[head+1 : len(raw)-1]
	packed := append([]byte{messageNumber}, raw[:head]...)
	packed, err := hex.AppendDecode(packed, digits)
	if err != nil || !bytes.Equal(bytes.ToUpper(digits), digits) {
		return nil
	}
	return packed
}

// unpackNumber is the reverse of packNumber.
func unpackNumber(b []byte) []byte {
	at := len(b) - numberDigits/2
	raw := append(slices.Clone(b[1:at]), numberDigits)
	raw = append(raw, strings.ToUpper(hex.EncodeToString(b[at:]))...)
	return append(raw, 0)
}

// unpackMessage is the reverse of packMessage.
func unpackMessage(b []byte) string {
	switch {
	case len(b) == 0:
		return ""
	case b[0] == messageBytes:
		return form.MessageOf(b[1:])
	case b[0] == messageNumber && len(b) > numberDigits/2:
		return form.MessageOf(unpackNumber(b))
	}
	return string(b[1:])
}

// messageSQL is unpackMessage in SQL. encode breaks its lines.
const messageSQL = `CASE get_byte(d.message, 0) WHEN 0 THEN 'wamid.' || translate(encode(substr(d.message, 2), 'base64'), E'\n', '')
	WHEN 2 THEN 'wamid.' || translate(encode(substr(d.message, 2, octet_length(d.message) - 10) || '\x12'::bytea
		|| convert_to(upper(encode(substr(d.message, octet_length(d.message) - 8), 'hex')), 'UTF8') || '\x00'::bytea, 'base64'), E'\n', '')
	ELSE encode(substr(d.message, 2), 'escape') END`

// hashMessage returns the number under which a message id is indexed; nil is no id.
func hashMessage(id string) *int32 {
	if id == "" {
		return nil
	}
	n := form.MessageHash(id)
	return &n
}

func packDigest(d delivery.Digest) int64 { return int64(d) } //nolint:gosec // 64 bits either way

// The bits of result_flags. The two of flagResolved are a delivery.Resolution.
const (
	flagLast      = 1
	flagRetryable = 2
	flagAwaited   = 4
	flagResolved  = 8 | 16
	resolvedShift = 3
	flagFurther   = 32 // of a delivery: there are rows of it in double_accept
)

func packFlags(a *delivery.Attempt) int64 {
	n := int64(a.Resolved) << resolvedShift
	if a.Last {
		n |= flagLast
	}
	if a.Retryable {
		n |= flagRetryable
	}
	if a.Awaited {
		n |= flagAwaited
	}
	return n
}

func unpackFlags(n num, a *delivery.Attempt) {
	a.Last, a.Retryable, a.Awaited = n&flagLast != 0, n&flagRetryable != 0, n&flagAwaited != 0
	a.Resolved = delivery.Resolution(n & flagResolved >> resolvedShift)
}

func (m moment) time() time.Time { return time.Time(m) }
