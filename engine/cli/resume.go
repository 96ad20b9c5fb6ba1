package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/runner"
)

func (a *app) resumeCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run that was interrupted, stopped or killed",
		Long: `Goes on where a run ended, with its inputs, its scope and what --only and --limit left of it: nobody is left out, nobody is
messaged twice. When the job file changed since, it says what differs, and goes on with it only by --job-changed. RUN is an id, the beginning of one, or "last".`,
		Example: `  waybill resume last
  waybill resume 20260325-0900 --state clinic/.waybill/ledger.db`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	f.bindYes(c)
	f.bindSettle(c)
	f.bindAllow(c)
	f.bindRates(c)
	f.bindJobChanged(c)
	f.bindRetryFailed(c)
	f.bindShard(c)
	a.bindEngine(c, f, localEngine)
	bindFormat(c, &f.format, "text", "json", "ndjson")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error {
		run, err := a.findRunToChange(c.Context(), args[0], f)
		if err != nil {
			return err
		}
		if run.Status == engine.RunSucceeded {
			fmt.Fprintf(a.err, "run %s succeeded: there is nothing to go on with\n", run.ID)
			return nil
		}
		s, req, err := a.resumeRequest(run, f)
		if err != nil {
			return err
		}
		return s.confirmed(c.Context(), req)
	}
	return c
}

// resumeRequest makes the request that goes on with a run of the ledger, from where it ended.
func (a *app) resumeRequest(run engine.Run, f *jobFlags) (*session, runner.Request, error) {
	if _, err := os.Stat(run.File); err != nil {
		refusal := usageError(fmt.Sprintf("the job file of run %s is not there: %v", run.ID, err), "put it back where it was")
		return nil, runner.Request{}, refusal
	}
	f.job, f.only, f.limit, f.resumed = run.Job, run.Asked.Only, run.Asked.Limit, true
	f.allowURLs = append(f.allowURLs, run.Asked.AllowURLs...)
	f.allow, f.retryFailed = append(f.allow, run.Asked.AllowPaths...), f.retryFailed || run.Asked.RetryFailed
	s, err := a.openJob(shownPath(run.File), f)
	if err != nil {
		return nil, runner.Request{}, err
	}
	if len(run.Inputs) > 0 {
		if err := engine.InputTexts(run.Inputs, s.given); err != nil {
			return nil, runner.Request{}, fmt.Errorf("the inputs of run %s: %w", run.ID, err)
		}
	}
	req, err := s.request(s.jobs[0], run.Mode, run.Scope)
	req.Resume, req.JobChanged = &run, f.jobChanged
	return s, req, err
}

// findRunToChange is findRun for a command that writes to the ledger then: one of an earlier format is brought to this program's first.
func (a *app) findRunToChange(ctx context.Context, id string, f *jobFlags) (engine.Run, error) {
	run, err := a.findRun(ctx, id, f)
	if !errors.Is(err, engine.ErrEarlier) {
		return run, err
	}
	path, err := findState(f)
	if err == nil {
		err = a.bringUp(path, f.sandbox)
	}
	if err != nil {
		return engine.Run{}, err
	}
	return a.findRun(ctx, id, f)
}

// findRun finds a run in the ledger that the flags mean, and fixes the flags on that ledger.
func (a *app) findRun(ctx context.Context, id string, f *jobFlags) (run engine.Run, err error) {
	path, err := findState(f)
	if err != nil {
		return engine.Run{}, err
	}
	l, err := a.readAsIs(path)
	if err != nil {
		return engine.Run{}, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	f.state = path
	return lookupRun(ctx, l, id)
}

func lookupRun(ctx context.Context, l engine.Reader, id string) (engine.Run, error) {
	run, err := l.Run(ctx, id)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return run, usageError(fmt.Sprintf("there is no run %q in this ledger", id), "waybill runs lists them; last is the newest")
	case err != nil:
		return run, usageError(err.Error(), "waybill runs lists them")
	}
	return run, nil
}

// runIDs completes run ids from the ledger that the flags mean.
func (a *app) runIDs(f *jobFlags) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		const most = 50
		path, err := findState(f)
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		l, err := a.readAsIs(path)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer l.Close() //nolint:errcheck // it was only read
		words := []string{"last"}
		for run, err := range l.Runs(c.Context(), engine.RunFilter{Limit: most}) {
			if err != nil {
				break
			}
			words = append(words, run.ID+"\t"+run.Job+" "+string(run.Status))
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}
