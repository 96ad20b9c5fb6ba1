package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"waybill/steps/template"
)

// jobFilesIn returns the files that are named, and the job files in the folders that are; folders and files that begin with a dot are
// left out. YAML files of a folder without steps are no jobs, and it is told that they are passed over.
func (a *app) jobFilesIn(paths []string) ([]string, error) {
	var files, passed []string
	for _, path := range paths {
		found, others := 0, len(passed)
		err := filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && at == path:
				return missingFile(path)
			case err != nil:
				return fmt.Errorf("look for job files: %w", err)
			case entry.IsDir() && at != path && strings.HasPrefix(entry.Name(), "."):
				return filepath.SkipDir
			case entry.IsDir():
			case at == path || isJobFile(at) && holdsSteps(at):
				found++
				files = append(files, at)
			case isJobFile(at):
				passed = append(passed, at)
			}
			return nil
		})
		switch {
		case err != nil:
			return nil, err
		case found == 0 && len(passed) > others:
			return nil, usageError("there is no job in "+path+": its YAML files have no steps", "")
		case found == 0:
			return nil, usageError("there is no .yaml or .yml file in "+path, "")
		}
	}
	switch {
	case len(passed) == 0 || a.quiet:
	case len(passed) > mostNamed:
		fmt.Fprintf(a.err, "passed over, for want of steps: %d YAML files\n", len(passed))
	default:
		fmt.Fprintf(a.err, "passed over, for want of steps: %s\n", strings.Join(passed, ", "))
	}
	return files, nil
}

// optionalJobFiles is jobFilesIn for commands that also work without any.
func (a *app) optionalJobFiles(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return a.jobFilesIn(paths)
}

// jobFilesHere is jobFilesIn for commands that mean the jobs of this folder where none is named. There may be none.
func (a *app) jobFilesHere(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return jobFilesOf("."), nil
	}
	return a.jobFilesIn(paths)
}

// jobFilesOf lists the names of a folder's job files; none where it cannot be read.
func jobFilesOf(dir string) []string {
	return slices.DeleteFunc(yamlFilesOf(dir), func(name string) bool {
		path := filepath.Join(dir, name)
		return !isJobFile(path) || !holdsSteps(path)
	})
}

// yamlFilesOf lists the names of a folder's YAML files, but for the lock of templates; none where it cannot be read.
func yamlFilesOf(dir string) []string {
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if isYAML(e.Name()) && !e.IsDir() && e.Name() != template.LockName {
			names = append(names, e.Name())
		}
	}
	return names
}

func isYAML(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// isJobFile says whether a file of a folder can be a job by its name.
func isJobFile(path string) bool {
	return isYAML(path) && !strings.HasPrefix(filepath.Base(path), ".") && !isTemplateFile(path)
}

// holdsSteps says whether a YAML file can be a job: what has no steps belongs to another program. A file that cannot be read, or is no
// YAML, can be one: whoever loads it says what is wrong.
func holdsSteps(path string) bool {
	file, err := os.Open(path) //nolint:gosec // it lies in a folder that the user names
	if err != nil {
		return true
	}
	text, err := io.ReadAll(io.LimitReader(file, mostRead))
	if err := errors.Join(err, file.Close()); err != nil || !utf8.Valid(text) {
		return true
	}
	if !bytes.Contains(text, []byte("steps")) {
		return false // most files, without taking them apart
	}
	for documents := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var root yaml.Node
		err := documents.Decode(&root)
		if err != nil {
			return !errors.Is(err, io.EOF)
		}
		for _, top := range root.Content {
			for i := 0; top.Kind == yaml.MappingNode && i+1 < len(top.Content); i += 2 {
				if top.Content[i].Value == "steps" {
					return true
				}
			}
		}
	}
}
