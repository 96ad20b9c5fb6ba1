package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// OutsideError says that a job reached for a file outside of its folder and of those that were allowed.
type OutsideError struct {
	Path string // as the file gives it
}

func (e *OutsideError) Error() string {
	return fmt.Sprintf("%s is outside of the job's folder", e.Path)
}

// Files gives the files that a job may read: those in its folder and below, and those in the folders of allow (--allow-path),
// which are relative to the working directory. Links are followed, and judged by where they end. Only plain
// files are opened. The error of a path outside is an *OutsideError.
func Files(job *Job, allow []string) Opener {
	f := &fence{dir: job.Dir, roots: []string{job.Dir}}
	for _, dir := range allow {
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		f.roots = append(f.roots, dir)
	}
	return f
}

// fence is an Opener that stays within folders.
type fence struct {
	dir   string
	roots []string
}

// Open opens a file by its path, relative to the job's folder or absolute.
func (f *fence) Open(path string) (fs.File, error) {
	file, err := f.open(path)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		// Below it is named relative to some root; the user knows it as the job file has it.
		return nil, &fs.PathError{Op: "open", Path: path, Err: failed.Err}
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f *fence) open(path string) (fs.File, error) {
	if path == "" {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("the name is empty")}
	}
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(f.dir, full)
	}
	target, err := filepath.EvalSymlinks(full)
	if err != nil {
		// Whether a file outside exists is not told.
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

// within finds the root that holds a path and the path below it; "" when none does. follow: the path has no links left, and
// the roots are to be compared without theirs.
func (f *fence) within(full string, follow bool) (root, inside string) {
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

// openIn opens a file below a root, which os.Root does not leave even when somebody swaps a link meanwhile.
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
