package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// Execute performs a job, and stays for a while to hear what became of its messages. When ctx ends no new work is begun; what is in
// flight runs to completion and is recorded, and the Summary says how to go on. An error means that nothing was begun, or that the
// ledger failed; a *diag.ListError is about the user's file or words, and nothing was sent.
func (e *Engine) Execute(ctx context.Context, req Request) (*engine.Summary, error) {
	outer := ctx
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	x, err := e.begin(ctx, req, stop)
	if err != nil {
		return nil, err
	}
	defer func() { _ = x.closeSpool() }() // nothing in it is needed any more
	release, err := x.lock(ctx)
	if err != nil {
		return nil, err
	}
	listening, enough := context.WithCancel(outer)
	defer enough()
	x.enough = enough
	top, err := x.perform(ctx)
	defer x.endWatch()
	if top == nil {
		return nil, errors.Join(err, release())
	}
	x.walked.Store(true)
	end := x.conclude(ctx, top)
	x.countLeft(outer, end)
	if err := release(); err != nil {
		x.tally.fail(err)
	}
	if end.status != engine.RunInterrupted {
		if err := x.settle(listening); err != nil && listening.Err() == nil {
			x.tally.fail(err)
		}
	}
	x.endWatch()
	return x.finish(ctx, top, end)
}

// lock makes this process the sender, where the job sends.
func (x *execution) lock(ctx context.Context) (release func() error, err error) {
	if !x.sends {
		return func() error { return nil }, nil
	}
	holder := "waybill " + string(x.req.Mode)
	if x.req.Helps {
		holder = "waybill worker"
	}
	return x.engine.Ledger.Lock(ctx, cmp.Or(x.req.Holder, holder))
}

// perform walks the job. The sequence is nil, with the reason, when nothing was begun.
func (x *execution) perform(ctx context.Context) (top *sequence, err error) {
	for {
		err := x.start(ctx)
		if err == nil {
			break
		}
		if again, failed := x.readAgain(ctx, err); failed != nil || !again {
			return nil, errors.Join(err, failed)
		}
	}
	x.tell(engine.Event{Kind: engine.RunStarted, Run: &x.run})
	top = newSequence(maps.Clone(x.names), "", 0, nil)
	if top.known, err = x.lookupOutside(ctx); err != nil {
		x.fail(err)
	}
	if !x.limitKept {
		x.most = int64(x.req.Job.Limits.Recipients)
	}
	if x.sends {
		x.endWatch = x.startWatch(ctx)
		if err := x.meetOthers(ctx); err != nil {
			x.fail(err)
		}
	}
	w := walker{x, &performer{x}}
	if x.share != nil {
		w.stages(ctx, top)
	} else {
		w.steps(ctx, top, x.req.Job.Steps)
	}
	return top, nil
}

// start makes sure that the run may begin, and begins it.
func (x *execution) start(ctx context.Context) error {
	if err := x.checkOrders(ctx); err != nil {
		return err
	}
	if err := x.guard(ctx); err != nil {
		return err
	}
	if err := x.lookForChanges(ctx); err != nil {
		return err
	}
	if err := x.loadCancelled(ctx); err != nil {
		return err
	}
	return x.enter(ctx)
}

// guard refuses a run that is more than was allowed or other than was reviewed. It holds the lock by then. The rows are read
// once for it, and not at all where nothing asks for it or Request.Counted tells.
func (x *execution) guard(ctx context.Context) error {
	if found := x.checkSources(ctx, x.req.Job.Steps); found != nil {
		return nothingSent(found).Err()
	}
	if err := x.checkReceiver(ctx, x.req.Job.Steps); err != nil {
		return err
	}
	if err := x.checkItems(ctx); err != nil {
		return err
	}
	audience := x.req.Counted
	if x.req.Expect != nil {
		plan, err := x.checkNotStale(ctx)
		if err != nil {
			return err
		}
		audience = &Audience{People: plan.People, Cost: plan.Cost}
	}
	counted, err := x.checkNewRows(ctx)
	if err != nil {
		return err
	}
	if audience == nil {
		audience = counted
	}
	if audience, err = x.guardCost(ctx, audience); err != nil {
		return err
	}
	if audience, err = x.checkLimit(ctx, audience); err != nil {
		return err
	}
	return x.consult(ctx, audience)
}

// checkLimit refuses a batch that is larger than the job allows. It returns whom it counted, where it had to.
func (x *execution) checkLimit(ctx context.Context, audience *Audience) (*Audience, error) {
	most := x.req.Job.Limits.Recipients
	if most == 0 || !x.sends {
		return audience, nil
	}
	if audience == nil {
		if n, known, err := x.atMost(ctx); err != nil || known && n <= most {
			x.limitKept = err == nil && x.reach().BoundsPerson()
			return nil, err
		}
		counted, err := x.engine.count(ctx, x.req, most)
		if err != nil {
			return nil, err
		}
		audience = &counted
	}
	if audience.People <= most {
		// Who gets nothing, since another row of theirs went, is known with the intent alone: what was counted holds.
		x.limitKept = x.reach().BoundsPerson() && !audience.Unknown
		return audience, nil
	}
	return nil, nothingSent(diag.List{tooMany(x.req.Job.Limits, "more than "+wording.People(most))}).Err()
}

// nothingSent says so of the errors.
func nothingSent(found diag.List) diag.List {
	for i := range found {
		if found[i].Severity == diag.Error && !strings.HasSuffix(found[i].Detail, "othing was sent.") {
			found[i].Detail += " Nothing was sent."
		}
	}
	return found
}

// tooMany is the finding about a batch that is larger than the job allows.
func tooMany(l engine.Limits, people string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: "too-many-recipients", Range: l.Range,
		Summary: fmt.Sprintf("%s would be messaged, and the job allows %d", people, l.Recipients),
		Detail:  "limits.recipients is there to stop a batch that is larger than anybody meant.",
		Hint:    "look at the data, or raise limits.recipients",
	}
}
