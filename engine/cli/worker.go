package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/runner"
)

// workerLooks is how often a worker looks for a run to help with.
const workerLooks = time.Second

func (a *app) workerCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "worker JOB...",
		Short: "Wait for runs of jobs in a shared ledger, and help with them",
		Long: `Waits until waybill apply or serve works at one of these jobs, on whatever machine, and sends a share of its rows; then it waits for the
next run. It begins none. The ledger is a database (--state postgres://…), and every process needs the same job files and
data files; what the first one read of a query, an address or standard input is in the ledger. Ctrl-C ends it: what is in flight ends, and the other processes have its rows.`,
		Example: `  waybill worker reminders.yaml --state postgres://ledger.clinic.example/waybill`,
		Args:    cobra.MinimumNArgs(1),
	}
	f.bindState(c)
	f.bindExisting(c)
	f.bindAllow(c)
	f.bindSettle(c)
	f.bindShard(c)
	names := a.engineNames()
	a.bindEngine(c, f, names[len(names)-1])
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error { return a.work(c.Context(), args, f) }
	return c
}

// worker helps with runs of some jobs.
type worker struct {
	app     *app
	flags   *jobFlags
	files   map[string]string // by the name of a job: its file
	refused map[string]bool   // runs that it cannot help with
	older   bool              // it was told that others send in an earlier format
}

// work does what comes of the jobs in some files, until ctx ends.
func (a *app) work(ctx context.Context, files []string, f *jobFlags) error {
	if f.sandbox {
		return usageError("a worker shares a ledger, and the sandbox of each process is its own", "run the emulator with waybill sandbox, and point the jobs at it")
	}
	if !isShared(f.state) {
		return usageError("a ledger in a file has one sender at a time, and no worker can help it", "name a database: --state postgres://HOST/DATABASE")
	}
	if err := a.readShard(f); err != nil {
		return err
	}
	if err := a.mayBegin(f.state, f, false); err != nil {
		return err
	}
	e, err := a.engineNamed(f.engine)
	if err != nil {
		return err
	}
	if e != nil && f.shard.text != "" {
		return usageError("--shard takes parts, and "+e.Name()+" gives them", "leave --shard out, or say --engine local")
	}
	w := &worker{app: a, flags: f, files: map[string]string{}, refused: map[string]bool{}}
	for _, file := range files {
		s, err := a.openJob(file, w.fresh())
		if err != nil {
			return err
		}
		for _, job := range s.jobs {
			w.files[job.Name] = file
		}
	}
	if !a.quiet {
		fmt.Fprintf(a.err, "waiting for runs of %s in %s (Ctrl-C ends it)\n", strings.Join(slices.Sorted(maps.Keys(w.files)), ", "), nameOfState(f.state))
	}
	if e != nil {
		return w.workFor(ctx, e)
	}
	return w.wait(ctx)
}

// wait waits for runs and helps with them, until ctx ends.
func (w *worker) wait(ctx context.Context) error {
	status := ExitDone
	for ctx.Err() == nil {
		ended, err := w.next(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		status = ended
		wait := time.NewTimer(workerLooks)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
	if status == ExitInterrupted {
		return exit(status)
	}
	return nil
}

// fresh are the flags for one use of a job file.
func (w *worker) fresh() *jobFlags {
	f := *w.flags
	f.format = "text"
	f.resumed = true // standard input is no job's
	return &f
}

// next helps with the runs that are under way.
func (w *worker) next(ctx context.Context) (status int, err error) {
	runs, err := w.underWay(ctx)
	for _, run := range runs {
		if err != nil || ctx.Err() != nil {
			break
		}
		status, err = w.help(ctx, run, func(req *runner.Request) { req.Helps = true })
		if err != nil && ctx.Err() == nil {
			w.refused[run.ID] = true // it is told once
			w.app.explain(ctx, fmt.Errorf("run %s goes on without this process: %w", run.ID, err))
			err = nil
		}
	}
	return status, err
}

// broughtUp is the ledger, once it is brought to this program's format; nil: others send in that of before, and it waits for their end.
func (w *worker) broughtUp(ctx context.Context) (engine.Ledger, error) {
	err := w.app.bringUp(w.flags.state, w.flags.sandbox)
	if _, locked := errors.AsType[*engine.LockedError](err); locked {
		if !w.older {
			w.older = true // it is told once
			w.app.explain(ctx, err)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w.app.readLedgerIfThere(w.flags.state)
}

// underWay are the divided runs of the worker's jobs that have parts which are not done.
func (w *worker) underWay(ctx context.Context) (found []engine.Run, err error) {
	l, err := w.app.readLedgerIfThere(w.flags.state)
	if errors.Is(err, engine.ErrEarlier) {
		l, err = w.broughtUp(ctx)
	}
	if err != nil || l == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	shared, ok := l.(engine.PartsReader)
	if !ok {
		return nil, nil
	}
	for run, err := range l.Runs(ctx, engine.RunFilter{Status: engine.RunRunning}) {
		if err != nil {
			return nil, err
		}
		if w.files[run.Job] == "" || w.refused[run.ID] {
			continue
		}
		parts, err := shared.RunParts(ctx, run.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			if !p.Done {
				found = append(found, run)
				break
			}
		}
	}
	return found, nil
}

// help works at a run until none of its rows is left, or as changes its request.
func (w *worker) help(ctx context.Context, run engine.Run, as func(*runner.Request)) (status int, err error) {
	f := w.fresh()
	f.job, f.only, f.limit, f.retryFailed, f.newRows = run.Job, run.Asked.Only, run.Asked.Limit, run.Asked.RetryFailed, run.Asked.NewRows
	f.noReceiver = run.Asked.NoReceiver
	again := run.Asked.Again
	f.again = againFlags{items: again.Items, changed: again.Changed, newRecipient: again.NewRecipient}
	f.allowURLs = append(f.allowURLs, run.Asked.AllowURLs...)
	s, err := w.app.openJob(w.files[run.Job], f)
	if err != nil {
		return ExitInvalid, err
	}
	if len(run.Inputs) > 0 {
		if err := engine.InputTexts(run.Inputs, s.given); err != nil {
			return ExitInvalid, fmt.Errorf("the inputs of run %s: %w", run.ID, err)
		}
	}
	req, err := s.request(s.jobs[0], run.Mode, run.Scope)
	if err != nil {
		return ExitInvalid, err
	}
	req.Plan = run.Asked.Plan
	as(&req)
	if err := s.begin(ctx); err != nil {
		return ExitFailed, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	return w.perform(ctx, s, req)
}

// perform does it, unless the run is over by now.
func (w *worker) perform(ctx context.Context, s *session, req runner.Request) (int, error) {
	_, status, err := s.performOne(ctx, req, 0)
	if errors.Is(err, engine.ErrNotFound) {
		return ExitDone, nil
	}
	return status, err
}
