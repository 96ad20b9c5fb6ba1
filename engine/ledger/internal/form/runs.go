package form

import (
	"fmt"
	"iter"
	"strings"

	"waybill/engine"
)

// StoredStatuses are those under which the runs of a status are stored; exactly: no others are. What ended in doubt is stored so for good,
// and is what its counts say by now; see engine.Run.Told. Of no status they are none: it does not narrow.
func StoredStatuses(s engine.RunStatus) (stored []string, exactly bool) {
	switch s {
	case "":
		return nil, true
	case engine.RunRunning, engine.RunInterrupted:
		return []string{string(s)}, true
	case engine.RunSucceeded, engine.RunFailed, engine.RunStopped, engine.RunInDoubt:
	}
	return []string{string(s), string(engine.RunInDoubt)}, false
}

// RunsOf yields those of runs that have the status of a filter by now, as many as it wants.
func RunsOf(runs iter.Seq2[engine.Run, error], f engine.RunFilter) iter.Seq2[engine.Run, error] {
	return func(yield func(engine.Run, error) bool) {
		n := 0
		for r, err := range runs {
			if err == nil && f.Status != "" && r.Status != f.Status {
				continue
			}
			n++
			if !yield(r, err) || err != nil || n == f.Limit {
				return
			}
		}
	}
}

// LastRun is the name of the newest run.
const LastRun = "last"

// MostNamesakes is how many runs whose ids begin alike OneOf wants to see, the exact one first.
const MostNamesakes = 4

// OneOf returns the one run that was meant by a name, of those that were found for it: engine.ErrNotFound, engine.ErrAmbiguous.
func OneOf(found []engine.Run, name string) (engine.Run, error) {
	switch {
	case len(found) == 0 && name == LastRun:
		return engine.Run{}, fmt.Errorf("no run yet: %w", engine.ErrNotFound)
	case len(found) == 0:
		return engine.Run{}, fmt.Errorf("run %q: %w: `waybill runs` lists them", name, engine.ErrNotFound)
	case len(found) == 1 || found[0].ID == name:
		return found[0], nil
	}
	var names []string
	for _, r := range found[:min(MostNamesakes-1, len(found))] {
		names = append(names, r.ID)
	}
	if len(found) == MostNamesakes {
		names = append(names, "…")
	}
	return engine.Run{}, fmt.Errorf("run %q: %w: %s", name, engine.ErrAmbiguous, strings.Join(names, ", "))
}
