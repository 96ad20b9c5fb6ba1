package cli

import (
	"os"
	"path/filepath"
)

// absolute returns paths that mean the same from every folder.
func absolute(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		all = append(all, abs)
	}
	return all, nil
}

// shownPath is a path for people: relative to the working directory where it lies below that.
func shownPath(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	short, err := filepath.Rel(here, path)
	if err != nil || !filepath.IsLocal(short) {
		return path
	}
	return short
}

// isFolder says whether a path is a folder that is there.
func isFolder(path string) bool {
	stat, err := os.Stat(path)
	return err == nil && stat.IsDir()
}
