package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/phone"
	"waybill/engine/runner"
)

func (a *app) runCommand() *cobra.Command {
	f := &jobFlags{}
	dry := false
	c := &cobra.Command{
		Use:   "run JOB",
		Short: "Execute a job now, as a new run",
		Long: `Executes every job of the file now. What "once" means is this run: running again messages everybody again.
See apply for sending only what was not sent yet.`,
		Example: `  waybill run reminders.yaml --sandbox
  waybill run reminders.yaml --test-to +34612345678
  waybill run reminders.yaml --input day=2026-03-25 -o json`,
		Args: exactly("JOB"),
	}
	f.bind(c)
	f.bindExisting(c)
	f.bindYes(c)
	f.bindSettle(c)
	c.Flags().StringVar(&f.testTo, "test-to", "", "send the first rows (--limit, else 3) to this `NUMBER` instead of to their people")
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would be sent, and send nothing")
	bindFormat(c, &f.format, "text", "json", "ndjson")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error {
		const testRows = 3
		if f.testTo != "" {
			number, err := readFlagNumber("--test-to", f.testTo)
			if err != nil {
				return err
			}
			f.testTo = number
			if f.limit == 0 {
				f.limit = testRows
			}
		}
		if dry {
			return a.dryRun(c.Context(), args[0], f)
		}
		return a.send(c.Context(), args[0], f, engine.ModeRun, "")
	}
	return c
}

// send executes a file's jobs: the way of run and apply.
func (a *app) send(ctx context.Context, file string, f *jobFlags, mode engine.Mode, scope string) error {
	s, err := a.openJob(file, f)
	if err != nil {
		return err
	}
	requests, err := s.requests(mode, scope)
	if err != nil {
		return err
	}
	if err := s.app.mayBegin(s.state, f, mode == engine.ModeApply); err != nil {
		return err
	}
	if err := s.checkSameJob(ctx, requests); err != nil {
		return err
	}
	if mode == engine.ModeApply {
		s.sayNewLedger()
	}
	if err := s.checkAnew(ctx, requests); err != nil {
		return err
	}
	return s.confirmed(ctx, requests...)
}

// confirmed performs what the user agrees to, by the engine that --engine names.
func (s *session) confirmed(ctx context.Context, requests ...runner.Request) error {
	disconnect, err := s.drivenBy(ctx, requests)
	if err != nil {
		return err
	}
	defer disconnect()
	total, err := s.confirm(ctx, requests)
	if err != nil {
		return err
	}
	return s.perform(ctx, requests, total)
}

// dryRun plans what a new run would send.
func (a *app) dryRun(ctx context.Context, file string, f *jobFlags) error {
	s, err := a.openJob(file, f)
	if err != nil {
		return err
	}
	requests, err := s.requests(engine.ModeRun, "")
	if err != nil {
		return err
	}
	p := &planned{session: s, requests: requests}
	if p.plans, _, err = s.plans(ctx, requests, false); err != nil {
		return err
	}
	if err := a.printed(a.printPlans([]*planned{p}, false)); err != nil {
		return err
	}
	return exit(planOptions{}.status([]*planned{p}))
}

// readFlagNumber reads a number or user id that is given on the command line.
func readFlagNumber(flag, text string) (string, error) {
	number, err := phone.Reading{Literal: true}.Read(text)
	if missing, ok := errors.AsType[*phone.Error](err); ok && missing.Problem == "" {
		return "", usageError(fmt.Sprintf("%s: %s", flag, missing.Summary()), "write it with its country code: +34…")
	}
	if err != nil {
		return "", usageError(flag+": "+err.Error(), "")
	}
	return number.Text, nil
}

// exactly is the rule for commands that take these words.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usageError("missing "+names[len(args)], c.UseLine())
		}
		if len(args) > len(names) {
			return usageError("one word too many: "+args[len(names)], c.UseLine())
		}
		return nil
	}
}

// atMostOne is the rule for commands that take one word or none.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError("one word too many: "+args[1], c.UseLine())
	}
	return nil
}

// jobFiles completes names of job files.
func jobFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}
