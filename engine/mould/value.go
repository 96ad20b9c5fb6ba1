package mould

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// The kinds of values, in the two lowest bits of what stands before each.
const (
	asText   = 0 // its length is in the bits above, and it follows
	asDigits = 1 // a number follows
	asPhone  = 2 // a number follows, and a plus stands before it
)

// longestNumber is how many digits a number has at most that is kept as one.
const longestNumber = 18

// errBroken means that values do not fit their mould.
var errBroken = errors.New("a text that was kept does not fit its mould")

// appendValue writes one value.
func appendValue(to []byte, text string) []byte {
	kind, digits := uint64(asDigits), text
	if after, plus := strings.CutPrefix(text, "+"); plus {
		kind, digits = asPhone, after
	}
	if n, ok := number(digits); ok {
		return binary.AppendUvarint(binary.AppendUvarint(to, kind), n)
	}
	return append(binary.AppendUvarint(to, uint64(len(text))<<2|asText), text...)
}

// number reads digits that are written again as they are.
func number(digits string) (uint64, bool) {
	if len(digits) == 0 || len(digits) > longestNumber || digits[0] == '0' && len(digits) > 1 {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

// Join puts a body together. Its error says that the two do not belong together.
func Join(mould, values string) (string, error) {
	var out strings.Builder
	rest := []byte(values)
	for {
		common, after, found := strings.Cut(mould, hole)
		out.WriteString(common)
		if !found {
			break
		}
		text, left, ok := takeValue(rest)
		if !ok {
			return "", errBroken
		}
		out.WriteString(text)
		mould, rest = after, left
	}
	if len(rest) > 0 {
		return "", errBroken
	}
	return out.String(), nil
}

// takeValue reads one value.
func takeValue(from []byte) (text string, rest []byte, ok bool) {
	head, n := binary.Uvarint(from)
	if n <= 0 {
		return "", nil, false
	}
	from = from[n:]
	switch head & 3 {
	case asText:
		length := head >> 2
		if length > uint64(len(from)) {
			return "", nil, false
		}
		return string(from[:length]), from[length:], true
	case asDigits, asPhone:
		digits, n := binary.Uvarint(from)
		if n <= 0 {
			return "", nil, false
		}
		text := strconv.FormatUint(digits, 10)
		if head&3 == asPhone {
			text = "+" + text
		}
		return text, from[n:], true
	}
	return "", nil, false
}
