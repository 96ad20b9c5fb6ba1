package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"waybill/engine/diag"
)

// mostRates bounds a rate card: a few dozen lines.
const mostRates = 4 << 20

// readRates reads the rate card that --rates names; nil: none is named.
func (a *app) readRates(path string) (*diag.Source, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, usageError("--rates: "+err.Error(), "name the CSV that Meta publishes for the currency of your account")
	}
	text, err := io.ReadAll(io.LimitReader(file, mostRates))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, usageError("--rates: "+err.Error(), "name the CSV that Meta publishes for the currency of your account")
	}
	return &diag.Source{Name: filepath.ToSlash(path), Text: text}, nil
}
