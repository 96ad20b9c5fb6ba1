package runner

import (
	"context"
	"errors"
	"slices"

	"waybill/engine"
)

// Placement says which parts of a divided run this process does. Without one it does its share, or its shard.
type Placement interface {
	// Begin is told once, when the first stage is in the ledger, that this process is one of those that work at a run. An error ends it
	// here; the run's parts are others'.
	Begin(ctx context.Context, run string) error
	// Parts are those of a stage that it takes when it has room: all of them that it can have; nil: any, as many as its share.
	Parts(s Stage) []int
	// Stands is told at least each second how the stage stands that the process has come to, and says whether it stays where it has no
	// part: others may come. Where it does not stay it leaves the run, which is others' then. An error ends it here.
	Stands(s Stage, l engine.Lease) (stays bool, err error)
}

// Stage is a stage of a divided run as a placement knows it; see engine.Leasing.
type Stage struct {
	Number int
	Alone  bool // it has one part, which one process does for all
	Last   bool // none follows, so that who has no part needs nothing that comes of it
}

// errLeft is why a process goes that its placement does not want to stay.
var errLeft = errors.New("nobody asks this process for a part of the run")

// shard is the placement of a process that was told none: it stays until the parts of its shard are done, in case whoever has them dies,
// and in every stage but the last until all are.
type shard struct{ engine.Shard }

// Begin has nothing to begin.
func (shard) Begin(context.Context, string) error { return nil }

// Parts are those of the shard. What one process does for all, any may do.
func (s shard) Parts(at Stage) []int {
	if at.Alone {
		return nil
	}
	return s.Shard.Parts()
}

// Stands says whether a part is not done, in the last stage one of the shard.
func (s shard) Stands(at Stage, l engine.Lease) (bool, error) {
	parts := s.Parts(at)
	return !at.Last || slices.ContainsFunc(l.Open, func(part int) bool { return parts == nil || slices.Contains(parts, part) }), nil
}
