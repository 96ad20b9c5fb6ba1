package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncOpen writes to the disk what was written to a file: fdatasync, as SQLite's own commits use, see syncData.
func syncOpen(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
