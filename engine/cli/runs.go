package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/report"
)

func (a *app) runsCommand() *cobra.Command {
	f := &jobFlags{}
	filter := engine.RunFilter{}
	status := ""
	c := &cobra.Command{
		Use:   "runs",
		Short: "List the runs of a ledger, newest first",
		Args:  exactly(),
	}
	f.bindState(c)
	c.Flags().StringVar(&filter.Job, "job", "", "of the job of this `NAME`")
	c.Flags().StringVar(&status, "status", "", "with this `STATUS`: running, succeeded, failed, inDoubt, stopped or interrupted")
	c.Flags().IntVar(&filter.Limit, "limit", 50, "at most `N`; 0 is all")
	bindFormat(c, &f.format, "text", "json", "csv")
	c.RunE = func(c *cobra.Command, _ []string) error {
		filter.Status = engine.RunStatus(status)
		if status != "" {
			var known []string
			for _, s := range engine.RunStatuses() {
				known = append(known, string(s))
			}
			if err := oneOf("--status", status, known); err != nil {
				return err
			}
		}
		return a.runs(c.Context(), f, filter)
	}
	return c
}

func (a *app) runs(ctx context.Context, f *jobFlags, filter engine.RunFilter) (err error) {
	path, err := findState(f)
	if err != nil {
		return err
	}
	l, err := a.readLedger(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	lines := []report.RunLine{}
	for run, err := range l.Runs(ctx, filter) {
		if err != nil {
			return err
		}
		lines = append(lines, report.NewRunLine(run))
	}
	switch f.format {
	case "json":
		return report.WriteJSON(a.out, lines)
	case "csv":
		return report.WriteRunsCSV(a.out, lines)
	}
	return report.WriteRuns(a.out, lines, a.paintOut())
}
