//go:build unix

package witness

import (
	"errors"
	"os"
)

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the folder of a witness
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
