package cli

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// resend takes the run up again and lets it send what the user selects of what is in doubt. Each of these stays in doubt
// until its next intent is written, so that a refusal, or a crash, leaves everything as it was.
func (a *app) resend(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions) error {
	if err := a.doubtAbandoned(ctx, f); err != nil {
		return err
	}
	ids, err := a.findSelected(ctx, run, f, o)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		if err := a.askResend(ctx, f, len(ids)); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.err, "%s to be sent again\n", wording.Number(len(ids)))
	if len(ids) == 0 {
		return a.reportResolution(ctx, run, f, o, nil)
	}
	sent := a.sendSelected(ctx, run, f, ids)
	return afterRun(sent, a.reportResolution(context.WithoutCancel(ctx), run, f, o, ids))
}

func (a *app) findSelected(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions) (ids map[delivery.ID]int, err error) {
	l, err := a.readLedger(f.state)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return selected(ctx, l, run, o)
}

// sendSelected goes on with the run. With -o json the document of resolve is the only one, so that the run's own is left
// out: `show RUN -o json` has it.
func (a *app) sendSelected(ctx context.Context, run engine.Run, f *jobFlags, ids map[delivery.ID]int) error {
	part := *f
	if part.format == "json" {
		part.format = ""
	}
	s, req, err := a.resumeRequest(run, &part)
	if err != nil {
		return err
	}
	req.ToResend = func(d delivery.Delivery) bool { _, ok := ids[d.ID]; return ok }
	return s.confirmed(ctx, req)
}

// askResend asks before many people may get a message twice.
func (a *app) askResend(ctx context.Context, f *jobFlags, people int) error {
	if f.yes || f.sandbox || people <= askAbove {
		return nil
	}
	return a.askToSend(ctx, wording.People(people)+" will be messaged, and may get it twice.")
}
