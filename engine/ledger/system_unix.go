//go:build unix

package ledger

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// foreign says whether a file belongs to neither this user nor the system's.
func foreign(found fs.FileInfo) bool {
	s, ok := found.Sys().(*syscall.Stat_t)
	return ok && s.Uid != 0 && int64(s.Uid) != int64(os.Geteuid())
}

// names is how many names a file has.
func names(found fs.FileInfo) uint64 {
	s, ok := found.Sys().(*syscall.Stat_t)
	if !ok {
		return 1
	}
	return uint64(s.Nlink) //nolint:unconvert // types differ between systems
}

// open says whether all users may take files away from a folder and put others in their place.
func open(found fs.FileInfo) bool {
	return found.Mode().Perm()&0o002 != 0 && found.Mode()&fs.ModeSticky == 0
}

func isReadOnlyFileSystem(err error) bool { return errors.Is(err, syscall.EROFS) }

// isDiskFull says whether the system had no room.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// lockFile takes the file for this open handle alone, without waiting. False: someone else has it. The system
// lets go of it when the process ends, however it ends.
func lockFile(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return false, err
		}
	}
}

// freeSpace returns the bytes that this user may still write to the file system of path.
func freeSpace(path string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec,unconvert // types and signs differ between systems
}
