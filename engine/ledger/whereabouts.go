package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// errGone says that the name of the ledger does not lead to the file that is written.
var errGone = errors.New("the ledger's file is not where it was")

// whereabouts are the file of a ledger, and the name by which others find it.
type whereabouts struct {
	path string
	file fs.FileInfo // as it was when it was opened
}

// whereaboutsOf looks at the file that was opened just now.
func whereaboutsOf(path string) (whereabouts, error) {
	found, err := os.Stat(path)
	if err != nil {
		return whereabouts{}, fmt.Errorf("ledger: %w", err)
	}
	return whereabouts{path, found}, nil
}

// kept says why nothing may be sent: the file was removed, moved or replaced, and the next command would not find who was messaged. What is
// written goes to the file nevertheless: it may have been moved.
func (p *whereabouts) kept() error {
	now, err := os.Stat(p.path)
	switch {
	case err == nil && os.SameFile(now, p.file):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil // a system that cannot tell has no say
	}
	return fmt.Errorf("%w: %s was removed, moved or replaced while messages were sent. Nothing more is sent. Put it and the files beside it back "+
		"where they were; where they are gone, whom this run messaged is known to nobody, and with a new ledger they would be messaged again",
		errGone, p.path)
}

// ofOneName refuses a file with several names: SQLite keeps a log beside each name, and two that write damage it.
func ofOneName(path string, found fs.FileInfo) error {
	if n := names(found); n > 1 {
		return fmt.Errorf("%w: %s has %d names (hard links), and who writes by one damages what is written by another: give it a file of its own, "+
			"while nobody uses it: cp %[2]s %[2]s.own && mv %[2]s.own %[2]s", errUnsafePlace, path, n)
	}
	return nil
}
