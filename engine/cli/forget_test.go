package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"io/fs"
	"os"
	"os/exec"
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

// findBytes looks for texts in all files of a folder, whatever these are: a ledger, its log, its shared memory. Another process reads
// them first: one that opens and closes a file drops the locks that it has on it, and here the receiver of the script may have some.
func findBytes(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(args[0]) + "-read"
	out, err := exec.CommandContext(context.Background(), "cp", "-r", ts.MkAbs(args[0]), dir).CombinedOutput()
	if err != nil {
		ts.Fatalf("%v\n%s", err, out)
	}
	for _, text := range args[1:] {
		in := ""
		ts.Check(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
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
	ts.Check(os.RemoveAll(dir))
}
