package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/engine/wording"
)

// localEngine is the word for a run that the processes that work at it divide among themselves. It is always there.
const localEngine = "local"

// Engine drives runs that are divided: it says which process does which part, and when. What was sent is the ledger's to know alone.
type Engine interface {
	// Name is the word for --engine.
	Name() string
	// Bind adds the flags that say where it is.
	Bind(flags *pflag.FlagSet)
	// Connect reaches it. The error is for people, and says where it looked.
	Connect(ctx context.Context, env EngineEnv) (EngineConnection, error)
}

// EngineEnv is what an engine sees of the process. Both are set.
type EngineEnv struct {
	LookupEnv func(string) (string, bool)
	Log       *slog.Logger
}

// EngineConnection is an engine that was reached. It may be lost and found again meanwhile.
type EngineConnection interface {
	// Drive gives it a run; one that it drives already it goes on with.
	Drive(ctx context.Context, run DrivenRun) (Driven, error)
	// Work does the parts that it gives to this process, until ctx ends; what is under way then ends first. An error: it cannot, for now.
	Work(ctx context.Context, ledger string, jobs []string, parts Parts) error
	Close()
}

// DrivenRun names a run to an engine. Nothing else of it leaves the ledger.
type DrivenRun struct {
	Ledger string // tells ledgers apart, and says nothing of where they are
	Job    string
	ID     string
}

// Driven is a run that an engine drives.
type Driven struct {
	Name string                          // what it is called there
	Wait func(ctx context.Context) error // returns when the engine is done with it
}

// Parts does parts of runs in this process. Its errors hold nothing of any row.
type Parts interface {
	// Do has a part of a stage done by this process and returns when it is, or will not be. When ctx ends it returns at once; what was begun
	// goes on.
	Do(ctx context.Context, run string, stage, part int) (PartEnd, error)
	// Next has this process go on from a stage that is over, and returns when the one behind it has begun, which is Done, or the run's end.
	Next(ctx context.Context, run string, stage int) (PartEnd, error)
	// Stands tells how a run stands.
	Stands(ctx context.Context, run string) (Standing, error)
	// Stop orders that a run ends, as waybill stop does.
	Stop(ctx context.Context, run string) error
}

// PartEnd is how it went with a part. None of them: it is to be asked for once more.
type PartEnd struct {
	Done   bool // all of its rows were met
	Over   bool // the run came to its end: nothing of it is to be done
	Held   bool // another process has it: asking is of use when Standing.Held does not name it any more
	Before bool // the run was taken up anew, and is at an earlier stage: what is to be done is another
}

// Standing is how a run stands.
type Standing struct {
	Status engine.RunStatus
	Over   bool  // it came to its end, well or not
	Stage  int   // that it has come to, from 0; -1: to none
	Open   []int // parts of it that are not done
	Held   []int // of Open: those that processes have which were heard of lately

	// FreeIn is how long until the first of Held may be had if its process is silent from now on; zero: none is held.
	FreeIn time.Duration
}

// bindEngine binds --engine, and what says where the engines are.
func (a *app) bindEngine(c *cobra.Command, f *jobFlags, by string) {
	c.Flags().StringVar(&f.engine, "engine", by, "`NAME` of what gives the parts of a shared run to processes: "+strings.Join(a.engineNames(), " or "))
	for _, e := range a.env.Engines {
		e.Bind(c.Flags())
	}
}

func (a *app) engineNames() []string {
	names := []string{localEngine}
	for _, e := range a.env.Engines {
		names = append(names, e.Name())
	}
	return names
}

// engineNamed is the engine that --engine names; nil: local.
func (a *app) engineNamed(name string) (Engine, error) {
	if name == "" || name == localEngine {
		return nil, nil
	}
	i := slices.IndexFunc(a.env.Engines, func(e Engine) bool { return e.Name() == name })
	switch {
	case i >= 0:
		return a.env.Engines[i], nil
	case name == "temporal":
		return nil, usageError("--engine temporal: this build of waybill does not have it", "waybill-temporal is the build that has, and does all that waybill does; the README says how it is built: On Temporal")
	}
	return nil, oneOf("--engine", name, a.engineNames())
}

// connect reaches an engine.
func (a *app) connect(ctx context.Context, e Engine) (EngineConnection, error) {
	return e.Connect(ctx, EngineEnv{LookupEnv: a.env.LookupEnv, Log: a.log(a.err)})
}

// drivenBy has the engine that --engine names drive the requests. disconnect is to be called when they are done.
func (s *session) drivenBy(ctx context.Context, requests []runner.Request) (disconnect func(), err error) {
	disconnect = func() {}
	e, err := s.app.engineNamed(s.flags.engine)
	if e == nil || err != nil {
		return disconnect, err
	}
	if err := s.checkDrivable(e.Name()); err != nil {
		return disconnect, err
	}
	connection, err := s.app.connect(ctx, e)
	if err != nil {
		refusal := &ExitError{
			Code: ExitFailed, Err: fmt.Errorf("nothing was sent: %w", err),
			Hint: "--engine local needs none: it begins a run, and resume RUN --engine local finishes one",
		}
		if wrong, is := errors.AsType[*ExitError](err); is {
			refusal.Code, refusal.Hint = wrong.Code, wrong.Hint
		}
		return disconnect, refusal
	}
	for i := range requests {
		requests[i].Engine = e.Name()
		requests[i].Holder = "waybill " + string(requests[i].Mode) + " --engine " + e.Name()
		requests[i].Placement = &given{session: s, engine: e.Name(), to: connection, job: requests[i].Job.Name, over: make(chan error, 1)}
	}
	return connection.Close, nil
}

// checkDrivable refuses what cannot be given to an engine, before anything is opened.
func (s *session) checkDrivable(name string) error {
	switch {
	case s.flags.sandbox:
		return usageError("--engine "+name+": its workers share a ledger, and the sandbox of each process is its own", "run the emulator with waybill sandbox, and point the job at it")
	case !isShared(s.state):
		return usageError("--engine "+name+": a ledger in a file has one sender at a time, and no worker can help it", "name a database: --state postgres://HOST/DATABASE")
	case s.flags.shard.text != "":
		return usageError("--engine "+name+" gives the parts to its workers, and --shard takes some", "leave one of the two out")
	}
	return nil
}

// given is the placement of a process that gave its run to an engine: it does no part, and stays until all are done.
type given struct {
	session *session
	engine  string
	to      EngineConnection
	job     string
	over    chan error // the engine is done with it

	mu    sync.Mutex
	ended bool
}

// Begin gives the run to the engine.
func (g *given) Begin(ctx context.Context, run string) error {
	a := g.session.app
	driven, err := g.to.Drive(ctx, DrivenRun{Ledger: ledgerMark(g.session.ledger), Job: g.job, ID: run})
	if err != nil {
		return fmt.Errorf("give run %s to %s: %w", run, g.engine, err)
	}
	go func() { g.over <- driven.Wait(ctx) }()
	if !a.quiet {
		fmt.Fprintf(a.err, "%s has the run: %s. Its workers do the rows, and this process stays until they are done; Ctrl-C leaves the run to them,\n"+
			"%s ends it, and without %s %s --engine local goes on\n", g.engine, driven.Name, "waybill stop "+run, g.engine, g.session.hints().resume(run))
	}
	return nil
}

// Parts are none.
func (g *given) Parts(runner.Stage) []int { return []int{} }

// Stands stays until no part is left.
func (g *given) Stands(_ runner.Stage, l engine.Lease) (bool, error) {
	if len(l.Open) == 0 {
		return false, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return false, fmt.Errorf("%s is done with the run, and %s of it %s not", g.engine, wording.Plural(len(l.Open), "part"),
			wording.Agree(len(l.Open), "is", "are"))
	}
	select {
	case err := <-g.over:
		if err != nil && !errors.Is(err, context.Canceled) {
			return false, fmt.Errorf("%s: %w", g.engine, err)
		}
		g.ended = true // the last part may have ended since it was looked
	default:
	}
	return true, nil
}

// ledgerMark tells ledgers apart, and says nothing of where they are.
func ledgerMark(l engine.Reader) string { return fmt.Sprintf("%x", l.Digest([]byte("engine"))) }
