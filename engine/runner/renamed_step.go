package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// fewestOfRenamed is from how many rows on a step counts as another one that was renamed.
const fewestOfRenamed = 5

// lookForRenamed adds the steps of which the ledger has no delivery, while it has those of steps that the job has no more, or that send no
// more, as one that became a group: to a ledger, a step with another id is another step, and everybody would get its message once more.
// It returns the steps of which the ledger has deliveries.
func (n *newRows) lookForRenamed(ctx context.Context) (known []*engine.Step, err error) {
	var fresh []*engine.Step
	for _, step := range n.steps() {
		is, err := n.has(ctx, engine.DeliveryFilter{Job: n.x.run.Job, Scope: n.x.run.DeliveryScope(), Step: step.Path})
		switch {
		case err != nil:
			return nil, err
		case is:
			known = append(known, step)
		default:
			fresh = append(fresh, step)
		}
	}
	if len(fresh) == 0 {
		return known, nil
	}
	gone, err := n.gone(ctx)
	if err != nil || len(gone) == 0 {
		return known, err
	}
	for _, step := range fresh {
		n.of[step] = &rowsOfStep{gone: gone}
	}
	return known, nil
}

// gone are the paths of the steps that reached somebody, and that send no more.
func (n *newRows) gone(ctx context.Context) ([]string, error) {
	sending, gone := map[string]bool{}, map[string]bool{}
	for step := range n.x.forEachOf {
		if _, sends := step.Sender(); sends {
			sending[step.Path] = true
		}
	}
	for d, err := range n.x.engine.Ledger.Deliveries(ctx, n.sent("")) { // mostly none: the job is new
		if err != nil {
			return nil, err
		}
		if !sending[d.Key.Step] {
			gone[d.Key.Step] = true
		}
	}
	return slices.Sorted(maps.Keys(gone)), nil
}

// reachedByAnother is the finding about a step that seems to be another one under a new id.
func reachedByAnother(step *engine.Step, gone []string, reached, total int) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "people-reached-before", Range: step.Range,
		Summary: fmt.Sprintf("%s of the %s of %s %s who got the message of %s, which the job does not send any more", wording.Number(reached),
			wording.Plural(total, "new row"), step.Path, wording.Agree(reached, "goes to a person", "go to people"), strings.Join(gone, ", ")),
		Detail: "A step is known by its id, and that of its forEach: with another id it is another step, and everybody counts as new.",
		Hint:   "give the step its id back; or say --yes-new-rows when all of them are to get this message, too",
	}
}
