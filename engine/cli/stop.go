package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/wording"
)

func (a *app) stopCommand() *cobra.Command {
	f := &jobFlags{}
	all := false
	c := &cobra.Command{
		Use:   "stop RUN | --all",
		Short: "End a run that is under way, from anywhere",
		Long: `Ends a run within a second, on whatever machine its process is: nothing new begins, what is under way ends and is recorded.
Only a person takes it up again, with resume RUN: another apply of the job, and its next occurrence under serve, end with
exit status 5 and say so. RUN is an id, the beginning of one, or "last".`,
		Example: `  waybill stop last
  waybill stop --all --state clinic/.waybill/ledger.db`,
	}
	f.bindState(c)
	c.Flags().BoolVar(&all, "all", false, "every run that is under way")
	c.ValidArgsFunction = a.runIDs(f)
	c.Args = func(_ *cobra.Command, args []string) error {
		switch {
		case all && len(args) > 0:
			return usageError("--all stops every run, and a run is named too", "leave one of the two out")
		case !all && len(args) != 1:
			return usageError("stop needs a RUN, or --all", "waybill runs lists them; last is the newest")
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.give(c.Context(), f, args, engine.OrderStop)
	}
	return c
}

func (a *app) cancelCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "cancel RUN",
		Short: "Drop what a run keeps waiting",
		Long: `Drops the messages of a run that wait for a later time, and those that would wait while it is under way: they are not sent by it,
nor by a resume, and serve does not take it up. They count as skipped, and waybill deliveries RUN lists them. Nothing was sent for
their rows: the next apply of the job meets them as new ones. To keep people out for good take their rows out of the file, or name
them in recipients.exclude.`,
		Example: `  waybill cancel last`,
		Args:    exactly("RUN"),
	}
	f.bindState(c)
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.give(c.Context(), f, args, engine.OrderCancel)
	}
	return c
}

// give gives an order to the run that is named, or to all that are under way.
func (a *app) give(ctx context.Context, f *jobFlags, args []string, kind engine.OrderKind) (err error) {
	path, err := findState(f)
	if err != nil {
		return err
	}
	l, err := a.openExisting(path, f.sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	runs, err := a.ordered(ctx, l, args)
	if err != nil {
		return err
	}
	o := engine.Order{Kind: kind, By: a.actor(""), At: a.env.Now()}
	for _, run := range runs {
		if kind == engine.OrderStop && ended(run) {
			fmt.Fprintf(a.out, "run %s of job %s: it ended before (%s), and there is nothing to stop\n", run.ID, run.Job, run.Status)
			continue
		}
		if kind == engine.OrderCancel && run.Counts.Waiting == 0 && run.Status != engine.RunRunning {
			fmt.Fprintf(a.out, "run %s of job %s: nothing of it waits\n", run.ID, run.Job)
			continue
		}
		if err := l.Give(ctx, run.ID, o); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "run %s of job %s: %s\n", run.ID, run.Job, said(kind, run))
	}
	if len(runs) == 0 {
		fmt.Fprintln(a.out, "no run is under way")
	}
	return nil
}

// ordered finds the runs that an order is for: the one that is named, else all that are under way.
func (a *app) ordered(ctx context.Context, l engine.Reader, args []string) ([]engine.Run, error) {
	if len(args) > 0 {
		run, err := lookupRun(ctx, l, args[0])
		return []engine.Run{run}, err
	}
	var runs []engine.Run
	for run, err := range l.Runs(ctx, engine.RunFilter{Status: engine.RunRunning}) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// ended says whether a run came to its end, so that no apply would go on with it.
func ended(run engine.Run) bool {
	switch run.Status {
	case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
		return true
	case engine.RunRunning, engine.RunStopped, engine.RunInterrupted:
	}
	return false
}

// said is what an order means for a run.
func said(kind engine.OrderKind, run engine.Run) string {
	switch {
	case kind == engine.OrderCancel && run.Status == engine.RunRunning:
		return "what waits in it is dropped, and what would wait"
	case kind == engine.OrderCancel:
		return fmt.Sprintf("%s dropped; waybill deliveries %s --is skipped lists the rows", wereMessages(run.Counts.Waiting), run.ID)
	case run.Status == engine.RunRunning:
		return "it ends within a second; waybill resume " + run.ID + " goes on"
	case !run.WaitsUntil.IsZero() && run.Counts.Waiting > 0:
		return fmt.Sprintf("%s of it waited until %s, and is not taken up by itself then; waybill resume %s takes it up, and what may not go yet waits on",
			wording.Plural(run.Counts.Waiting, "message"), run.WaitsUntil.UTC().Format(time.RFC3339), run.ID)
	}
	return fmt.Sprintf("it is %s already, and only waybill resume %s goes on with it", run.Status, run.ID)
}
