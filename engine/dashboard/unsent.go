package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// rowKey names a row of a run for comparison.
type rowKey struct {
	step, item string
	row        int
}

// readUnsent reads the rows that became no request, and which of the run's errors belong neither to them nor to a delivery.
func (s *runStats) readUnsent(ctx context.Context, d *dashboard, run engine.Run) error {
	for _, o := range []delivery.Outcome{delivery.OutcomeInvalid, delivery.OutcomeWaiting} {
		for row, err := range d.Ledger.Unsent(ctx, engine.UnsentFilter{Run: run.ID, Outcome: o, Limit: mostFailures}) {
			if err != nil {
				return err
			}
			s.Unsent = append(s.Unsent, row)
		}
	}
	noted := map[rowKey]bool{}
	for _, row := range s.Unsent {
		noted[rowKey{row.Step, row.Item, row.Row}] = true
	}
	var keys []delivery.Key
	for _, e := range run.Errors {
		keys = append(keys, delivery.Key{Job: run.Job, Scope: run.DeliveryScope(), Step: e.Step, Item: e.Item})
	}
	if len(keys) == 0 {
		return nil
	}
	delivered, err := d.Ledger.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	for i, e := range run.Errors {
		_, found := delivered[keys[i].Hash()]
		if !found && !noted[rowKey{e.Step, e.Item, e.Row}] {
			s.Errors = append(s.Errors, e)
		}
	}
	return nil
}

// errorLine is an error of a run that belongs to no delivery.
type errorLine struct {
	fault

	Step, Item string
	Row        int
}

// leftOutLine is why messages of a run were left out, and how many.
type leftOutLine struct {
	Why string
	N   int
}

// leftOut reads why a run left messages out, the most first.
func (d *dashboard) leftOut(ctx context.Context, run engine.Run) ([]leftOutLine, error) {
	if run.Counts.Skipped == 0 || run.Counts.OfSteps() {
		return nil, nil
	}
	reasons, err := d.Ledger.LeftOut(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	var lines []leftOutLine
	for reason, n := range reasons {
		lines = append(lines, leftOutLine{wording.Reason(reason), n})
	}
	slices.SortFunc(lines, func(a, b leftOutLine) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Why, b.Why)) })
	return lines, nil
}

// unsentPage lists the messages of a run that became no request.
type unsentPage struct {
	Run     engine.Run
	RunPath string
	Path    string
	Outcome string // which of them are listed
	Choices []outcomeChoice
	Rows    []engine.Unsent
	Longer  string
}

type outcomeChoice struct {
	Word, URL string
	N         int
	Chosen    bool
}

func (d *dashboard) unsent(r *http.Request, f *frame) (any, error) {
	run, err := d.find(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f.Title = "Rows not sent · " + run.Job
	p := &unsentPage{Run: run, RunPath: runPath(run.ID), Path: runPath(run.ID) + "/unsent", Outcome: r.FormValue("outcome")}
	filter := engine.UnsentFilter{Run: run.ID, Limit: listSize(r) + 1}
	for _, c := range []struct {
		outcome delivery.Outcome
		n       int
	}{
		{delivery.OutcomeInvalid, run.Counts.Invalid},
		{delivery.OutcomeWaiting, run.Counts.Waiting},
		{delivery.OutcomeSkipped, run.Counts.Skipped},
		{delivery.OutcomeNotSent, run.Counts.NotSent},
	} {
		name := c.outcome.Name()
		chosen := p.Outcome == name
		if chosen {
			filter.Outcome = c.outcome
		}
		p.Choices = append(p.Choices, outcomeChoice{Word: c.outcome.String(), URL: address(p.Path, "outcome", name), N: c.n, Chosen: chosen})
	}
	if p.Outcome != "" && filter.Outcome == 0 {
		return nil, addressError("Rows that were not sent are invalid, waiting, skipped or not sent. There is no “" + brief(p.Outcome) + "”.")
	}
	for row, err := range d.Ledger.Unsent(r.Context(), filter) {
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, row)
	}
	if size := filter.Limit - 1; len(p.Rows) > size {
		p.Rows, p.Longer = slices.Clip(p.Rows[:size]), longerList(r, size)
	}
	return p, nil
}
