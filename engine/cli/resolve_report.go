package cli

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// reportResolution prints what became of each delivery that was in doubt, and ends with exit status 4 when any of
// them still is. resent are those that this command was to send again, and how many attempts each had before: a webhook
// may have settled one first.
func (a *app) reportResolution(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions, resent map[delivery.ID]int) (err error) {
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	r := report.NewResolution(run.ID)
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Job: run.Job, Scope: run.DeliveryScope()}) {
		if err != nil {
			return err
		}
		selected := o.matches(d)
		switch {
		case d.State == delivery.Intended, d.State == delivery.InDoubt && !selected && !o.acts():
		case d.State == delivery.InDoubt:
			r.Add(d, "")
		case resent[d.ID] > 0 && d.Attempts > resent[d.ID]:
			r.Add(d, report.SettledByResend)
		case selected:
			how, err := howSettled(ctx, l, d)
			if err != nil {
				return err
			}
			if how != report.SettledByAnswer || o.narrows() {
				r.Add(d, how)
			}
		}
	}
	if f.format == "json" {
		err = report.WriteJSON(a.out, r)
	} else {
		err = report.WriteResolution(a.out, r, a.paintOut())
	}
	if err := a.printed(err); err != nil {
		return err
	}
	if n := len(r.Remaining); n > 0 {
		fmt.Fprintf(a.err, "%s in doubt still: a status webhook settles each by itself; --mark-sent or --resend decides now\n",
			wording.Number(n))
		return exit(ExitInDoubt)
	}
	if o.acts() || !o.narrows() {
		fmt.Fprintf(a.err, "nothing is in doubt in scope %s of %s\n", report.Clean(run.Scope), report.Clean(run.Job))
	}
	return nil
}

// howSettled says by what a delivery came out of doubt. One that WhatsApp simply answered has its 200 and no message.
func howSettled(ctx context.Context, l engine.Reader, d delivery.Delivery) (string, error) {
	if !d.State.Reached() {
		return report.SettledByAnswer, nil
	}
	if d.MessageID == "" {
		return report.SettledByHand, nil
	}
	answer := d.Answer
	if d.State == delivery.Failed { // its answer is the later failure's
		attempts, err := l.Attempts(ctx, d.ID)
		if err != nil {
			return "", err
		}
		for _, attempt := range attempts {
			if attempt.MessageID == d.MessageID {
				answer = attempt.Answer
			}
		}
	}
	if answer.Status >= 200 && answer.Status < 300 && answer.Message == "" {
		return report.SettledByAnswer, nil
	}
	return report.SettledByWebhook, nil
}

// countByHand counts the deliveries of a run's scope that a person took as sent, and no webhook has confirmed.
func countByHand(ctx context.Context, l engine.Reader, run engine.Run) (int, error) {
	if run.Counts.Succeeded == run.Counts.Delivered {
		return 0, nil
	}
	n := 0
	filter := engine.DeliveryFilter{Job: run.Job, Scope: run.DeliveryScope(), ByHand: true, States: []delivery.State{delivery.Accepted}}
	for _, err := range l.Deliveries(ctx, filter) {
		if err != nil {
			return n, err
		}
		n++
	}
	return min(n, run.Counts.Succeeded-run.Counts.Delivered-run.Counts.Held), nil
}

// countInDoubt counts the messages that a run itself left in doubt.
func countInDoubt(ctx context.Context, l engine.Reader, run engine.Run) (int, error) {
	tally, err := l.Tally(ctx, engine.DeliveryFilter{Run: run.ID, States: []delivery.State{delivery.InDoubt}})
	return tally[delivery.InDoubt], err
}
