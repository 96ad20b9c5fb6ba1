package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"waybill/engine/runner"
)

// product is a kind of file that a command writes where the user says. It takes the place of one of its own kind, of an
// empty file, and of nothing else: a typing error must not cost a list of customers or a ledger.
type product struct {
	flag string // that names the file: --out
	word string // "saved plan"
	free string // ends of a name that is likely to be free: ".plan"
	is   func(text []byte) bool
}

// savedPlans are what plan --out writes.
func savedPlans() product {
	return product{flag: "--out", word: "saved plan", free: ".plan", is: func(text []byte) bool {
		_, ok, _ := runner.ReadSavedPlan(text) // one of another format is one too
		return ok
	}}
}

// runPages are what report --html writes.
func runPages() product {
	return product{flag: "--html", word: "page of waybill report", free: ".html", is: func(text []byte) bool {
		return bytes.Contains(text[:min(len(text), generatorWithin)], []byte(generator))
	}}
}

const (
	// generator tells a page of waybill's from others; it stands among the first bytes.
	generator       = `<meta name="generator" content="waybill">`
	generatorWithin = 4 << 10
	charset         = `<meta charset="utf-8">` // which every page begins with
)

// signed is a page with the generator's mark.
func signed(page []byte) []byte {
	return bytes.Replace(page, []byte(charset), []byte(charset+"\n"+generator), 1)
}

// mayReplace refuses a path at which something lies that is not of this kind. It changes nothing.
func (p product) mayReplace(path string) error {
	stat, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.folderOf(path)
	case err != nil:
		return usageError(fmt.Sprintf("%s %s: %v", p.flag, path, err), "")
	case stat.IsDir():
		return usageError(fmt.Sprintf("%s %s: a folder lies there", p.flag, path),
			"name a file in it: "+quote(filepath.Join(path, "waybill"+p.free)))
	case stat.Mode()&fs.ModeSymlink != 0:
		return p.taken(path, "a symbolic link lies there")
	case !stat.Mode().IsRegular():
		return p.taken(path, "a device, pipe or socket lies there")
	case stat.Size() == 0:
		return nil
	}
	own, ledger, err := p.read(path)
	switch {
	case err != nil:
		return p.taken(path, fmt.Sprintf("a file lies there that cannot be read (%v)", errors.Unwrap(err)))
	case own:
		return nil
	case ledger:
		return p.taken(path, "a ledger lies there, or another database")
	}
	return p.taken(path, "a file lies there that is no "+p.word)
}

// folderOf refuses a path in a folder that is not there.
func (p product) folderOf(path string) error {
	dir := filepath.Dir(path)
	if stat, err := os.Stat(dir); err != nil || !stat.IsDir() {
		return usageError(fmt.Sprintf("%s %s: there is no folder %s", p.flag, path, dir), "make it: mkdir -p "+quote(dir))
	}
	return nil
}

func (p product) taken(path, what string) error {
	return usageError(fmt.Sprintf("%s %s: %s, and only a %s is overwritten", p.flag, path, what, p.word),
		"name a file that is not there yet, such as "+quote(path+p.free))
}

// read says what a file is.
func (p product) read(path string) (own, ledger bool, err error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return false, false, err
	}
	text, err := io.ReadAll(io.LimitReader(file, mostPlan))
	if err := errors.Join(err, file.Close()); err != nil {
		return false, false, err
	}
	return p.is(text), bytes.HasPrefix(text, []byte("SQLite format 3\x00")), nil
}

// write writes the file whole or not at all, for its owner alone, unless something else came to lie there.
func (p product) write(path string, content []byte) error {
	return p.stream(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// stream is write for what is too long to be held in memory.
func (p product) stream(path string, content func(io.Writer) error) error {
	if err := p.mayReplace(path); err != nil {
		return err
	}
	if err := replaceFile(path, content); err != nil {
		return fmt.Errorf("write the %s: %w", p.word, err)
	}
	return nil
}

// replaceFile writes beside the file first, so that a full disk leaves the old one as it was.
func replaceFile(path string, content func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	err = content(temporary)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
