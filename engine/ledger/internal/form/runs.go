package form

import (
	"iter"

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
