package source

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"waybill/engine/diag"
)

// checkText checks the size and the encoding of a file; false when it cannot be read.
func (f *Findings) checkText(src *diag.Source) bool {
	text := src.Text
	if len(text) > MaxFile {
		f.Fault("file-too-big", diag.Range{Source: src, Start: diag.Pos{Line: 1, Column: 1}, End: diag.Pos{Line: 1, Column: 1}},
			fmt.Sprintf("the file has more than %d MiB, which is the most for a job file", MaxFile>>20),
			"A job file says what to do. The list of people belongs into a CSV or JSON lines file, which may have any size.",
			"forEach: { csv: people.csv }")
		return false
	}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) || looksUTF16(text) {
		f.Fault("bad-encoding", src.Range(0, 0), "the file is UTF-16, not UTF-8", "", "save it as UTF-8")
		return false
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			f.Fault("bad-encoding", src.Range(i, i+1),
				fmt.Sprintf("byte 0x%02X is not UTF-8", text[i]),
				"The file was probably saved as Windows-1252 or Latin-1.", "save it as UTF-8")
			return false
		case i > 0 && unprintable(r):
			f.Fault("bad-encoding", src.Range(i, i+size),
				fmt.Sprintf("control character U+%04X in the file", r), "Job files are text.",
				fmt.Sprintf(`take it out; in text with double quotes write it as "\u%04X"`, r))
			return false
		}
		i += size
	}
	return true
}

// looksUTF16 recognizes UTF-16 without a byte order mark: every other byte at the beginning is zero.
func looksUTF16(text []byte) bool {
	return len(text) >= 4 && (text[0] == 0) != (text[1] == 0) && text[0] == 0 == (text[2] == 0) && text[1] == 0 == (text[3] == 0)
}

// unprintable says whether a character may not stand in YAML.
func unprintable(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == 0x85:
		return false
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	}
	return r == 0xfeff || r == 0xfffe || r == 0xffff
}
