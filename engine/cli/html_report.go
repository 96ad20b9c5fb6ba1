package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine/dashboard"
)

func (a *app) reportCommand() *cobra.Command {
	f := &jobFlags{}
	file, zone := "", ""
	c := &cobra.Command{
		Use:   "report RUN --html FILE",
		Short: "Write a run's page of the dashboard as one file",
		Long: `Writes what the dashboard shows of a run into one HTML file that needs nothing else: it can be mailed, kept and printed.
People's data is masked in it: keys, texts of rows, and all but the last three digits of a number. --show-recipients shows it.`,
		Example: `  waybill report last --html monday.html
  waybill report 20260325-0900 --html - > run.html`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	c.Flags().StringVar(&file, "html", "", "`FILE` to write, - is standard output")
	c.Flags().StringVar(&zone, "timezone", "", "`ZONE` of its times (default UTC)")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error {
		if file == "" {
			return usageError("missing --html FILE", c.UseLine())
		}
		at, err := zoneNamed(zone)
		if err != nil {
			return err
		}
		return a.writeReport(c.Context(), args[0], file, f, at)
	}
	return c
}

func (a *app) writeReport(ctx context.Context, id, file string, f *jobFlags, zone *time.Location) (err error) {
	run, err := a.findRun(ctx, id, f)
	if err != nil {
		return err
	}
	if file != "-" {
		if err := runPages().mayReplace(file); err != nil {
			return err
		}
	}
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if !a.showRecipients {
		l = maskedLedger{l}
	}
	of := hints{app: a, flags: &jobFlags{sandbox: f.sandbox || ofSandbox(f.state)}, state: f.state}
	var page bytes.Buffer
	if err := dashboard.WriteReport(ctx, &page, dashboard.Options{
		Ledger: l, Now: a.env.Now, Zone: zone, Meaning: meaning, Version: version().Version,
		Sandbox: of.flags.sandbox, Where: of.where(),
	}, run.ID); err != nil {
		return err
	}
	marked := signed(page.Bytes())
	if file == "-" {
		_, err := a.out.Write(marked)
		return err
	}
	if err := runPages().write(file, marked); err != nil {
		return err
	}
	if !a.quiet {
		what := "; numbers and keys are masked"
		if a.showRecipients {
			what = "; it holds phone numbers"
		}
		fmt.Fprintf(a.err, "%s shows run %s%s\n", file, run.ID, what)
	}
	return nil
}
