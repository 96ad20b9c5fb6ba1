package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waybill/engine/diag"
)

// Opener opens the files that a job names: relative to the job's folder, and nowhere outside of it but in the folders that the
// user allowed. Its errors name the path as the file gives it.
type Opener interface {
	Open(path string) (fs.File, error)
}

// OutsideError says that a job names a file outside of its folder and of those that were allowed.
type OutsideError struct {
	Path string // as the file gives it
}

func (e *OutsideError) Error() string {
	return fmt.Sprintf("%s is outside of the job's folder", e.Path)
}

// Files returns an Opener for the files that a job may read: those in its folder and below, and those in the folders of allow
// (--allow-path), which are relative to the working directory. Links are followed, and must end inside. Only plain files are
// opened. The error of a path outside is an *OutsideError.
func Files(job *Job, allow []string) Opener {
	f := &rootedOpener{dir: job.Dir, roots: []string{job.Dir}}
	for _, dir := range allow {
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		f.roots = append(f.roots, dir)
	}
	return f
}

// rootedOpener is an Opener that stays within folders.
type rootedOpener struct {
	dir   string
	roots []string
}

// Open opens a file by its path, relative to the job's folder or absolute.
func (f *rootedOpener) Open(path string) (fs.File, error) {
	file, err := f.open(path)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		// The error has the path below a root; the user knows the one in the job file.
		return nil, &fs.PathError{Op: "open", Path: path, Err: failed.Err}
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f *rootedOpener) open(path string) (fs.File, error) {
	if path == "" {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("the name is empty")}
	}
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(f.dir, full)
	}
	target, err := filepath.EvalSymlinks(full)
	if err != nil {
		// Of a file outside it is not told whether it exists.
		if _, inside := f.within(filepath.Clean(full), false); inside == "" {
			return nil, &OutsideError{Path: path}
		}
		return nil, err
	}
	root, inside := f.within(target, true)
	if inside == "" {
		return nil, &OutsideError{Path: path}
	}
	return openIn(root, inside, path)
}

// within returns the root that holds a path, and the path below it; "" when none does. With follow, the path has no links left,
// and the links of the roots are resolved before they are compared.
func (f *rootedOpener) within(full string, follow bool) (root, inside string) {
	for _, root := range f.roots {
		if follow {
			resolved, err := filepath.EvalSymlinks(root)
			if err != nil {
				continue
			}
			root = resolved
		}
		if rel, err := filepath.Rel(root, full); err == nil && filepath.IsLocal(rel) {
			return root, rel
		}
	}
	return "", ""
}

// openIn opens a file below a root. os.Root stays inside even when a link is changed at the same time.
func openIn(dir, inside, path string) (fs.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // files that it opened stay open
	about, err := root.Stat(inside)
	switch {
	case err != nil:
		return nil, err
	case about.IsDir():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is a folder")}
	case !about.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is no plain file")}
	}
	return root.Open(inside)
}

// Unreadable is the finding about a file of the job that cannot be opened. at is where the job names it.
func Unreadable(job *Job, at diag.Range, path string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: "unreadable-file", Range: at}
	var outside *OutsideError
	var failed *fs.PathError
	switch {
	case errors.As(err, &outside):
		d.Code, d.Summary = "path-outside", err.Error()
		d.Detail, d.Hint = "A job reads files beside it and below.", "move it there, or run with --allow-path DIR"
	case errors.Is(err, fs.ErrNotExist):
		d.Summary, d.Detail = fmt.Sprintf("there is no file %q", path), "Names are relative to the folder of the job file: "+job.Dir
		d.Hint = meantFile(job.Dir, path)
	case errors.As(err, &failed):
		d.Summary = fmt.Sprintf("%q cannot be read: %v", path, failed.Err)
	default:
		d.Summary = fmt.Sprintf("%q cannot be read: %v", path, err)
	}
	return d
}

// meantFile is a hint about a file that is not there: a path of Windows in a job, or nearly the name of one that is there; "" when
// it is neither.
func meantFile(dir, path string) string {
	if strings.HasPrefix(path, "https://") || strings.HasPrefix(path, "http://") {
		return "this is an address: rows are read from csv: { url: … } with --allow-url and its host, and media from mediaUrl or link"
	}
	if strings.ContainsAny(path, "\a\b\f\n\r\t\v") {
		return `a backslash in double quotes begins an escape, as \t and \n here: write / or use single quotes`
	}
	if slashes := strings.ReplaceAll(path, `\`, "/"); slashes != path && exists(dir, slashes) {
		return "write folders with /: " + slashes
	}
	near := diag.Suggest(filepath.Base(path), filesOf(inFolder(dir, filepath.Dir(path))))
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", filepath.ToSlash(filepath.Join(filepath.Dir(path), near)))
}

// inFolder is where a path of a job leads whose folder is dir.
func inFolder(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func exists(dir, path string) bool {
	_, err := os.Stat(inFolder(dir, path))
	return err == nil
}

// filesOf lists the names of a folder's files; none where it cannot be read.
func filesOf(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
