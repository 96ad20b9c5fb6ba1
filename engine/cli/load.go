package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/source"
)

// mostRead is a byte more than a job file may have: enough for the loader to say so.
const mostRead = source.MaxFile + 1

// readSource reads one job file, and hides the tokens that stand in it.
func (a *app) readSource(path string) (*diag.Source, error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missingFile(path)
	case errors.Is(err, fs.ErrPermission):
		return nil, usageError(path+" cannot be read: this user may not", "give the right to: chmod u+r "+quote(path))
	case err != nil:
		return nil, usageError(err.Error(), "")
	}
	defer file.Close() //nolint:errcheck // it was only read
	if stat, err := file.Stat(); err == nil && stat.IsDir() {
		return nil, folderAsJob(path)
	}
	text, err := io.ReadAll(io.LimitReader(file, mostRead))
	if err != nil {
		return nil, usageError(err.Error(), "")
	}
	source := &diag.Source{Name: filepath.ToSlash(path), Text: text}
	a.masked.add(source)
	return source, nil
}

// folderAsJob names the job files of a folder that stands in the place of one.
func folderAsJob(path string) error {
	names := jobFilesOf(path)
	for i, name := range names {
		names[i] = quote(filepath.Join(path, name))
	}
	hint := "name the job file in it; waybill plan and validate take folders"
	switch {
	case len(names) == 0:
		hint = "there is no job file in it: a .yaml or .yml file with steps"
	case len(names) <= mostNamed:
		hint = "name one of its job files: " + strings.Join(names, ", ")
	}
	return usageError(path+" is a folder", hint)
}

// missingFile names a job file beside the one that is not there.
func missingFile(path string) error {
	hint, names := "", jobFilesOf(filepath.Dir(path))
	if near := diag.Suggest(filepath.Base(path), names); near != "" {
		hint = fmt.Sprintf("did you mean %s?", filepath.Join(filepath.Dir(path), near))
	} else if len(names) > 0 && len(names) <= mostNamed {
		hint = "job files there: " + strings.Join(names, ", ")
	}
	return usageError("there is no file "+path, hint)
}

// mostNamed is how many job files a hint lists.
const mostNamed = 10

// loadFile reads a job file and returns its jobs, or all that is wrong with it. Warnings are printed.
func (a *app) loadFile(path string, loader *jobfile.Loader) ([]*engine.Job, error) {
	source, err := a.readSource(path)
	if err != nil {
		return nil, err
	}
	jobs, findings := loader.Load(source, path)
	if err := findings.Err(); err != nil {
		return nil, err
	}
	a.findings(findings)
	return jobs, nil
}

// pick returns the jobs that --job leaves.
func pick(jobs []*engine.Job, name string) ([]*engine.Job, error) {
	if name == "" {
		return jobs, nil
	}
	var names []string
	for _, j := range jobs {
		if j.Name == name {
			return []*engine.Job{j}, nil
		}
		names = append(names, j.Name)
	}
	hint := "it holds " + strings.Join(names, ", ")
	if near := diag.Suggest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean --job %s?", near)
	}
	return nil, usageError(fmt.Sprintf("the file has no job %q", name), hint)
}
