package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/jobfile"
	"waybill/engine/runner"
	"waybill/engine/schedule"
	"waybill/engine/sources"
	"waybill/steps"
	"waybill/steps/template"
	"waybill/whatsapp"
)

// setup is what a command that knows job files works with: the one way in which loader, emulator and ledger are put
// together. Nothing is opened or started by making it.
type setup struct {
	app      *app
	flags    *jobFlags
	loader   *jobfile.Loader
	locks    *template.Locks // what is known of the templates; nil where the account itself is to be asked
	ledger   *lazyLedger
	emulator *emulator // nil outside the sandbox
}

// lazyLedger lets operations be made before the ledger is opened: a file that is wrong leaves no ledger behind.
type lazyLedger struct{ engine.Ledger }

// pacer keeps the pace of numbers, where several processes send from the ledger; else nil.
func (l *lazyLedger) pacer() engine.Pacer {
	p, _ := l.Ledger.(engine.Pacer)
	return p
}

// newSetup makes it. speed is the emulator's, see sandbox.Options; log hears the emulator.
func (a *app) newSetup(f *jobFlags, speed float64, log *slog.Logger) *setup {
	return a.newSetupWith(f, speed, log, a.locks(f))
}

// locks are those beside the jobs.
func (a *app) locks(f *jobFlags) *template.Locks {
	return &template.Locks{Now: a.env.Now, Name: shownPath, AnyAccount: f.sandbox}
}

// reviewedLocks are the same for a command that sends nothing: what is in review is a warning.
func (a *app) reviewedLocks(f *jobFlags) *template.Locks {
	locks := a.locks(f)
	locks.Reviewing = true
	return locks
}

// newSetupWith is newSetup with other locks; nil: jobs are read without a word about their templates.
func (a *app) newSetupWith(f *jobFlags, speed float64, log *slog.Logger, locks *template.Locks) *setup {
	s := &setup{app: a, flags: f, ledger: &lazyLedger{}, locks: locks}
	lookup := a.env.LookupEnv
	world := steps.World{Proxy: http.ProxyFromEnvironment, Ledger: s.ledger, Pacer: s.ledger.pacer, Now: a.env.Now, Version: version().Version, Templates: locks}
	if f.sandbox {
		s.emulator = newEmulator(a.env.Now, speed, s.recordWebhooks(log), log)
		lookup, world.Transport = sandboxLookup(lookup), s.emulator.server
	}
	s.loader = &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Operations: steps.All(world), Sources: a.sourcesOf(f), Lookup: lookup, Redactor: a.redactor, Now: a.env.Now,
		AllowPaths: f.allow, Override: f.sandbox, Cron: checkCron, CheckBase: whatsapp.CheckBaseURL,
		CheckID: whatsapp.CheckID, CheckToken: whatsapp.CheckToken, Loopback: whatsapp.Loopback,
	}
	return s
}

// sourcesOf are where the items of jobs can come from.
func (a *app) sourcesOf(f *jobFlags) []engine.Source {
	return sources.All(sources.World{AllowURLs: f.allowURLs, Proxy: http.ProxyFromEnvironment, UserAgent: "waybill/" + version().Version, Hide: a.redactor.Add})
}

// newSpool makes one that is freed when the command ends. stdin is nil where a job may not read it.
func (a *app) newSpool(stdin io.Reader) *engine.Spool {
	spool := engine.NewSpool(stdin)
	a.spools = append(a.spools, spool)
	return spool
}

// closeSpools frees what the command kept of what its jobs read.
func (a *app) closeSpools() {
	for _, spool := range a.spools {
		if err := spool.Close(); err != nil {
			fmt.Fprintf(a.err, "%v\n", err)
		}
	}
}

// checkCron says what is wrong with a cron expression, and what others read in another way.
func checkCron(spec string, zone *time.Location) (starredDay string, err error) {
	c, err := schedule.Parse(spec, zone)
	if err != nil {
		return "", err
	}
	return c.StarredDay(), nil
}

// connection takes the place of every connection of a job; nil outside the sandbox.
func (s *setup) connection() *engine.Connection {
	if s.emulator == nil {
		return nil
	}
	return sandboxConnection()
}

// open opens the ledger for sending, and begins it when there is none.
func (s *setup) open(ctx context.Context, path string, log *slog.Logger) (engine.Ledger, error) {
	l, err := s.app.beginLedger(ctx, path, s.flags, log)
	if err != nil {
		return nil, err
	}
	s.ledger.Ledger = l
	return l, nil
}

// openReadOnly opens the ledger for reading, until it is closed by what this returns. Where there is no ledger, engine knows
// that nothing was ever sent.
func (s *setup) openReadOnly(path string) (done func() error, err error) {
	l, err := s.app.readLedgerIfThere(path)
	if err != nil || l == nil {
		return func() error { return nil }, err
	}
	s.ledger.Ledger = l
	return func() error {
		s.ledger.Ledger = nil
		return l.Close()
	}, nil
}

// engine is the engine on the ledger that is open.
func (s *setup) engine(observe func(engine.Event)) *runner.Engine {
	return &runner.Engine{
		Ledger: s.ledger.Ledger, Now: s.app.env.Now, Observe: observe, Redact: s.app.redactor.Redact, Hide: s.app.redactor.Add,
	}
}

// recordWebhooks receives the emulator's webhooks into the ledger, also those that come while the run ends.
func (s *setup) recordWebhooks(log *slog.Logger) http.Handler {
	return steps.Webhooks{
		AppSecrets: sandboxSecrets().App, VerifyToken: sandboxSecrets().Verify, Now: s.app.env.Now, Log: log, Words: audience.NewWords(),
		Record: func(ctx context.Context, r engine.Report) error {
			return s.ledger.Record(context.WithoutCancel(ctx), r)
		},
	}.Handler()
}
