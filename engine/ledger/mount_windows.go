//go:build windows

package ledger

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// networkFileSystem names the kind of network drive that dir is on; empty: none.
func networkFileSystem(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	volume, err := windows.UTF16PtrFromString(filepath.VolumeName(abs) + `\`)
	if err != nil {
		return "", err
	}
	if windows.GetDriveType(volume) == windows.DRIVE_REMOTE {
		return "a network drive", nil
	}
	return "", nil
}
