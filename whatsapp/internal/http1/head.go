package http1

import (
	"bytes"
	"strings"
)

// Head is the head of an answer as it came. It is read where somebody asks.
type Head []byte

// Get returns the first value of a header.
func (h Head) Get(name string) string {
	_, lines, _ := bytes.Cut(h, []byte("\r\n"))
	for line := range bytes.SplitSeq(lines, []byte("\r\n")) {
		if key, value, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(key), name) {
			return string(bytes.Trim(value, " \t"))
		}
	}
	return ""
}

// ordinary reads a head, up to the empty line at its end, that says plainly how long the body is and that the connection stays. Any other is not ok:
// it may be right all the same.
func ordinary(head []byte) (status int, length int64, ok bool) {
	line, rest, _ := bytes.Cut(head, []byte("\r\n"))
	if status, ok = statusOf(line); !ok {
		return 0, 0, false
	}
	length = -1
	for len(rest) > 0 {
		line, rest, ok = bytes.Cut(rest, []byte("\r\n"))
		name, value, colon := bytes.Cut(line, []byte(":"))
		if !ok || !colon || !isName(name) || !isValue(value) {
			return 0, 0, false
		}
		switch value = bytes.Trim(value, " \t"); {
		case equalFold(name, "content-length"):
			if length >= 0 {
				return 0, 0, false
			}
			if length, ok = digits(value); !ok {
				return 0, 0, false
			}
		case equalFold(name, "connection") && !equalFold(value, "keep-alive"),
			equalFold(name, "transfer-encoding"), equalFold(name, "trailer"):
			return 0, 0, false
		}
	}
	return status, length, length >= 0
}

// statusOf reads a status line of HTTP/1.1, with a status that has a body.
func statusOf(line []byte) (int, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 4 || rest[3] != ' ' || bytes.IndexByte(rest, '\n') >= 0 {
		return 0, false
	}
	status, ok := digits(rest[:3])
	return int(status), ok && status >= 200 && status != 204 && status != 304
}

// digits reads a number of at most nine digits.
func digits(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > 9 {
		return 0, false
	}
	var n int64
	for _, b := range text {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = 10*n + int64(b-'0')
	}
	return n, true
}

// isName says whether a text is a header's name made of letters, digits, - and _, as all but curious ones are.
func isName(text []byte) bool {
	for _, b := range text {
		if lower := b | 0x20; (lower < 'a' || lower > 'z') && (b < '0' || b > '9') && b != '-' && b != '_' {
			return false
		}
	}
	return len(text) > 0
}

// isValue says whether a text can be a header's value: of visible ASCII, as all but curious ones are.
func isValue(text []byte) bool {
	for _, b := range text {
		if (b < ' ' || b > '~') && b != '\t' {
			return false
		}
	}
	return true
}

func equalFold(text []byte, lower string) bool {
	return len(text) == len(lower) && strings.EqualFold(string(text), lower)
}
