//go:build !linux

package ledger

import "os"

// syncOpen writes to the disk what was written to a file.
func syncOpen(f *os.File) error { return f.Sync() }
