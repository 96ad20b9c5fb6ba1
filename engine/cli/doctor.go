package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/secret"
	"waybill/steps"
	"waybill/steps/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	f := &jobFlags{}
	tests := false
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
	f.bindAllow(c)
	c.Flags().BoolVar(&tests, "notify", false, "send a test to everyone whom the jobs notify")
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.doctor(c.Context(), args, f, tests) }
	return c
}

func (a *app) doctor(ctx context.Context, paths []string, f *jobFlags, tests bool) error {
	options, err := a.doctorOptions(paths, f)
	if err != nil {
		return err
	}
	found, err := doctor.Run(ctx, options)
	if err != nil {
		return err
	}
	if err := a.printed(a.writeCheckReport(found, f.format)); err != nil {
		return err
	}
	told := true
	if tests {
		told = a.testNotifications(ctx, options.Jobs, options.Inputs)
	}
	if found.Failed > 0 || !told {
		return exit(ExitFailed)
	}
	return nil
}

// doctorOptions reads the jobs, and finds their account and their ledgers.
func (a *app) doctorOptions(paths []string, f *jobFlags) (doctor.Options, error) {
	s := a.newSetupWith(f, embeddedSpeed, a.log(a.err), nil) // the account itself is asked
	o := doctor.Options{
		AllowPaths: f.allow, Account: a.accountOfVariables(), Override: s.connection(), Now: a.env.Now, Version: version().Version,
	}
	files, err := a.optionalJobFiles(paths)
	if err != nil {
		return o, err
	}
	state, err := sharedState(f, files)
	if err != nil && f.state != "" {
		return o, err
	}
	ledgers, err := ledgerPaths(f, files)
	if err != nil {
		return o, err
	}
	for _, path := range ledgers {
		o.Ledgers = append(o.Ledgers, a.ledgerToCheck(path))
	}
	if s.emulator != nil {
		o.Transport, o.Account = s.emulator.server, *s.connection()
	} else {
		o.Receiver = a.receiverToCheck(state)
	}
	if s.emulator == nil {
		o.Credentials = a.credentials(len(files) == 0)
	}
	o.Jobs, o.Inputs, err = a.jobsToCheck(s, files)
	return o, err
}

// jobsToCheck loads the jobs, and reads the inputs that are given when there is a job to have them.
func (a *app) jobsToCheck(s *setup, files []string) ([]*engine.Job, map[string]string, error) {
	var jobs []*engine.Job
	var failures []error
	for _, file := range files {
		found, err := a.loadFile(file, s.loader)
		jobs, failures = append(jobs, found...), append(failures, err)
	}
	if len(jobs) == 0 {
		return nil, nil, joinFindings(failures)
	}
	given, err := s.flags.givenInputs()
	return jobs, given, joinFindings(append(failures, err))
}

// accountOfVariables is the connection of a job that says nothing.
func (a *app) accountOfVariables() engine.Connection {
	names, c := steps.DefaultVariables(), steps.DefaultConnection()
	token := a.variable(names["token"])
	a.redactor.Add(token)
	c.Token = secret.New(secret.Trim(token))
	c.PhoneNumberID, c.WABAID = secret.Trim(a.variable(names["phoneNumberId"])), secret.Trim(a.variable(names["wabaId"]))
	return c
}

// credentials are the variables as they are set: those of the webhook, and those of the account unless jobs say which they use.
func (a *app) credentials(account bool) []doctor.Credential {
	names := steps.DefaultVariables()
	list := []doctor.Credential{{Name: steps.AppSecretVariable, Kind: doctor.Word}, {Name: steps.VerifyTokenVariable, Kind: doctor.Word}}
	if account {
		list = append([]doctor.Credential{
			{Name: names["token"], Kind: doctor.Token}, {Name: names["phoneNumberId"], Kind: doctor.ID}, {Name: names["wabaId"], Kind: doctor.ID},
		}, list...)
	}
	for i := range list {
		list[i].Text = a.variable(list[i].Name)
	}
	return list
}

// receiverToCheck is this side of the webhook. state is empty when the jobs have several ledgers.
func (a *app) receiverToCheck(state string) *doctor.Receiver {
	r := &doctor.Receiver{}
	for _, name := range []string{steps.AppSecretVariable, steps.VerifyTokenVariable} {
		if a.variable(name) == "" {
			r.Unset = append(r.Unset, name)
		}
	}
	if state != "" {
		l := a.ledgerToCheck(state)
		r.Ledger = &l
	}
	return r
}

func (a *app) writeCheckReport(r *doctor.Report, format string) error {
	if format == "json" {
		return report.WriteJSON(a.out, r)
	}
	_, err := io.WriteString(a.out, checkReportText(r, a.paintOut()))
	return err
}

// checkReportText groups the checks by what they are about.
func checkReportText(r *doctor.Report, paint report.Paint) string {
	var b strings.Builder
	about := ""
	for i, found := range r.Checks {
		if found.About != about || i == 0 {
			about = found.About
			if i > 0 {
				b.WriteString("\n")
			}
			if about != "" {
				b.WriteString(paint.Bold(report.Clean(about)) + "\n")
			}
		}
		b.WriteString(checkText(found, paint))
	}
	fmt.Fprintf(&b, "\n%d checks: %d failed, %d warnings, %d not made\n", len(r.Checks), r.Failed, r.Warnings, r.Skipped)
	return b.String()
}

func checkText(c doctor.Check, paint report.Paint) string {
	mark := paint.Green("✓")
	switch c.Status {
	case doctor.Failed:
		mark = paint.Red("✗")
	case doctor.Warning:
		mark = paint.Yellow("!")
	case doctor.Skipped:
		mark = paint.Dim("–")
	case doctor.OK:
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
