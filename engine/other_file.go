package engine

import (
	"os"
	"path/filepath"
	"strings"
)

// OtherFile says whether the earlier file of a job is another one than this: a job's name belongs to one file. Within one machine that is
// one which is still there. Where several share a ledger, their files lie in other folders: there a file is known by its place in the Git
// work tree, without one by its name.
func OtherFile(earlier, now string, shared bool) bool {
	switch {
	case !shared:
		return standsBeside(earlier, now)
	case isSame(earlier, now):
		return false
	}
	earlier = strings.ReplaceAll(earlier, `\`, "/") // of a machine with Windows, too
	names := strings.Split(strings.Trim(earlier, "/"), "/")
	if root := WorkTree(filepath.Dir(now)); root != "" {
		for i := range names {
			if place := filepath.Join(root, filepath.Join(names[i:]...)); exists(root, place) {
				return !isSame(place, now)
			}
		}
	}
	return names[len(names)-1] != filepath.Base(now)
}

// WorkTree is the root of the Git work tree that a folder is in; empty: it is in none.
func WorkTree(dir string) string {
	for {
		if exists(dir, ".git") {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// standsBeside says that both files are there, and are two.
func standsBeside(earlier, now string) bool {
	return exists(".", earlier) && exists(".", now) && !isSame(earlier, now)
}

// isSame says whether two paths lead to one file that is there.
func isSame(one, two string) bool {
	a, err := os.Stat(one)
	if err != nil {
		return false
	}
	b, err := os.Stat(two)
	return err == nil && os.SameFile(a, b)
}
