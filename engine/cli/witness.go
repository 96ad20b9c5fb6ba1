package cli

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"waybill/engine/ledger/postgres"
	"waybill/steps/doctor"
)

// mountsFile lists what is mounted where, on Linux: proc(5), mountinfo.
const mountsFile = "/proc/self/mountinfo"

// witnessOf finds the witness of a ledger in a database.
func (a *app) witnessOf(state string) (w doctor.Witness, err error) {
	l, err := a.readAsIs(state)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if w.File, w.Seen, err = l.(*postgres.Ledger).Witness(); err != nil { //nolint:forcetypeassert // a shared state is one of these
		return w, err
	}
	dir, err := filepath.Abs(filepath.Dir(w.File))
	if err != nil {
		return w, err
	}
	w.Fleeting = a.fleeting(dir)
	return w, nil
}

// fleeting says why a folder may be gone when the next command runs; empty: nothing is known against it. A file that the user names in CI
// lies where it lasts, as far as that can be known.
func (a *app) fleeting(dir string) string {
	mounts, err := os.ReadFile(mountsFile)
	if err != nil {
		mounts = nil // not on Linux: nothing is known
	}
	temporary := filepath.Clean(cmp.Or(a.variable("TMPDIR"), os.TempDir()))
	switch {
	case a.variable("CI") != "" && a.witness == "":
		return "CI is set, and the folders of a CI job mostly go with it"
	case within(dir, temporary):
		return temporary + " is for temporary files"
	}
	return fleetingMount(string(mounts), dir)
}

// fleetingMount says why what is mounted at a folder does not last, by a list as mountsFile is.
func fleetingMount(mounts, dir string) string {
	at, kind := "", ""
	for line := range strings.Lines(mounts) {
		left, right, _ := strings.Cut(line, " - ")
		fields, kinds := strings.Fields(left), strings.Fields(right)
		if len(fields) < 5 || len(kinds) == 0 {
			continue
		}
		point := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\134`, `\`).Replace(fields[4])
		if within(dir, point) && len(point) >= len(at) { // of two at one place, the later one hides the other
			at, kind = point, kinds[0]
		}
	}
	switch kind {
	case "overlay", "aufs":
		return "it is in a container's own file system, which goes with the container"
	case "tmpfs", "ramfs":
		return "it is in memory alone (" + kind + " at " + at + ")"
	}
	return ""
}

// within says whether a folder is another one, or below it. Both are clean and absolute.
func within(dir, other string) bool {
	return dir == other || strings.HasPrefix(dir, strings.TrimSuffix(other, string(filepath.Separator))+string(filepath.Separator))
}
