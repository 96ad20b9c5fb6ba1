//go:build unix

package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"waybill/engine/ledger"
)

// TestOpenWhileTheEpochRises opens a ledger of which another process begins an epoch just then, and has told the witness by the time that it
// is read: nothing was lost. The witness is a pipe, which gives its reader's turn to the other one.
func TestOpenWhileTheEpochRises(t *testing.T) {
	path, witness := filepath.Join(t.TempDir(), "ledger.db"), filepath.Join(t.TempDir(), "witness")
	other := open(t, path)
	if err := syscall.Mkfifo(witness, 0o600); err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 1)
	go func() { told <- tellWitness(other, path, witness) }()
	o := options()
	o.WitnessFile = witness
	l, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-told, l.Close()); err != nil {
		t.Error(err)
	}
}

// tellWitness waits for the reader of a pipe, begins an epoch, and tells the pipe what the witness beside the ledger says then.
func tellWitness(l *ledger.Ledger, path, pipe string) error {
	to, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = l.KeepEpoch()
	beside, globErr := filepath.Glob(filepath.Join(filepath.Dir(path), "witness-*"))
	err = errors.Join(err, globErr)
	for _, name := range beside {
		text, readErr := os.ReadFile(name)
		_, writeErr := to.Write(text)
		err = errors.Join(err, readErr, writeErr)
	}
	return errors.Join(err, to.Close())
}
