package runner

import (
	"context"
	"slices"

	"waybill/engine"
)

// Placement says which parts of a divided run this process does. Without one it does its share, or its shard.
type Placement interface {
	// Begin is told that this process is one of those that work at a run. An error ends it here; the run's parts are others'.
	Begin(ctx context.Context, run string) error
	// Parts are those that it takes when it has room: all of them that it can have; nil: any, as many as its share.
	Parts() []int
	// Stands is told at least each second how the run stands, and says whether the process stays when it has no part: others may come.
	// An error ends it here.
	Stands(l engine.Lease) (stays bool, err error)
}

// shard is the placement of a process that was told none: it stays until the parts of its shard are done, in case whoever has them dies.
type shard struct{ engine.Shard }

// Begin has nothing to begin.
func (shard) Begin(context.Context, string) error { return nil }

// Stands says whether a part of the shard is not done.
func (s shard) Stands(l engine.Lease) (bool, error) {
	parts := s.Parts()
	return slices.ContainsFunc(l.Open, func(part int) bool { return parts == nil || slices.Contains(parts, part) }), nil
}
