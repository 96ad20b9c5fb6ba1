package rows

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sampleSize is how much of a file is looked at to tell its encoding.
const sampleSize = 64 << 10

// decode returns a reader of UTF-8 without a byte order mark. name is an encoding; empty: found out, where legacy
// says whether Windows-1252 is among the possible ones. What is not in the encoding stays what it is in UTF-8,
// and becomes U+FFFD from others; both are for the rows to refuse.
func decode(r io.Reader, name string, legacy bool) (*bufio.Reader, error) {
	raw := bufio.NewReaderSize(r, sampleSize)
	sample, err := raw.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning: %w", err)
	}
	if err := foreign(sample); err != nil {
		return nil, err
	}
	from, err := encodingOf(sample, name, legacy)
	if err != nil {
		return nil, err
	}
	if from != nil {
		raw = bufio.NewReaderSize(transform.NewReader(raw, from.NewDecoder()), sampleSize)
	}
	if start, err := raw.Peek(3); err == nil && bytes.Equal(start, []byte("\xEF\xBB\xBF")) {
		_, _ = raw.Discard(3) // it was just seen
	}
	return raw, nil
}

// foreign recognises other kinds of files, which are taken by mistake.
func foreign(sample []byte) error {
	kinds := []struct{ start, message, hint string }{
		{"PK\x03\x04", "this is an Excel workbook (or another zip file), not text", "save it as CSV: File, Save As, CSV UTF-8"},
		{"\xD0\xCF\x11\xE0", "this is an old Excel workbook (.xls), not text", "save it as CSV: File, Save As, CSV UTF-8"},
		{"\x1F\x8B", "this is a compressed file (gzip), not text", "uncompress it first: gunzip FILE"},
		{"%PDF-", "this is a PDF, not text", "export the table as CSV"},
		{"SQLite format 3\x00", "this is a SQLite database, not text", "export the table as CSV"},
		{"PAR1", "this is a Parquet file, not text", "export it as CSV"},
	}
	for _, kind := range kinds {
		if bytes.HasPrefix(sample, []byte(kind.start)) {
			return &HeaderError{Message: kind.message, Hint: kind.hint}
		}
	}
	return nil
}

// encodingOf finds the encoding; nil is UTF-8.
func encodingOf(sample []byte, name string, legacy bool) (encoding.Encoding, error) {
	littleEndian := bytes.HasPrefix(sample, []byte("\xFF\xFE"))
	if littleEndian || bytes.HasPrefix(sample, []byte("\xFE\xFF")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), nil
	}
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name)) {
	case "":
	case "utf8":
		return nil, nil
	case "windows1252", "cp1252", "latin1", "iso88591", "ansi":
		return charmap.Windows1252, nil
	case "utf16", "utf16le", "utf16be":
		return unicode.UTF16(endian(sample, name), unicode.IgnoreBOM), nil
	default:
		return nil, &HeaderError{Message: fmt.Sprintf("unknown encoding %q", name), Hint: "use utf-8, windows-1252 or utf-16"}
	}
	if bytes.IndexByte(sample, 0) >= 0 && looksWide(sample) {
		return nil, &HeaderError{Message: "this looks like UTF-16 without its mark", Hint: "set encoding: utf-16, or save it as UTF-8"}
	}
	if legacy && !looksUTF8(sample) {
		return charmap.Windows1252, nil
	}
	return nil, nil
}

// endian tells the byte order of UTF-16 without a mark: text is mostly ASCII, whose high byte is zero.
func endian(sample []byte, name string) unicode.Endianness {
	zeros := [2]int{}
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if strings.HasSuffix(strings.ToLower(name), "be") || zeros[0] > zeros[1] {
		return unicode.BigEndian
	}
	return unicode.LittleEndian
}

// looksWide says whether about every other byte is zero.
func looksWide(sample []byte) bool {
	return bytes.Count(sample, []byte{0}) > len(sample)/4
}

// looksUTF8 says whether a sample is UTF-8. One that has letters of UTF-8 and a few bytes that are none is a UTF-8
// file with broken rows; one whose high bytes are all none is of another encoding.
func looksUTF8(sample []byte) bool {
	letters, broken := 0, 0
	for len(sample) > 0 {
		r, size := utf8.DecodeRune(sample)
		switch {
		case r == utf8.RuneError && size == 1:
			if !utf8.FullRune(sample) {
				return letters > 0 || broken == 0
			}
			broken++
		case size > 1:
			letters++
		}
		sample = sample[size:]
	}
	return broken == 0 || letters > broken
}
