package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/report"
)

// check is one finding of a checkup.
type check struct {
	Name    string      `json:"name"`   // token, number, templates, …
	Status  checkStatus `json:"status"` // ok, warning, failed, skipped
	About   string      `json:"about"`  // the number, or the step, with its job; may be empty
	Summary string      `json:"summary"`
	Hint    string      `json:"hint,omitempty"` // what to do
	File    string      `json:"file,omitempty"`
	Line    int         `json:"line,omitempty"`
}

type checkStatus string

const (
	checkOK      checkStatus = "ok"
	checkWarning checkStatus = "warning" // it works, and may not for long, or not wholly
	checkFailed  checkStatus = "failed"
	checkSkipped checkStatus = "skipped" // it could not be made
)

// checkup is all that doctor found.
type checkup struct {
	Checks   []check `json:"checks"`
	Failed   int     `json:"failed"`
	Warnings int     `json:"warnings"`
	Skipped  int     `json:"skipped"`
}

func (c *checkup) add(found check) {
	c.Checks = append(c.Checks, found)
	switch found.Status {
	case checkFailed:
		c.Failed++
	case checkWarning:
		c.Warnings++
	case checkSkipped:
		c.Skipped++
	case checkOK:
	}
}

func (a *app) doctorCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "doctor [JOB…]",
		Short: "Check token, number, templates, webhook and clock, and say what to do",
		Long: `Asks WhatsApp about the account that the jobs send with, or without jobs about the one of the three WHATSAPP_ variables:
whether the token is taken and what it may do, the number with its quality and throughput, the webhook's subscription, the clock, and whether
every template that the jobs use is there, approved, in that language, and takes those parameters; and the ledger beside the jobs,
whether it is whole and somebody sends from it. It only reads: nobody is messaged. A check that cannot be made says so. Exit status 0: nothing is wrong; 1: something is.`,
		Example: `  waybill doctor
  waybill doctor reminders.yaml
  waybill doctor jobs -o json`,
		ValidArgsFunction: jobFiles,
	}
	f.bindState(c)
	c.Flags().StringArrayVar(&f.inputs, "input", nil, "`NAME=VALUE` of one of the jobs' inputs; may be repeated")
	c.Flags().StringVar(&f.inputFile, "input-file", "", "`FILE` of inputs: a JSON object, or a NAME=VALUE a line")
	c.Flags().StringArrayVar(&f.allow, "allow-path", nil, "`DIR` outside the job's folder that the job may read; may be repeated")
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.doctor(c.Context(), args, f) }
	return c
}

func (a *app) doctor(ctx context.Context, paths []string, f *jobFlags) error {
	d, err := a.newDoctor(ctx, paths, f)
	if err != nil {
		return err
	}
	for _, p := range d.patients {
		d.examine(ctx, p)
		if ctx.Err() != nil {
			return fmt.Errorf("checkup: %w", context.Cause(ctx))
		}
	}
	d.checkLedgers(ctx)
	d.receiving(ctx)
	if err := a.printed(a.writeCheckup(&d.found, f.format)); err != nil {
		return err
	}
	if d.found.Failed > 0 {
		return exit(ExitFailed)
	}
	return nil
}

func (a *app) writeCheckup(c *checkup, format string) error {
	if format == "json" {
		return report.WriteJSON(a.out, c)
	}
	_, err := io.WriteString(a.out, c.text(a.paintOut()))
	return err
}

func (c *checkup) text(paint report.Paint) string {
	var b strings.Builder
	about := ""
	for i, found := range c.Checks {
		if found.About != about || i == 0 {
			about = found.About
			if i > 0 {
				b.WriteString("\n")
			}
			if about != "" {
				b.WriteString(paint.Bold(report.Clean(about)) + "\n")
			}
		}
		b.WriteString(found.text(paint))
	}
	fmt.Fprintf(&b, "\n%d checks: %d failed, %d warnings, %d not made\n", len(c.Checks), c.Failed, c.Warnings, c.Skipped)
	return b.String()
}

func (c check) text(paint report.Paint) string {
	mark := paint.Green("✓")
	switch c.Status {
	case checkFailed:
		mark = paint.Red("✗")
	case checkWarning:
		mark = paint.Yellow("!")
	case checkSkipped:
		mark = paint.Dim("–")
	case checkOK:
	}
	line := fmt.Sprintf("%s %-12s %s\n", mark, c.Name, report.Clean(c.Summary))
	if c.File != "" {
		line += fmt.Sprintf("  %-12s %s\n", "", paint.Dim(fmt.Sprintf("%s:%d", report.Clean(c.File), c.Line)))
	}
	if c.Hint != "" {
		line += fmt.Sprintf("  %-12s %s %s\n", "", paint.Cyan("→"), report.Clean(c.Hint))
	}
	return line
}
