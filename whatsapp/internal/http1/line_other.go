//go:build !unix

package http1

import "errors"

// tellsItsEnd says whether connections of this system can be read without waiting.
const tellsItsEnd = false

func readAtOnce(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
