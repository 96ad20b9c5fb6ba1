package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/runner"
)

func (a *app) planCommand() *cobra.Command {
	f := &jobFlags{}
	o := planOptions{}
	c := &cobra.Command{
		Use:   "plan PATH",
		Short: "Show what apply would send, without sending",
		Long: `Shows what apply would do: what is wrong first, then samples of the messages as people will read them (-v: to the byte), then
new, already sent, to retry, in doubt. It looks at every row, and the exit status is 1 when one cannot be sent. It asks WhatsApp nothing,
and makes no ledger; with --out it does make one, for a saved plan is bound to the ledger it was made with. PATH is a job file, or a
folder: then each of its jobs is planned.

In -o markdown, github and sarif, and where the variable CI is set in text too, people's data is masked: what a row holds, its key,
and all but the last three digits of a number. --show-recipients shows it. -o json is not masked.`,
		Example: `  waybill plan reminders.yaml
  waybill plan reminders.yaml -o markdown > comment.md
  waybill plan reminders.yaml --out reminders.plan
  waybill plan jobs`,
		Args: exactly("PATH"),
	}
	f.bind(c)
	c.Flags().StringVar(&o.scope, "scope", "", "once for this `NAME`, instead of once for ever")
	f.bindRetryFailed(c)
	f.again.bind(c)
	c.Flags().StringVar(&o.out, "out", "", "save the plan to `FILE`, for apply FILE")
	c.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit 2 when there is something to do; 1 goes before it")
	c.Flags().BoolVar(&o.allowInvalid, "allow-invalid", false, "no exit 1 though rows cannot be sent")
	bindFormat(c, &f.format, "text", "json", "markdown", "github", "sarif")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error { return a.plan(c.Context(), args[0], f, o) }
	return c
}

type planOptions struct {
	scope, out             string
	detailed, allowInvalid bool
}

// planned is what plan has of one file.
type planned struct {
	*session

	requests []runner.Request
	plans    []*engine.Plan
	saved    *runner.SavedPlan // nil unless it is asked for
}

func (a *app) plan(ctx context.Context, path string, f *jobFlags, o planOptions) error {
	folder := isFolder(path)
	if o.out != "" && folder {
		return usageError("--out saves the plan of one job, and "+path+" is a folder", "name one of the files in it")
	}
	files := []string{path}
	if folder {
		var err error
		if files, err = a.jobFilesIn(files); err != nil {
			return err
		}
	}
	all, err := a.toPlan(files, f, o)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := p.make(ctx, o); err != nil {
			return err
		}
	}
	if err := a.printed(a.printPlans(all, folder)); err != nil {
		return err
	}
	for _, p := range all {
		if p.saved != nil {
			if err := p.savePlan(o.out, p.saved, p.plans[0]); err != nil {
				return err
			}
		}
	}
	return exit(o.status(all))
}

// toPlan reads the files: all of them, or what is wrong with all.
func (a *app) toPlan(files []string, f *jobFlags, o planOptions) ([]*planned, error) {
	var all []*planned
	var failures []error
	for _, file := range files {
		s, err := a.openJob(file, f)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		requests, err := s.requests(engine.ModeApply, scopeOf(o.scope))
		all, failures = append(all, &planned{session: s, requests: requests}), append(failures, err)
		if err == nil && o.out != "" && len(requests) != 1 {
			return nil, usageError("--out saves the plan of one job, and the file holds several", "choose one with --job NAME")
		}
	}
	if err := joinFindings(failures); err != nil || o.out == "" {
		return all, err
	}
	return all, savedPlans().mayReplace(o.out)
}

// make plans the jobs of one file against their ledger.
func (p *planned) make(ctx context.Context, o planOptions) (err error) {
	p.sayNewLedger()
	done, err := p.openForPlan(o.out != "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	p.plans, p.saved, err = p.session.plans(ctx, p.requests, o.out != "")
	return err
}

// status is the exit status that plans deserve.
func (o planOptions) status(all []*planned) int {
	status := ExitDone
	for _, file := range all {
		for _, p := range file.plans {
			switch {
			case p.Invalid > 0 && !o.allowInvalid:
				return ExitFailed
			case o.detailed && p.Messages() > 0:
				status = ExitChanges
			}
		}
	}
	return status
}

// openForPlan opens the ledger to plan against. A plan that is saved needs the ledger's key for its digests, so the
// ledger is made if it must be.
func (s *session) openForPlan(saved bool) (done func() error, err error) {
	if !saved {
		return s.openReadOnly(s.state)
	}
	if err := checkStateFolder(s.state, s.flags); err != nil {
		return nil, err
	}
	l, err := s.app.openLedger(s.state, s.flags.sandbox, s.app.ledgerLog(s.app.err))
	if err != nil {
		return nil, err
	}
	s.ledger.Ledger = l
	return l.Close, nil
}

// plans makes the plan of each job, and the form that is saved when that is wanted.
func (s *session) plans(ctx context.Context, requests []runner.Request, save bool) ([]*engine.Plan, *runner.SavedPlan, error) {
	e := s.engine(nil)
	if save {
		p, saved, err := e.Save(ctx, requests[0])
		return []*engine.Plan{p}, saved, err
	}
	refused, err := s.refused(ctx)
	if err != nil {
		return nil, nil, err
	}
	var plans []*engine.Plan
	for _, req := range requests {
		p, err := e.Plan(ctx, req)
		if err != nil {
			return nil, nil, err
		}
		p.Warnings = append(slices.Clip(refused), p.Warnings...)
		plans = append(plans, p)
	}
	return plans, nil, nil
}

// refused warns of a ledger that can be planned with, and not sent from.
func (s *session) refused(ctx context.Context) (diag.List, error) {
	if s.ledger.Ledger == nil {
		return nil, nil
	}
	standing, err := standingOf(ctx, s.ledger.Ledger)
	if standing == nil {
		return nil, err
	}
	return diag.List{{Severity: diag.Warning, Code: "ledger-refused", Summary: refusedText(s.state, standing)}}, nil
}

// printPlans prints the plans of all files; those of a folder are a list, however many there are.
func (a *app) printPlans(all []*planned, folder bool) error {
	findings, documents, several := []report.Finding{}, []report.Plan{}, folder
	for _, file := range all {
		findings = append(findings, file.planFindings(file.plans)...)
		for _, p := range file.plans {
			documents = append(documents, file.document(p))
		}
		several = several || len(file.jobs) > 1
	}
	if a.format == "github" || a.format == "sarif" {
		return a.writeAnnotations(a.format, findings)
	}
	return a.writePlans(a.format, documents, several)
}

// planFindings are what plans found: rows that cannot be sent, and warnings.
func (s *session) planFindings(plans []*engine.Plan) []report.Finding {
	var list diag.List
	for _, p := range plans {
		warnings := s.app.masked.of(p.Warnings)
		for _, job := range s.jobs {
			if job.Name == p.Job {
				list = append(list, invalidRows(job, p)...)
				warnings = placed(warnings, job)
			}
		}
		list = append(list, warnings...)
	}
	return report.Findings(list)
}

// placed puts what is found of a job as a whole at the head of its file: what shows findings in their place shows no others.
func placed(list diag.List, job *engine.Job) diag.List {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Range.IsZero() {
			list[i].Range = diag.Range{Source: job.Source, Start: job.Range.Start, End: job.Range.Start}
		}
	}
	return list
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
	document.RetryFailed, document.Bodies = s.flags.retryFailed, s.app.verbose
	for _, job := range s.jobs {
		document.Resend = document.Resend || job.Name == p.Job && job.OnUncertain == engine.Resend
		if job.Name == p.Job {
			document.TemplatesReadAt = s.templatesReadAt(job)
		}
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
			if !a.showRecipients {
				p = p.Masked(a.paintOut())
			}
			if err := report.WritePlanMarkdown(a.out, p); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range plans {
		if err := report.WritePlan(a.out, p, a.paintLog()); err != nil {
			return err
		}
	}
	return nil
}
