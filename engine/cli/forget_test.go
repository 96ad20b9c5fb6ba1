package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// alter changes a ledger behind its back.
func alter(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0])+"?_pragma=busy_timeout(5000)")
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), args[1])
	ts.Check(err)
	ts.Check(db.Close())
}

// findBytes looks for texts in all files of a folder, whatever these are: a ledger, its log, its shared memory.
func findBytes(ts *testscript.TestScript, neg bool, args []string) {
	for _, text := range args[1:] {
		in := ""
		ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil && bytes.Contains(b, []byte(text)) {
				in = path
			}
			return err
		}))
		switch {
		case neg && in != "":
			ts.Fatalf("%s is in %s", text, in)
		case !neg && in == "":
			ts.Fatalf("%s is nowhere in %s", text, args[0])
		}
	}
}
