package rows

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lines reads a text by its lines, which end with \n, \r\n, or with \r in a file of an old Mac.
type lines struct {
	r      *bufio.Reader
	end    byte  // \n or \r
	number int   // of the line that next gave, from 1
	offset int64 // behind that line, in bytes of r
	open   bool  // that line has no end: the text ends in it
	buf    []byte
	guess  *guess // what decides on the encoding; nil: it is UTF-8 already
}

var (
	errLongLine = errors.New("is longer than 1 MiB")
	errConflict = errors.New("is where Git could not decide between two versions of the file: settle that first")
)

// isConflict tells the lines by which Git marks that.
func isConflict(line []byte) bool {
	return len(line) > 7 && (bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")))
}

// newLines reads r, whose line ends are told by the first one outside of quotes.
func newLines(r *bufio.Reader) *lines {
	l := &lines{r: r, end: '\n'}
	sample, _ := r.Peek(r.Size()) // what is wrong with the reader shows when a line is read
	quoted := false
	for i, b := range sample {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			return l
		case b == '\r':
			if i+1 < len(sample) && sample[i+1] != '\n' {
				l.end = '\r'
			}
			return l
		}
	}
	return l
}

// next returns the next line without its end, valid until the next call. errLongLine: it was passed over; io.EOF: there
// is none; anything else is of the reader.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		piece, err := l.r.ReadSlice(l.end)
		l.offset += int64(len(piece))
		if len(l.buf)+len(piece) > maxRecord+2 {
			long = true
		}
		switch {
		case err == nil:
			l.number++
			if long {
				return nil, errLongLine
			}
			if len(l.buf) > 0 {
				l.buf = append(l.buf, piece...)
				piece = l.buf
			}
			return l.cut(piece)
		case errors.Is(err, bufio.ErrBufferFull), errors.Is(err, io.EOF):
			if !long {
				l.buf = append(l.buf, piece...)
			}
			if !errors.Is(err, io.EOF) {
				continue
			}
			if len(l.buf) == 0 && !long {
				return nil, io.EOF
			}
			l.number, l.open = l.number+1, true
			if long {
				return nil, errLongLine
			}
			return l.cut(l.buf)
		default:
			l.number++
			return nil, err
		}
	}
}

// cut takes the line end off, and makes UTF-8 of what is before it.
func (l *lines) cut(line []byte) ([]byte, error) {
	line = bytes.TrimSuffix(line, []byte{l.end})
	if l.end == '\n' {
		line = bytes.TrimSuffix(line, []byte{'\r'})
	}
	if isConflict(line) {
		return nil, errConflict
	}
	if l.guess != nil {
		return l.guess.read(line, l)
	}
	return line, nil
}
