package schedule

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"waybill/engine"
)

// maxRunsRead is how many occurrences of a job finished looks at, newest first. Beyond them the deliveries' keys alone
// prevent that anything is sent twice.
const maxRunsRead = 1000

// Runs yields the runs of a ledger, newest first: engine.Reader has the method.
type Runs func(ctx context.Context, f engine.RunFilter) iter.Seq2[engine.Run, error]

// last returns the newest occurrence of a job that has a run, or the zero value.
func (r Runs) last(ctx context.Context, job string) (Occurrence, error) {
	for run, err := range r(ctx, engine.RunFilter{Job: job}) {
		if err != nil {
			return Occurrence{}, fmt.Errorf("find the last occurrence of job %s: %w", job, err)
		}
		if o, ok := occurrenceOf(job, run); ok {
			return o, nil
		}
	}
	return Occurrence{}, nil
}

// unfinished returns the occurrences of a job whose run did not come to its end, oldest first.
func (r Runs) unfinished(ctx context.Context, job string) ([]Occurrence, error) {
	var found []Occurrence
	for _, status := range [...]engine.RunStatus{engine.RunRunning, engine.RunInterrupted} {
		for run, err := range r(ctx, engine.RunFilter{Job: job, Status: status}) {
			if err != nil {
				return nil, fmt.Errorf("find the interrupted occurrences of job %s: %w", job, err)
			}
			o, ok := occurrenceOf(job, run)
			if !ok || !run.WaitsUntil.IsZero() || // of which Waiting takes care
				slices.ContainsFunc(found, func(other Occurrence) bool { return other.Scope == o.Scope }) {
				continue
			}
			o.Resume = &run
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b Occurrence) int { return a.At.Compare(b.At) })
	return found, nil
}

// finished says whether an occurrence has a run that came to its end. Where it has only unfinished ones, it returns the
// newest of them.
func (r Runs) finished(ctx context.Context, o Occurrence) (bool, *engine.Run, error) {
	var unfinished *engine.Run
	seen := 0
	for run, err := range r(ctx, engine.RunFilter{Job: o.Job}) {
		if err != nil {
			return false, nil, fmt.Errorf("ask whether %s of job %s ran: %w", o.Scope, o.Job, err)
		}
		if run.Mode != engine.ModeServe {
			continue
		}
		if run.Scope == o.Scope {
			if !isUnfinished(run) {
				return true, nil, nil
			}
			if unfinished == nil {
				unfinished = &run
			}
		}
		if seen++; seen == maxRunsRead {
			break
		}
	}
	return false, unfinished, nil
}

// occurrenceOf returns the occurrence that a run was made for.
func occurrenceOf(job string, run engine.Run) (Occurrence, bool) {
	if run.Mode != engine.ModeServe {
		return Occurrence{}, false
	}
	return parseScope(job, run.Scope)
}

// isUnfinished says whether a run was cut short, and is not one that Waiting takes up.
func isUnfinished(run engine.Run) bool {
	return run.WaitsUntil.IsZero() && (run.Status == engine.RunRunning || run.Status == engine.RunInterrupted)
}
