package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// difference is one part of a job that is not what its run began with.
type difference struct {
	part string     // as people read it
	how  string     // "changed", "new" or "gone"
	at   diag.Range // in the file as it is now; of what is gone, the job's
}

// outline is what the job says, as the ledger keeps it.
func (x *execution) outline() []engine.PartDigest {
	var parts []engine.PartDigest
	for _, p := range x.req.Job.Parts {
		parts = append(parts, engine.PartDigest{Step: p.Step, Key: p.Key, Digest: x.engine.Ledger.Digest(p.Content)})
	}
	return parts
}

// takeRepaired goes on with a job that is not the one that the run began with, where that was allowed and nothing of what the run made
// would be lost by it.
func (x *execution) takeRepaired(ctx context.Context, digest string) error {
	was, err := x.engine.Ledger.Outline(ctx, x.run.Digest)
	if err != nil {
		return err
	}
	differences := x.differences(was)
	if !x.req.JobChanged {
		return x.otherJob(differences).Err()
	}
	refused, err := x.mayNotChange(ctx, was)
	if err != nil {
		return err
	}
	if err := refused.Err(); err != nil {
		return err
	}
	var parts []string
	for _, d := range differences {
		parts = append(parts, d.part+" ("+d.how+")")
		x.warn(d.finding(diag.Warning))
	}
	x.run.Repairs = append(slices.Clone(x.run.Repairs), engine.Repair{At: x.began.UTC(), By: x.req.By, From: x.run.Digest, Parts: parts})
	x.run.Digest = digest
	return nil
}

// otherJob are the findings about a job that changed, one for each part.
func (x *execution) otherJob(differences []difference) diag.List {
	list := diag.List{{
		Severity: diag.Error, Code: "job-changed", Range: x.req.Job.Range,
		Summary: fmt.Sprintf("job %s is not what run %s began with", x.req.Job.Name, x.run.ID),
		Detail:  "The job file or its inputs changed since. Going on could send other messages than were begun.",
		Hint:    fmt.Sprintf("put the file back, go on with it as it is by --job-changed, or begin anew with waybill %s", x.run.Mode),
	}}
	for _, d := range differences {
		list = append(list, d.finding(diag.Error))
	}
	return list
}

func (d difference) finding(s diag.Severity) diag.Diagnostic {
	return diag.Diagnostic{Severity: s, Code: "job-changed", Range: d.at, Summary: d.part + " is " + d.how}
}

// differences are the parts of the job that are not what they were. Of a step that is new or gone it is said once.
func (x *execution) differences(was []engine.PartDigest) (list []difference) {
	if len(was) == 0 { // the ledger does not know
		return nil
	}
	type name struct{ step, key string }
	before, steps := map[name]delivery.Digest{}, map[string]bool{}
	for _, p := range was {
		before[name{p.Step, p.Key}] = p.Digest
		steps[p.Step] = true
	}
	after, moved := map[name]bool{}, []difference{}
	told, stepsDiffer := map[string]bool{}, false
	for i, p := range x.outline() {
		at := x.req.Job.Parts[i].Range
		digest, known := before[name{p.Step, p.Key}]
		after[name{p.Step, p.Key}], after[name{p.Step, ""}] = true, true
		switch {
		case p.Key == engine.PartOrder && known && digest != p.Digest:
			moved = append(moved, difference{p.String(), "changed", at})
		case known && digest == p.Digest, p.Key == engine.PartOrder:
		case known:
			list = append(list, difference{p.String(), "changed", at})
		case p.Step != "" && !steps[p.Step]:
			if stepsDiffer = true; !told[p.Step] {
				list = append(list, difference{"step " + p.Step, "new", at})
			}
			told[p.Step] = true
		default:
			list = append(list, difference{p.String(), "new", at})
		}
	}
	for _, p := range was {
		switch {
		case after[name{p.Step, p.Key}], p.Key == engine.PartOrder:
		case p.Step != "" && !after[name{p.Step, ""}]:
			if stepsDiffer = true; !told[p.Step] {
				list = append(list, difference{"step " + p.Step, "gone", x.req.Job.Range})
			}
			told[p.Step] = true
		default:
			list = append(list, difference{p.String(), "gone", x.req.Job.Range})
		}
	}
	if !stepsDiffer {
		list = append(list, moved...)
	}
	return list
}

// mayNotChange refuses what would make of messages of the run others that nobody sent: a step with messages that is gone, another key of
// its rows, other waves of a rollout that began.
func (x *execution) mayNotChange(ctx context.Context, was []engine.PartDigest) (diag.List, error) {
	now := map[string]*engine.Step{}
	for _, path := range x.req.Job.StepPaths() {
		now[path] = x.req.Job.StepNamed(path)
	}
	keys := map[string]engine.PartDigest{}
	for _, p := range was {
		if p.Key == "forEach.key" || p.Key == "forEach.rollout" {
			keys[p.Step+" "+p.Key] = p
		}
	}
	var list diag.List
	seen := map[string]bool{}
	for _, p := range was {
		if p.Step == "" || seen[p.Step] {
			continue
		}
		seen[p.Step] = true
		n, err := x.madeOf(ctx, p.Step)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, x.keepsItsMessages(p.Step, n, now[p.Step], was)...)
		}
		if step := now[p.Step]; step != nil && step.ForEach != nil && x.differs(was, p.Step, "forEach.rollout") {
			state, err := x.engine.Ledger.Rollout(ctx, x.deliveryKey(step, ""))
			if err != nil {
				return nil, err
			}
			if state != nil {
				list = append(list, cannotChange(step.ForEach.Range, "forEach.rollout of step "+p.Step,
					"Its waves were divided and are under way.", "put rollout back; waybill apply --next-wave goes on with it"))
			}
		}
	}
	return list, nil
}

// madeOf counts the messages of the run that a step made.
func (x *execution) madeOf(ctx context.Context, step string) (n int, err error) {
	tally, err := x.engine.Ledger.Tally(ctx, engine.DeliveryFilter{SeenBy: x.run.ID, Job: x.run.Job, Scope: x.run.DeliveryScope(), Step: step})
	for _, m := range tally {
		n += m
	}
	return n, err
}

// keepsItsMessages refuses what takes from the messages of a step what they are known by.
func (x *execution) keepsItsMessages(path string, n int, step *engine.Step, was []engine.PartDigest) (list diag.List) {
	made := fmt.Sprintf("The run made %s of it: under another name everybody would count as new.", wording.Plural(n, "message"))
	if step == nil {
		return diag.List{cannotChange(x.req.Job.Range, "step "+path+" is gone, and", made, "put the step back under its id")}
	}
	if _, sends := step.Sender(); !sends {
		return diag.List{cannotChange(step.Range, "what step "+path+" does", made, "let it send as before, and give what is new a step of its own")}
	}
	if around := x.rekeyed(was, path); around != nil {
		list = append(list, cannotChange(around.Range, "forEach.key of step "+around.Path,
			fmt.Sprintf("The run made %s of its rows: under another key everybody would count as new.", wording.Plural(n, "message")), "put the key back"))
	}
	return list
}

// parent is the path of the step around a step; empty: there is none.
func parent(path string) string {
	at := strings.LastIndexByte(path, '/')
	return path[:max(at, 0)]
}

// differs says whether a part of a step is another than it was, or there where it was not, or the reverse.
func (x *execution) differs(was []engine.PartDigest, step, key string) bool {
	of := func(list []engine.PartDigest) (found delivery.Digest) {
		for _, p := range list {
			if p.Step == step && p.Key == key {
				found = p.Digest
			}
		}
		return found
	}
	return of(was) != of(x.outline())
}

func cannotChange(at diag.Range, what, why, hint string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "job-changed", Range: at, Summary: what + " cannot change while its run is not over", Detail: why + " Nothing was sent.", Hint: hint,
	}
}
