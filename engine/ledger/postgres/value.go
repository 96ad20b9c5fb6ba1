package postgres

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
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
	messageFramed = 3 // how many digits the number has that it went to, these, two a byte, and the 9 bytes: all else of it is known
)

// The bytes of known ids: frameStart, how many digits the number has that the message went to, these, frameMiddle, and then 18 hexadecimal
// digits and a zero, as in other ids that end in a number.
const (
	frameStart   = "\x1c\x18"
	frameMiddle  = "\x15\x02\x00\x11\x18"
	numberDigits = 18
	numberEnd    = 1 + numberDigits + 1 // with the length of the digits before them
	mostDigits   = 15                   // of the number of a person
)

// packMessage returns a message id as it is stored; nil is no id.
func packMessage(id string) []byte {
	if id == "" {
		return nil
	}
	raw, ok := form.MessageBytes(id)
	if !ok {
		return append([]byte{messageText}, id...)
	}
	head, own := cutNumber(raw)
	if own == nil {
		return append([]byte{messageBytes}, raw...)
	}
	if digits, framed := strings.CutSuffix(string(head), frameMiddle); framed {
		if n := numberIn(raw); n != "" && len(digits) == len(frameStart)+1+len(n) {
			return slices.Concat([]byte{messageFramed, byte(len(n))}, packDigits(n), own) //nolint:gosec // mostDigits at most
		}
	}
	return slices.Concat([]byte{messageNumber}, head, own)
}

// cutNumber cuts the bytes of an id before the number that they end in, and returns that number; nil: they end in none.
func cutNumber(raw []byte) (head, own []byte) {
	at := len(raw) - numberEnd
	if at < 1 || raw[at] != numberDigits || raw[len(raw)-1] != 0 {
		return raw, nil
	}
	digits := raw[at+1 : len(raw)-1]
	own, err := hex.AppendDecode(nil, digits)
	if err != nil || !bytes.Equal(bytes.ToUpper(digits), digits) {
		return raw, nil
	}
	return raw[:at], own
}

// numberIn returns the digits of the number that a message went to, from the bytes of its id; empty: they tell none.
func numberIn(raw []byte) string {
	rest, known := strings.CutPrefix(string(raw), frameStart)
	if !known || rest == "" || rest[0] == 0 || rest[0] > mostDigits || len(rest) <= int(rest[0]) {
		return ""
	}
	digits := rest[1 : 1+rest[0]]
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// packDigits packs two digits a byte. Where their number is odd, an f follows.
func packDigits(digits string) []byte {
	if len(digits)%2 == 1 {
		digits += "f"
	}
	packed, _ := hex.DecodeString(digits) // they are digits
	return packed
}

// unpackMessage is the reverse of packMessage.
func unpackMessage(b []byte) string {
	at := len(b) - numberDigits/2
	switch {
	case len(b) == 0:
		return ""
	case b[0] == messageBytes:
		return form.MessageOf(b[1:])
	case b[0] == messageNumber && at > 0:
		return form.MessageOf(withNumber(string(b[1:at]), b[at:]))
	case b[0] == messageFramed && at > 1 && int(b[1]) <= 2*(at-2):
		digits := hex.EncodeToString(b[2:at])[:b[1]]
		return form.MessageOf(withNumber(frameStart+string(b[1:2])+digits+frameMiddle, b[at:]))
	}
	return string(b[1:])
}

// withNumber is the reverse of cutNumber.
func withNumber(head string, own []byte) []byte {
	raw := append([]byte(head), numberDigits)
	raw = append(raw, strings.ToUpper(hex.EncodeToString(own))...)
	return append(raw, 0)
}

// messageSQL is unpackMessage in SQL. encode breaks its lines.
const messageSQL = `CASE get_byte(d.message, 0) WHEN 0 THEN 'wamid.' || translate(encode(substr(d.message, 2), 'base64'), E'\n', '')
	WHEN 1 THEN encode(substr(d.message, 2), 'escape')
	ELSE 'wamid.' || translate(encode(CASE get_byte(d.message, 0) WHEN 2 THEN substr(d.message, 2, octet_length(d.message) - 10)
			ELSE E'\\x1c18'::bytea || substr(d.message, 2, 1) || convert_to(left(encode(substr(d.message, 3), 'hex'), get_byte(d.message, 1)), 'UTF8')
				|| E'\\x1502001118'::bytea END
		|| E'\\x12'::bytea || convert_to(upper(encode(substr(d.message, octet_length(d.message) - 8), 'hex')), 'UTF8') || E'\\x00'::bytea, 'base64'), E'\n', '')
	END`

// hashMessage returns the number under which a message id is indexed; nil is no id.
func hashMessage(id string) *int32 {
	if id == "" {
		return nil
	}
	n := form.MessageHash(id)
	return &n
}

// endOfNumber returns the end of the number that a message went to, as its id tells it and waybill.number_end has it of a recipient; nil: the
// id tells none.
func endOfNumber(id string) *int32 {
	const digits = 8
	raw, ok := form.MessageBytes(id)
	number := numberIn(raw)
	if !ok || len(number) < digits {
		return nil
	}
	n, _ := strconv.ParseInt(number[len(number)-digits:], 10, 32) // they are digits
	end := int32(n)
	return &end
}

func packDigest(d delivery.Digest) int64 { return int64(d) } //nolint:gosec // 64 bits either way

func (m moment) time() time.Time { return time.Time(m) }
