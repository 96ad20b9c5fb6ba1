package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/runner"
)

func (a *app) planCommand() *cobra.Command {
	f := &jobFlags{}
	o := planOptions{}
	c := &cobra.Command{
		Use:   "plan JOB",
		Short: "Show what apply would send, without sending",
		Long: `Shows what apply would do: new, already sent, to retry, in doubt, with samples of the exact messages. It uses no network
and makes no ledger; with --out it does make one, for a saved plan is bound to the ledger it was made with.`,
		Example: `  waybill plan reminders.yaml
  waybill plan reminders.yaml -o markdown > comment.md
  waybill plan reminders.yaml --out reminders.plan`,
		Args: exactly("JOB"),
	}
	f.bind(c)
	c.Flags().StringVar(&o.scope, "scope", "", "once for this `NAME`, instead of once for ever")
	f.bindRetryFailed(c)
	c.Flags().StringVar(&o.out, "out", "", "save the plan to `FILE`, for apply FILE")
	c.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit 2 when there is something to do")
	bindFormat(c, &f.format, "text", "json", "markdown")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error { return a.plan(c.Context(), args[0], f, o) }
	return c
}

type planOptions struct {
	scope, out string
	detailed   bool
}

func (a *app) plan(ctx context.Context, file string, f *jobFlags, o planOptions) (err error) {
	s, err := a.openJob(file, f)
	if err != nil {
		return err
	}
	requests, err := s.requests(engine.ModeApply, scopeOf(o.scope))
	if err != nil {
		return err
	}
	if o.out != "" && len(requests) != 1 {
		return usageError("--out saves the plan of one job, and the file holds several", "choose one with --job NAME")
	}
	if o.out != "" {
		if err := savedPlans().mayReplace(o.out); err != nil {
			return err
		}
	}
	done, err := s.openForPlan(o.out != "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	plans, saved, err := s.plans(ctx, requests, o.out != "")
	if err != nil {
		return err
	}
	if err := a.printed(s.printPlans(plans)); err != nil {
		return err
	}
	if saved != nil {
		if err := s.savePlan(o.out, saved, plans[0]); err != nil {
			return err
		}
	}
	for _, p := range plans {
		if o.detailed && p.Messages() > 0 {
			return exit(ExitChanges)
		}
	}
	return nil
}

// openForPlan opens the ledger to plan against. A plan that is saved needs the ledger's key for its digests, so the
// ledger is made if it must be.
func (s *session) openForPlan(saved bool) (done func() error, err error) {
	if !saved {
		return s.openReadOnly(s.state)
	}
	l, err := s.open(s.state, s.app.ledgerLog(s.app.err))
	if err != nil {
		return nil, err
	}
	return l.Close, nil
}

// plans makes the plan of each job, and the form that is saved when that is wanted.
func (s *session) plans(ctx context.Context, requests []runner.Request, save bool) ([]*engine.Plan, *runner.SavedPlan, error) {
	e := s.engine(nil)
	if save {
		p, saved, err := e.Save(ctx, requests[0])
		return []*engine.Plan{p}, saved, err
	}
	var plans []*engine.Plan
	for _, req := range requests {
		p, err := e.Plan(ctx, req)
		if err != nil {
			return nil, nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil, nil
}

func (s *session) printPlans(plans []*engine.Plan) error {
	documents := []report.Plan{}
	for _, p := range plans {
		documents = append(documents, s.document(p))
	}
	return s.app.writePlans(s.flags.format, documents, len(s.jobs) > 1)
}

// files says where the items of a job come from.
func (s *session) files(name string) report.Files {
	for _, job := range s.jobs {
		if job.Name == name {
			return report.FilesOf(job)
		}
	}
	return nil
}

// document is the form of a plan that is shown and saved.
func (s *session) document(p *engine.Plan) report.Plan {
	shown := *p
	shown.Warnings = s.app.masked.of(p.Warnings)
	document := report.NewPlan(&shown, s.files(p.Job))
	document.RetryFailed = s.flags.retryFailed
	for _, job := range s.jobs {
		document.Resend = document.Resend || job.Name == p.Job && job.OnUncertain == engine.Resend
	}
	return document
}

func (a *app) writePlans(format string, plans []report.Plan, several bool) error {
	switch format {
	case "ndjson":
		return report.WritePlanEvents(a.out, plans)
	case "json":
		if several {
			return report.WriteJSON(a.out, plans)
		}
		return report.WriteJSON(a.out, plans[0])
	case "markdown":
		for _, p := range plans {
			if err := report.WritePlanMarkdown(a.out, p); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range plans {
		if err := report.WritePlan(a.out, p, a.paintOut()); err != nil {
			return err
		}
	}
	return nil
}
