//go:build darwin

package ledger

import (
	"strings"
	"syscall"
)

// networkFileSystem names the kind of file system that dir is on if it is one where SQLite's shared memory or its
// locks cannot be relied on; empty: it can.
func networkFileSystem(dir string) (string, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return "", err
	}
	var name strings.Builder
	for _, c := range s.Fstypename {
		if c == 0 {
			break
		}
		name.WriteByte(byte(c))
	}
	switch kind := name.String(); {
	case kind == "nfs":
		return "NFS", nil
	case kind == "smbfs":
		return "an SMB share", nil
	case kind == "afpfs", kind == "webdav", kind == "ftp":
		return "a network share", nil
	case strings.Contains(kind, "fuse"):
		return "a FUSE mount", nil
	}
	return "", nil
}
