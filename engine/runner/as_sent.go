package runner

import (
	"context"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

// asSent is what a run found of its rows; see engine.Reader.Unchanged. The zero value: nothing.
type asSent struct {
	digest string // of the messages, each of which is as it was sent; see messagesDigest
	all    bool   // each row had its message, and no later moment makes others of them
}

const everyRow = " all"

// asSentOf reads what the ledger has.
func asSentOf(text string) asSent {
	digest, all := strings.CutSuffix(text, everyRow)
	return asSent{digest, all}
}

// text is what the ledger keeps.
func (u asSent) text() string {
	if u.digest != "" && u.all {
		return u.digest + everyRow
	}
	return u.digest
}

// and is what two processes found together, each of its rows.
func (u asSent) and(o asSent) asSent {
	if u.digest != o.digest {
		return asSent{}
	}
	return asSent{u.digest, u.all && o.all}
}

// unchangedBefore is what the last run of the job in this scope found.
func (x *execution) unchangedBefore(ctx context.Context) (asSent, error) {
	text, err := x.engine.Ledger.Unchanged(ctx, x.run.Job, x.run.DeliveryScope())
	return asSentOf(text), err
}

// foundUnchanged is what the run found; empty: something changed, or it did not meet all rows.
func (x *execution) foundUnchanged(ctx context.Context, top *sequence, end runEnd) string {
	whole := x.only == "" && x.limit == 0 && !x.req.Again.Asked() && x.req.TestTo == "" && top.end != interrupted
	settled := end.status == engine.RunSucceeded || end.status == engine.RunFailed
	switch {
	case !whole || !settled || top.inDoubt:
		return ""
	case x.share != nil:
		return x.share.found.text()
	}
	return x.ownUnchanged(ctx).text()
}

// ownUnchanged is what this process found of the rows that it had so far.
func (x *execution) ownUnchanged(ctx context.Context) asSent {
	x.changes.mu.Lock()
	nothing := x.changes.n > 0 || x.changes.twins || x.changes.read == nil
	x.changes.mu.Unlock()
	if nothing {
		return asSent{}
	}
	return asSent{x.messagesDigest(ctx, x.readBefore), x.sendsEachRow() && x.tally.allSucceeded()}
}

// atMost is how many people the run reaches at the most, where that is known without a look at each row: the last run of the same rows
// left none without its message, and those alone may get one that failed since, or are in doubt.
func (x *execution) atMost(ctx context.Context) (people int, known bool, err error) {
	if x.bound == nil {
		if people, known, err = x.lookAtMost(ctx); err != nil {
			return 0, false, err
		}
		x.bound = &bound{people, known}
	}
	return x.bound.people, x.bound.known, nil
}

// bound is what atMost found, which several checks before the first message ask.
type bound struct {
	people int
	known  bool
}

func (x *execution) lookAtMost(ctx context.Context) (people int, known bool, err error) {
	if !x.sends || x.engine.Ledger == nil || x.req.Mode == engine.ModeRun || x.req.Again.Asked() || x.req.TestTo != "" {
		return 0, false, nil
	}
	before, err := x.unchangedBefore(ctx)
	if err != nil || !before.all || before.digest != x.wholeDigest(ctx) {
		return 0, false, err
	}
	people, err = x.notReached(ctx)
	return people, err == nil, err
}

// notReached counts the people of the rows whom no message reaches as things are. The last run that met all rows keeps that count: what a
// later run of the same rows did for one of them leaves the one in it. Further messages, which a person asked for, are in the ledger alone.
func (x *execution) notReached(ctx context.Context) (int, error) {
	const recent = 16
	for run, err := range x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: x.run.Job, Limit: recent}) {
		switch asked := &run.Asked; {
		case err != nil:
			return 0, err
		case run.DeliveryScope() != x.run.DeliveryScope():
			continue
		case asked.Again.Asked():
			return x.notSucceeded(ctx)
		case asked.Only == "" && asked.Limit == 0 && (run.Status == engine.RunSucceeded || run.Status == engine.RunFailed):
			return run.Counts.Total - run.Counts.Succeeded, nil
		}
	}
	return x.notSucceeded(ctx)
}

// notSucceeded counts the messages of the job in this scope that did not reach anybody, by a look at each.
func (x *execution) notSucceeded(ctx context.Context) (n int, err error) {
	open := engine.DeliveryFilter{Job: x.run.Job, Scope: x.run.DeliveryScope()}
	for _, state := range delivery.States() {
		if !state.Succeeded() {
			open.States = append(open.States, state)
		}
	}
	tally, err := x.engine.Ledger.Tally(ctx, open)
	for _, messages := range tally {
		n += messages
	}
	return n, err
}

// wholeDigest is messagesDigest of the rows as they are before the run begins. They are read for it once.
func (x *execution) wholeDigest(ctx context.Context) string {
	if x.changes.whole == nil {
		digest := x.messagesDigest(ctx, x.readWhole)
		x.changes.whole = &digest
	}
	return *x.changes.whole
}

// sendsEachRow says whether the job does nothing but to send to each of its rows, under a key that is a column: neither the moment nor an
// answer decides which messages there are.
func (x *execution) sendsEachRow() bool {
	if !x.req.Job.Recipients.Country.OnlyUses("inputs", "vars", "job") { // by which keys that are numbers are read
		return false
	}
	for _, s := range x.req.Job.Steps {
		each := s.ForEach
		if each != nil && (each.Where != nil || each.Rollout != nil || engine.Column(each.Key) == "" || !fixed(each)) {
			return false
		}
		steps := s.Steps
		if s.Operation != nil {
			steps = []*engine.Step{s}
		} else if each == nil {
			return false
		}
		for _, inner := range steps {
			if _, sends := inner.Sender(); !sends || s.If != nil || inner.If != nil || inner != s && inner.ForEach != nil {
				return false
			}
		}
	}
	return true
}
