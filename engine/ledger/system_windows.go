//go:build windows

package ledger

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// foreign is left to the access list of the folder, which Windows inherits from the user's profile.
func foreign(fs.FileInfo) bool { return false }

// names is not told by what is asked here.
func names(fs.FileInfo) uint64 { return 1 }

// open is left to it too.
func open(fs.FileInfo) bool { return false }

func isReadOnlyFileSystem(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

// isDiskFull says whether the system had no room.
func isDiskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// lockFile takes the file for this open handle alone, without waiting. False: someone else has it. The lock lies
// far behind the text, which others may so still read.
func lockFile(f *os.File) (bool, error) {
	at := &windows.Overlapped{Offset: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

// freeSpace returns the bytes that this user may still write to the volume of path.
func freeSpace(path string) (int64, error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(p, &free, nil, nil)
	return int64(free), err //nolint:gosec // no volume has 2^63 bytes
}
