package runner

import (
	"context"
	"fmt"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// runsAskedForKeys is how many of the last runs of a job are asked by which keys they knew their rows.
const runsAskedForKeys = 200

// lookForRekeyed notes those of the steps that reached somebody whose last messages were made while the rows had another key, or none: to
// a ledger each of these rows is new now, and everybody would get the message once more.
func (n *newRows) lookForRekeyed(ctx context.Context, sent []*engine.Step) error {
	if len(sent) == 0 {
		return nil
	}
	left := map[*engine.Step]bool{}
	for _, step := range sent {
		left[step] = true
	}
	outlines := map[string][]engine.PartDigest{}
	for run, err := range n.x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: n.x.run.Job, Limit: runsAskedForKeys}) {
		if err != nil {
			return err
		}
		if run.DeliveryScope() != n.x.run.DeliveryScope() {
			continue
		}
		if _, known := outlines[run.Digest]; !known {
			if outlines[run.Digest], err = n.x.engine.Ledger.Outline(ctx, run.Digest); err != nil {
				return err
			}
		}
		if err := n.heldAgainst(ctx, run.ID, outlines[run.Digest], left); err != nil || len(left) == 0 {
			return err
		}
	}
	return nil
}

// heldAgainst takes from the steps those that a run sent, and notes those of them that had another key then.
func (n *newRows) heldAgainst(ctx context.Context, run string, was []engine.PartDigest, left map[*engine.Step]bool) error {
	for step := range left {
		sent := n.sent(step.Path)
		sent.Run = run
		if did, err := n.has(ctx, sent); err != nil {
			return err
		} else if !did {
			continue
		}
		delete(left, step)
		if rekeyed := n.x.rekeyed(was, step.Path); rekeyed != nil {
			n.of[step] = &rowsOfStep{rekeyed: rekeyed}
		}
	}
	return nil
}

// rekeyed is the step around another, or that step itself, whose rows have another key than a run's job said; nil: there is none, or the
// ledger does not know.
func (x *execution) rekeyed(was []engine.PartDigest, path string) *engine.Step {
	if len(was) == 0 {
		return nil
	}
	for at := path; at != ""; at = parent(at) {
		if around := x.req.Job.StepNamed(at); around != nil && x.differs(was, at, "forEach.key") {
			return around
		}
	}
	return nil
}

// reachedUnderAnotherKey is the finding about rows that are new for their key is another.
func reachedUnderAnotherKey(step, rekeyed *engine.Step, reached, total int) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "people-reached-before", Range: rekeyed.Range,
		Summary: fmt.Sprintf("%s of the %s of %s %s who got its message before, while the rows had another key or none", wording.Number(reached),
			wording.Plural(total, "new row"), step.Path, wording.Agree(reached, "goes to a person", "go to people")),
		Detail: "A row is known by its key: under another one every row that was sent counts as new.",
		Hint: "put key back as it was; or say recipients: { once: true }, which leaves out who had the message; or --yes-new-rows when all of " +
			"them are to get it, too",
	}
}
