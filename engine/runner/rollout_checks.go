package runner

import (
	"context"

	"waybill/engine"
	"waybill/engine/diag"
)

// checkReceiver refuses a rollout while nobody hears what becomes of its messages, unless the user wants it so.
func (x *execution) checkReceiver(ctx context.Context, steps []*engine.Step) error {
	if x.req.NoReceiver || x.req.Receives {
		return nil
	}
	for _, s := range steps {
		if !x.selected(s) {
			continue
		}
		if err := x.checkReceiver(ctx, s.Steps); err != nil {
			return err
		}
		if s.ForEach == nil || s.ForEach.Rollout == nil || !x.reaches(s) {
			continue
		}
		alive, err := x.engine.Ledger.Listening(ctx)
		if err != nil || alive.After(x.engine.Now()) {
			return err
		}
		return diag.List{{
			Severity: diag.Error, Code: "no-receiver", Range: s.ForEach.Rollout.Range,
			Summary: "a rollout looks at what becomes of its messages, and no receiver of webhooks is alive on this ledger",
			Detail:  "Without it every wave would look well. Nothing was sent.",
			Hint:    "start waybill serve on this ledger, or say --no-receiver",
		}}.Err()
	}
	return nil
}

// planWaves says which waves a plan's rollouts have, and how far they have come.
func (x *execution) planWaves(ctx context.Context, top *sequence, steps []*engine.Step) ([]engine.PlanRollout, error) {
	var rollouts []engine.PlanRollout
	for _, s := range steps {
		if s.ForEach == nil || s.ForEach.Rollout == nil || !x.reaches(s) || s.ForEach.From.Uses("steps") {
			continue
		}
		p := engine.PlanRollout{Step: s}
		if x.engine.Ledger != nil {
			state, err := x.engine.Ledger.Rollout(ctx, x.deliveryKey(s, ""))
			if err != nil {
				return nil, err
			}
			if state != nil {
				p.Sizes, p.Wave, p.Stopped = state.Sizes, state.Wave, state.Stopped
			}
		}
		if p.Sizes == nil {
			var err error
			if _, p.Sizes, err = x.divide(ctx, top, s); err != nil {
				return nil, err
			}
		}
		rollouts = append(rollouts, p)
	}
	return rollouts, nil
}
