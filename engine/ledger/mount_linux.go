//go:build linux

package ledger

import "syscall"

// networkFileSystem names the kind of file system that dir is on if it is one where SQLite's shared memory or its
// locks cannot be relied on; empty: it can. The numbers are those of statfs(2), linux/magic.h.
func networkFileSystem(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", err
	}
	switch uint32(s.Type) { //nolint:gosec // the type is signed on some architectures, the numbers are not
	case 0x6969:
		return "NFS", nil
	case 0x517B, 0xFF534D42, 0xFE534D42:
		return "an SMB share", nil
	case 0x01021997:
		return "a 9p share", nil
	case 0x65735546:
		return "a FUSE mount", nil
	case 0x5346414F, 0x6B414653:
		return "AFS", nil
	case 0x00C36400:
		return "CephFS", nil
	}
	return "", nil
}
