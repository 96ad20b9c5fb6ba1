package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/schedule"
)

// maxTimes is how many times of one job are listed at most.
const maxTimes = 1000

func (a *app) scheduleCommand() *cobra.Command {
	f := &jobFlags{}
	count, from := 5, ""
	c := &cobra.Command{
		Use:   "schedule JOB…",
		Short: "List the next times at which waybill serve runs jobs",
		Long: `Lists the next times of each job that has a schedule, on the clock of its zone and in UTC, and says what a change of the
clock does to them. JOB is a job file or a folder of them. Nothing is run.`,
		Example: `  waybill schedule reminders.yaml
  waybill schedule jobs --from 2026-10-24 -n 10`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("missing JOB: a job file or a folder of them", c.UseLine())
			}
			return nil
		},
		ValidArgsFunction: jobFiles,
	}
	c.Flags().IntVarP(&count, "count", "n", 5, fmt.Sprintf("`N` times of each job, at most %d", maxTimes))
	c.Flags().StringVar(&from, "from", "", "`TIME` to begin at: 2026-10-24, or 2026-10-24T08:00:00Z (default now)")
	c.Flags().StringVar(&f.job, "job", "", "the job of this `NAME` alone")
	f.bindAllow(c)
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(_ *cobra.Command, args []string) error {
		if count < 1 || count > maxTimes {
			return usageError(fmt.Sprintf("-n is from 1 to %d", maxTimes), "")
		}
		at, err := a.startOf(from)
		if err != nil {
			return err
		}
		return a.listSchedules(args, f, at, count)
	}
	return c
}

// startOf reads --from.
func (a *app) startOf(text string) (time.Time, error) {
	if text == "" {
		return a.env.Now(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Add(-1), nil // an occurrence at that very time is the first
		}
	}
	return time.Time{}, usageError(fmt.Sprintf("--from %q is no time", text), "write 2026-10-24, or 2026-10-24T08:00:00Z")
}

func (a *app) listSchedules(paths []string, f *jobFlags, from time.Time, count int) error {
	files, err := a.jobFilesIn(paths)
	if err != nil {
		return err
	}
	var jobs []*engine.Job
	var failures []error
	for _, file := range files {
		found, err := a.loadSchedules(file, f)
		jobs, failures = append(jobs, found...), append(failures, err)
	}
	if err := joinFindings(failures); err != nil {
		return err
	}
	if jobs, err = pick(jobs, f.job); err != nil {
		return err
	}
	listing, err := schedule.Listing(jobs, from, count)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return report.WriteJSON(a.out, scheduleLines(listing))
	}
	if _, err := io.WriteString(a.out, scheduleText(listing, a.paintOut())); err != nil {
		return fmt.Errorf("list the schedules: %w", err)
	}
	if len(listing) == 0 && !a.quiet {
		fmt.Fprintln(a.err, "no job there has a schedule; one is `schedule: { cron: \"0 9 * * 1-5\", timezone: Europe/Madrid, sends: new }`")
	}
	return nil
}

// loadSchedules reads a job file for its schedules alone: where its secrets are not set, its times can be told all the
// same.
func (a *app) loadSchedules(file string, f *jobFlags) ([]*engine.Job, error) {
	source, err := a.readSource(file)
	if err != nil {
		return nil, err
	}
	loader := a.newSetupWith(f, embeddedSpeed, a.log(a.err), nil).loader
	jobs, findings := loader.Load(source, file)
	for _, d := range findings {
		if d.Severity == diag.Error && d.Code != "missing-variable" {
			return nil, findings.Err()
		}
	}
	if !findings.HasErrors() {
		return jobs, nil
	}
	loader.Lookup = func(name string) (string, bool) {
		if value, ok := a.env.LookupEnv(name); ok && value != "" {
			return value, true
		}
		return "+15550100000", true // passes for a word and for a number
	}
	loader.Redactor, loader.Override = nil, true
	if jobs, again := loader.Load(source, file); !again.HasErrors() {
		return jobs, nil
	}
	return nil, findings.Err()
}

// scheduleLine is one job's times as programs read them.
type scheduleLine struct {
	Job   string         `json:"job"`
	Cron  string         `json:"cron"`
	Zone  string         `json:"zone"`
	Times []scheduleTime `json:"times"`
}

type scheduleTime struct {
	Local string `json:"local"` // RFC 3339, in the schedule's zone
	UTC   string `json:"utc"`
	Scope string `json:"scope"`
	Note  string `json:"note,omitempty"`
}

func scheduleLines(listing []schedule.Upcoming) []scheduleLine {
	lines := make([]scheduleLine, 0, len(listing))
	for _, u := range listing {
		line := scheduleLine{Job: u.Job, Cron: u.Cron, Zone: u.Zone, Times: []scheduleTime{}}
		for _, t := range u.Times {
			line.Times = append(line.Times, scheduleTime{
				Local: t.Local.Format(time.RFC3339), UTC: t.UTC.Format(time.RFC3339), Scope: t.Scope, Note: t.Note,
			})
		}
		lines = append(lines, line)
	}
	return lines
}

func scheduleText(listing []schedule.Upcoming, paint report.Paint) string {
	var b strings.Builder
	for i, u := range listing {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s  %s\n", paint.Bold(u.Job), paint.Dim(report.Clean(u.Cron)+" "+u.Zone))
		if len(u.Times) == 0 {
			b.WriteString("  never again\n")
		}
		for _, t := range u.Times {
			line := fmt.Sprintf("  %-26s %s", t.Local.Format(schedule.Layout), t.UTC.Format("2006-01-02 15:04 UTC"))
			if t.Note != "" {
				line += "  " + paint.Yellow(t.Note)
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
