package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"waybill/engine"
	"waybill/engine/ledger"
)

// ledgerPaths are the ledgers that the jobs would use: what --state says, else the one beside each.
func ledgerPaths(f *jobFlags, files []string) ([]string, error) {
	if len(files) == 0 {
		files = []string{"here"}
	}
	var paths []string
	for _, file := range files {
		path, err := statePath(f, file)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// checkLedgers looks whether the ledgers that are there can be sent from. It only reads.
func (d *doctor) checkLedgers(ctx context.Context) {
	for _, path := range d.ledgers {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue // the first run makes it
		}
		found := d.checkLedger(ctx, path)
		found.Name, found.About = "ledger", "ledger"
		d.found.add(found)
	}
}

func (d *doctor) checkLedger(ctx context.Context, path string) check {
	l, err := d.app.readLedger(path)
	if err == nil {
		err = errors.Join(l.Check(ctx), l.Close())
	}
	switch {
	case errors.Is(err, engine.ErrNewer):
		return check{Status: checkFailed, Summary: err.Error(), Hint: "install the newer waybill here too"}
	case errors.Is(err, engine.ErrBusy):
		return check{Status: checkSkipped, Summary: err.Error()}
	case err != nil:
		return check{Status: checkFailed, Summary: err.Error(), Hint: "nothing can be sent with it; what it knows keeps people from getting a message twice"}
	}
	who, err := ledger.Holder(path)
	switch {
	case err != nil:
		return check{Status: checkWarning, Summary: err.Error(), Hint: "run and apply need to write there"}
	case who != "":
		return check{Status: checkWarning, Summary: path + " is in use for sending by " + who, Hint: "run and apply wait for nobody: start them when it is done"}
	}
	return check{Status: checkOK, Summary: path + " is whole, and nobody sends from it now"}
}
