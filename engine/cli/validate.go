package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine/diag"
	"waybill/engine/report"
)

func (a *app) validateCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "validate PATH…",
		Short: "Find everything that is wrong with job files, at once",
		Long: `Checks job files, and the .yaml and .yml files of folders. Nothing is sent and no ledger is made. A variable that is missing is
a warning here, for a check may run where the secrets are not; run, plan and apply take it for an error.`,
		Example: `  waybill validate jobs
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
	c.Flags().StringArrayVar(&f.allow, "allow-path", nil, "`DIR` outside the job's folder that the job may read; may be repeated")
	bindFormat(c, &f.format, "text", "json", "github", "sarif")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(_ *cobra.Command, args []string) error { return a.validate(args, f) }
	return c
}

func (a *app) validate(paths []string, f *jobFlags) error {
	files, err := jobFilesIn(paths)
	if err != nil {
		return err
	}
	loader := a.newSetup(f, embeddedSpeed, a.log(a.err)).loader
	var findings diag.List
	jobs := 0
	for _, file := range files {
		source, err := a.readSource(file)
		if err != nil {
			return err
		}
		found, list := loader.Load(source, file)
		jobs += len(found)
		findings = append(findings, list...)
	}
	for i := range findings {
		if findings[i].Code == "missing-variable" {
			findings[i].Severity = diag.Warning
		}
	}
	check := report.NewCheck(len(files), jobs, a.masked.of(findings).Sort())
	if err := a.printed(a.writeCheck(f.format, check)); err != nil {
		return err
	}
	if check.Errors > 0 {
		return exit(ExitInvalid)
	}
	return nil
}

func (a *app) writeCheck(format string, check report.Check) error {
	switch format {
	case "json":
		return report.WriteJSON(a.out, check)
	case "github":
		return report.WriteGitHub(a.out, check.Findings)
	case "sarif":
		return report.WriteSARIF(a.out, check.Findings, version().Version, codeTitle)
	}
	if err := report.WriteFindings(a.out, check.Findings, a.paintOut()); err != nil {
		return err
	}
	if !a.quiet {
		return report.WriteCheck(a.err, check)
	}
	return nil
}

func codeTitle(code string) string {
	if entry, known := diag.Lookup(code); known {
		return entry.Title
	}
	return code
}

// jobFilesIn returns the files that are named, and the YAML files in the folders that are; folders that begin with a dot
// are left out.
func jobFilesIn(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		found := 0
		err := filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && at == path:
				return missingFile(path)
			case err != nil:
				return fmt.Errorf("look for job files: %w", err)
			case entry.IsDir():
				if at != path && strings.HasPrefix(entry.Name(), ".") {
					return filepath.SkipDir
				}
				return nil
			case at == path || isJobFile(at) && !strings.HasPrefix(entry.Name(), "."):
				found++
				files = append(files, at)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if found == 0 {
			return nil, usageError("there is no .yaml or .yml file in "+path, "")
		}
	}
	return files, nil
}

// optionalJobFiles is jobFilesIn for commands that also work without any.
func optionalJobFiles(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return jobFilesIn(paths)
}
