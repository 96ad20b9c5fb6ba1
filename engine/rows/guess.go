package rows

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Guess says that a file without a mark and without a word on its encoding was read as Windows-1252, for no line of it is UTF-8
// beyond ASCII. It may be another encoding: a person sees that in the first word so read.
type Guess struct {
	File string // whoever opened it says which
	Word string
	Line int // where the word stands, from 1
}

// guess decides on the encoding of a file that says nothing of it. Up to the first line beyond ASCII there is nothing to decide. That
// line is UTF-8, and so is the file; or it is not, and then the lines behind it are looked at: one that is UTF-8 makes the file UTF-8,
// in which that first line is broken. Most files are read once.
type guess struct {
	from    io.Reader // what is read; looked at further where it is an io.ReaderAt and an io.Seeker, as a file is
	start   int64     // where in from the reading began; -1: that cannot be told
	decided bool
	made    *Guess // nil: it is UTF-8
	buf     []byte
}

func newGuess(from io.Reader) *guess {
	g := &guess{from: from, start: -1}
	if seeker, ok := from.(io.Seeker); ok {
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			g.start = at
		}
	}
	return g
}

// read returns a line as UTF-8. l is what gave it, and stands behind it.
func (g *guess) read(line []byte, l *lines) ([]byte, error) {
	if g.decided && g.made == nil || isASCII(line) {
		return line, nil
	}
	valid := utf8.Valid(line)
	if !g.decided {
		other := valid
		if !valid {
			var err error
			if other, err = g.utf8Behind(l); err != nil {
				return nil, fmt.Errorf("look for its encoding: %w", err)
			}
		}
		g.decided = true
		if other {
			return line, nil
		}
		g.made = &Guess{Line: l.number}
		line = g.decode(line)
		g.made.Word = firstWord(line)
		return line, nil
	}
	if valid {
		return nil, fmt.Errorf("is UTF-8, and line %d is not: set the file's encoding, or save it as UTF-8", g.made.Line)
	}
	return g.decode(line), nil
}

// utf8Behind says whether a line behind l's place is UTF-8 beyond ASCII: in the whole file, and where that cannot be read apart, as far
// as it is read already.
func (g *guess) utf8Behind(l *lines) (bool, error) {
	var rest io.Reader
	if at, ok := g.from.(io.ReaderAt); ok && g.start >= 0 {
		from := g.start + l.offset
		rest = io.NewSectionReader(at, from, 1<<62-from)
	} else {
		buffered, _ := l.r.Peek(l.r.Buffered()) // it is there
		rest = strings.NewReader(string(buffered))
	}
	behind := &lines{r: bufio.NewReaderSize(rest, sampleSize), end: l.end}
	for {
		line, err := behind.next()
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.Is(err, errLongLine):
		case err != nil:
			return false, err
		case !isASCII(line) && utf8.Valid(line):
			return true, nil
		}
	}
}

// decode makes UTF-8 of a line in Windows-1252; U+FFFD of a byte that means nothing there.
func (g *guess) decode(line []byte) []byte {
	g.buf = g.buf[:0]
	for _, b := range line {
		g.buf = utf8.AppendRune(g.buf, charmap.Windows1252.DecodeByte(b))
	}
	return g.buf
}

// firstWord returns the first word with a letter beyond ASCII.
func firstWord(line []byte) string {
	const most = 40
	for _, word := range strings.FieldsFunc(string(line), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;|"`, r) }) {
		if isASCII([]byte(word)) {
			continue
		}
		if letters := []rune(word); len(letters) > most {
			return string(letters[:most]) + "…"
		}
		return word
	}
	return strings.TrimSpace(string(line[:min(len(line), most)]))
}

// isASCII looks at eight bytes at once: it is asked of every line.
func isASCII(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
