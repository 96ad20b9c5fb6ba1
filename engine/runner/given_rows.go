package runner

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"waybill/engine"
)

// givenRows are the rows of sources that may be others for the next process: a query, an address, standard input. The first process of a
// run reads them and gives them to the others through the ledger, where that is shared. The zero value has none.
type givenRows struct {
	mu   sync.Mutex
	from string                  // the run that they are of; empty: this process reads its sources itself
	rows map[string]*engine.Copy // by step
	took map[string]*engine.Copy // what this process read itself; the spool's
	none bool                    // they turned out to be nobody's any more: no others are looked for
}

// prepare tells a source what there is of it, and takes note of what it reads.
func (g *givenRows) prepare(x *execution, step string, f *engine.ForEach, call *engine.SourceCall) {
	if _, keeps := x.engine.Ledger.(engine.RowKeeper); !keeps || !fixed(f) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if call.Given = g.rows[step]; call.Given != nil {
		return
	}
	call.Took = func(c *engine.Copy) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.took == nil {
			g.took = map[string]*engine.Copy{}
		}
		g.took[step] = c
	}
}

// takeGiven looks whether others read the rows of this run before, and takes theirs then: of the run that is taken up again, or of one of
// the same job that is under way. A run of which only the waiting rows go on reads its sources as they are now, and so does one whose job
// was changed, but for what cannot be read again.
func (x *execution) takeGiven(ctx context.Context) error {
	keeper, keeps := x.engine.Ledger.(engine.RowKeeper)
	if !keeps || !x.sends || x.given.none || !asksOthers(x.req.Job.Steps) {
		return nil
	}
	if r := x.req.Resume; r != nil {
		if x.req.Due {
			return nil
		}
		repaired := len(x.run.Repairs) > len(r.Repairs)
		return x.given.take(ctx, keeper, r.ID, func(s *engine.Step) bool {
			return s != nil && s.ForEach != nil && (!repaired || s.ForEach.Source.Origin(s.ForEach).Once)
		}, x.req.Job)
	}
	if x.req.Mode == engine.ModeRun {
		return nil
	}
	for run, err := range x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: x.run.Job, Status: engine.RunRunning}) {
		if err != nil {
			return err
		}
		if run.DeliveryScope() == x.run.DeliveryScope() {
			return x.given.take(ctx, keeper, run.ID, anyStep, x.req.Job)
		}
	}
	return nil
}

// asksOthers says whether the rows of a step may be others for the next process.
func asksOthers(steps []*engine.Step) bool {
	return slices.ContainsFunc(steps, func(s *engine.Step) bool {
		if s.ForEach != nil && fixed(s.ForEach) && s.ForEach.Source.Origin(s.ForEach).Spooled {
			return true
		}
		return asksOthers(s.Steps)
	})
}

func anyStep(*engine.Step) bool { return true }

// take takes the rows that are kept of a run, of the steps that are wanted.
func (g *givenRows) take(ctx context.Context, keeper engine.RowKeeper, run string, wanted func(*engine.Step) bool, job *engine.Job) error {
	rows, err := keeper.KeptRows(ctx, run)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for step, c := range rows {
		if !wanted(job.StepNamed(step)) {
			delete(rows, step)
			err = errors.Join(err, c.Close())
		}
	}
	if g.rows = rows; len(rows) > 0 {
		g.from = run
	}
	return err
}

// leave frees the rows of others.
func (g *givenRows) leave() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var failed []error
	for _, c := range g.rows {
		failed = append(failed, c.Close())
	}
	g.from, g.rows = "", nil
	return errors.Join(failed...)
}

// keep gives what this process read to the others of a run. What came from them is there already.
func (g *givenRows) keep(ctx context.Context, x *execution) (kept bool, err error) {
	keeper, keeps := x.engine.Ledger.(engine.RowKeeper)
	g.mu.Lock()
	took := maps.Clone(g.took)
	g.mu.Unlock()
	if !keeps {
		return false, nil
	}
	for _, step := range slices.Sorted(maps.Keys(took)) {
		if err := keeper.KeepRows(ctx, x.run.ID, step, took[step]); err != nil {
			return kept, err
		}
		kept = true
	}
	return kept, nil
}

// readAgain says whether a run is to be entered once more, with other rows: those of a run that another process began meanwhile, or its own,
// where nobody works any more at the run that it took them from.
func (x *execution) readAgain(ctx context.Context, refusal error) (bool, error) {
	if other, is := errors.AsType[*engine.OtherRowsError](refusal); is && x.given.from == "" && !x.given.none && asksOthers(x.req.Job.Steps) {
		keeper, _ := x.engine.Ledger.(engine.RowKeeper)
		if err := x.given.take(ctx, keeper, other.Run, anyStep, x.req.Job); err != nil {
			return false, err
		}
		return x.given.from != "", nil
	}
	if errors.Is(refusal, engine.ErrNotFound) && x.joins() && !x.req.Helps {
		x.given.none = true
		return true, x.given.leave()
	}
	return false, nil
}

// joins says whether this process has the rows of a run at which others work, and so begins none.
func (x *execution) joins() bool { return x.given.from != "" && x.req.Resume == nil }
