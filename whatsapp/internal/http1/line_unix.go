//go:build unix

package http1

import (
	"errors"
	"io"
	"syscall"
)

// tellsItsEnd says whether connections of this system can be read without waiting.
const tellsItsEnd = true

func readAtOnce(handle uintptr, into []byte) (int, error) {
	for {
		n, err := syscall.Read(int(handle), into)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0, errNothingYet
		case err != nil:
			return 0, err
		case n == 0 && len(into) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
