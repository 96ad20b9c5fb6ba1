package rows

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sampleSize is how much of a file is looked at to tell what it is.
const sampleSize = 64 << 10

const mark = "\xEF\xBB\xBF" // of UTF-8

// decode returns a reader of UTF-8 without a byte order mark. name is an encoding; empty: the mark's, else UTF-8, and told says
// which of the two it is. What is not in the encoding stays what it is in UTF-8, and becomes U+FFFD from others; both are for
// the rows to refuse.
func decode(r io.Reader, name string) (text *bufio.Reader, told bool, err error) {
	raw := bufio.NewReaderSize(r, sampleSize)
	sample, err := raw.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read the beginning: %w", err)
	}
	if err := foreign(sample); err != nil {
		return nil, false, err
	}
	if bytes.HasPrefix(sample, []byte(mark)) {
		_, _ = raw.Discard(len(mark)) // it was just seen
		return raw, true, nil         // a mark is there for being believed before anything else
	}
	from, err := encodingOf(sample, name)
	if err != nil {
		return nil, false, err
	}
	if from != nil {
		raw = bufio.NewReaderSize(transform.NewReader(raw, from.NewDecoder()), sampleSize)
		if start, err := raw.Peek(len(mark)); err == nil && string(start) == mark {
			_, _ = raw.Discard(len(mark)) // it was just seen
		}
	}
	return raw, from != nil || strings.TrimSpace(name) != "", nil
}

// encodingOf finds the encoding; nil is UTF-8.
func encodingOf(sample []byte, name string) (encoding.Encoding, error) {
	switch {
	case bytes.HasPrefix(sample, []byte("\xFF\xFE")), bytes.HasPrefix(sample, []byte("\xFE\xFF")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), nil
	case isWide(name):
		return unicode.UTF16(endian(sample, name), unicode.IgnoreBOM), nil
	case strings.TrimSpace(name) != "":
		return named(name)
	case bytes.IndexByte(sample, 0) >= 0 && looksWide(sample):
		return nil, &HeaderError{Message: "this looks like UTF-16 without its mark", Hint: "set encoding: utf-16, or save it as UTF-8"}
	}
	return nil, nil
}
