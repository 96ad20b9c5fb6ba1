//go:build unix

package witness

import (
	"errors"
	"os"
)

// SyncFolder makes the names in a folder durable.
func SyncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the folder of a witness
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
