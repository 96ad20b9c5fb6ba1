package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/report"
	"waybill/engine/wording"
)

type validateOptions struct {
	rows         bool // look at every row too
	allowInvalid bool
}

func (a *app) validateCommand() *cobra.Command {
	f := &jobFlags{}
	o := validateOptions{}
	c := &cobra.Command{
		Use:   "validate PATH…",
		Short: "Find everything that is wrong with job files, at once",
		Long: `Checks job files, and the .yaml and .yml files of folders. Nothing is sent and no ledger is made. A variable that is missing is
a warning here, for a check may run where the secrets are not; so is a template that is paused or in review. run, plan and apply take
both for errors. Templates are checked by the lock beside the job, see templates.

With --rows every row is looked at too, as plan does, without a ledger or a token, and with the network only
where rows come from an address or a database. A row that cannot be sent is a finding
at its line of the file, and the exit status is 1 when there is no graver one.`,
		Example: `  waybill validate jobs
  waybill validate jobs --rows -o github also beside the rows that cannot be sent
  waybill validate jobs -o github        beside the lines of a pull request
  waybill validate jobs -o sarif > waybill.sarif`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("missing PATH: a job file or a folder of them", "waybill validate .")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&f.sandbox, "sandbox", false, "as for run --sandbox: no connection is needed")
	f.bindAllow(c)
	c.Flags().BoolVar(&o.rows, "rows", false, "look at every row of the jobs' files too")
	c.Flags().BoolVar(&o.allowInvalid, "allow-invalid", false, "exit 0 though rows cannot be sent")
	f.bindInputs(c)
	bindFormat(c, &f.format, "text", "json", "github", "sarif")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error {
		if !o.rows && (o.allowInvalid || len(f.inputs) > 0 || f.inputFile != "") {
			return usageError("--allow-invalid, --input and --input-file are for --rows", "add --rows")
		}
		return a.validate(c.Context(), args, f, o)
	}
	return c
}

func (a *app) validate(ctx context.Context, paths []string, f *jobFlags, o validateOptions) error {
	files, err := a.jobFilesIn(paths)
	if err != nil {
		return err
	}
	loader := a.newSetupWith(f, embeddedSpeed, a.log(a.err), a.reviewedLocks(f)).loader
	loader.Thorough = true
	var rows *rowCheck // nil: rows are not looked at
	if o.rows {
		if rows, err = a.newRowCheck(f); err != nil {
			return err
		}
	}
	var findings diag.List
	jobs, names := 0, jobNames{}
	for _, file := range files {
		found, list, err := a.checkFile(ctx, loader, rows, file)
		if err != nil {
			return err
		}
		jobs += len(found)
		findings = append(append(findings, list...), names.meet(file, found)...)
	}
	for _, dir := range definitionFolders(paths, files) {
		_, found, err := a.definitions(dir)
		if err != nil {
			return err
		}
		findings = append(findings, found...)
	}
	if rows != nil {
		if err := rows.unused(); err != nil {
			return err
		}
	}
	if f.format == "github" || f.format == "sarif" {
		findings = a.withoutVariables(findings)
	}
	check := report.NewCheck(len(files), jobs, a.masked.of(findings).Sort())
	if err := a.printed(a.writeCheck(f.format, check)); err != nil {
		return err
	}
	return exit(statusOf(findings, o.allowInvalid))
}

// checkFile returns the jobs of a file and its findings, those in the rows with it where rows is not nil. A variable that is missing here is a
// warning: it may be set where the job runs.
func (a *app) checkFile(ctx context.Context, loader *jobfile.Loader, rows *rowCheck, file string) ([]*engine.Job, diag.List, error) {
	source, err := a.readSource(file)
	if err != nil {
		return nil, nil, err
	}
	jobs, findings := loader.Load(source, file)
	for i := range findings {
		if findings[i].Code == "missing-variable" {
			findings[i].Severity = diag.Warning
		}
	}
	if rows == nil || findings.HasErrors() {
		return jobs, findings, nil
	}
	inRows, err := rows.file(ctx, source, file)
	if err != nil {
		return nil, nil, err
	}
	return jobs, merge(findings, inRows), nil
}

// withoutVariables leaves out, and counts on standard error, the variables that no file names and that are missing on this machine:
// beside the lines of a pull request nobody could mend it, and a check may run where the secrets are not.
func (a *app) withoutVariables(findings diag.List) diag.List {
	rest := slices.DeleteFunc(slices.Clone(findings), jobfile.OfDefault)
	if left := len(findings) - len(rest); left > 0 && !a.quiet {
		fmt.Fprintf(a.err, "not shown beside the files: %s about variables that are not set here; waybill validate without -o lists them\n",
			wording.Plural(left, "warning"))
	}
	return rest
}

// merge adds findings, but for those that are there already; of two about one thing the graver stays.
func merge(list, more diag.List) diag.List {
	for _, d := range more {
		at := slices.IndexFunc(list, func(known diag.Diagnostic) bool {
			return known.Code == d.Code && known.Range == d.Range && known.Summary == d.Summary
		})
		switch {
		case at < 0:
			list = append(list, d)
		case d.Severity == diag.Error:
			list[at] = d
		}
	}
	return list
}

// statusOf is the exit status that findings deserve: a file that is wrong goes before rows that cannot be sent.
func statusOf(list diag.List, allowInvalid bool) int {
	status := ExitDone
	for _, d := range list {
		switch {
		case d.Severity != diag.Error:
		case d.Code != "invalid-row":
			return ExitInvalid
		case !allowInvalid:
			status = ExitFailed
		}
	}
	return status
}

func (a *app) writeCheck(format string, check report.Check) error {
	switch format {
	case "json":
		return report.WriteJSON(a.out, check)
	case "github", "sarif":
		return a.writeAnnotations(format, check.Findings)
	}
	if err := report.WriteFindings(a.out, check.Findings, a.paintLog()); err != nil {
		return err
	}
	if !a.quiet {
		return report.WriteCheck(a.err, check)
	}
	return nil
}

// writeAnnotations prints findings for what shows them beside the lines of a pull request, where many can see them.
func (a *app) writeAnnotations(format string, findings []report.Finding) error {
	if !a.showRecipients {
		findings = report.MaskFindings(findings, a.paintOut())
	}
	if format == "sarif" {
		return report.WriteSARIF(a.out, findings, version().Version, diag.Lookup)
	}
	return report.WriteGitHub(a.out, findings)
}
