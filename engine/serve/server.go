package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/dashboard"
	"waybill/engine/dashboard/metrics"
	"waybill/engine/notify"
	"waybill/engine/runner"
	"waybill/engine/schedule"
)

// DashboardTokenVariable is the environment variable of Options.DashboardToken.
const DashboardTokenVariable = "WAYBILL_DASHBOARD_TOKEN" //nolint:gosec // a name

// Options is what a server is made of. Fields without a remark are required.
type Options struct {
	Jobs      *Jobs
	Ledger    engine.Ledger
	State     string             // where the ledger is, for people
	Alarms    metrics.AlarmsFunc // nil: /metrics lacks its figures
	Listeners *Listeners
	Secrets   Secrets
	Emulator  *Emulator      // nil outside the sandbox
	Words     audience.Words // what people write to be left alone; the zero value knows none

	DashboardToken string         // asked for by the dashboard; empty: only this machine is answered
	OpenToAll      bool           // requests come from beyond this machine, over TLS
	Zone           *time.Location // of the times on the dashboard; nil: the one that all schedules share, else UTC

	AllowURLs  []string                  // hosts that scheduled jobs may fetch rows from, which a resume uses again
	AllowPaths []string                  // folders beyond their own that scheduled jobs may read
	Where      string                    // what a command needs to find the ledger: " --state FILE"; may be empty
	By         engine.Actor              // who serves: stands with its runs and with what is ordered on the dashboard
	Next       func(engine.Run) []string // the commands that go on from the end of a run
	// Tell tells those whom a job wants told of an event; nil: nobody.
	Tell func(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any, e notify.Event) error
	// TellPending tells what could not be told before of a job; nil where Tell is.
	TellPending func(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any) error
	Meaning     func(code int) (title, action string) // what an error code means and what to do
	Reads       func(jobFile, body string) string     // how a message that was kept reads; empty: nobody knows
	// CSV writes deliveries of a run as a table for a spreadsheet.
	CSV     func(ctx context.Context, w io.Writer, run engine.Run, filter engine.DeliveryFilter) error
	Redact  func(string) string // takes secrets out of what is written down
	Hide    func(secret string) // makes another secret known to Redact
	Now     func() time.Time
	Log     *slog.Logger
	Version string // of the program
}

// Secrets are what WhatsApp's callbacks are checked by. The zero value refuses all of them.
type Secrets struct {
	App    []string // one of them signs each callback
	Verify string   // the handshake shows it
}

// Emulator is the sandbox that --sandbox serves beside everything else.
type Emulator struct {
	http.Handler

	Run        func(context.Context) error // its people at work: delivers webhooks until the context ends
	Connection *engine.Connection          // takes the place of every connection of a job
}

// Server is a receiver, a scheduler and a dashboard on one ledger. Use New.
type Server struct {
	options  Options
	log      *slog.Logger
	jobs     *Jobs
	ledger   engine.Ledger
	metrics  *metrics.Metrics
	receiver *receiver

	telling  sync.WaitGroup // notifications under way
	mu       sync.Mutex
	running  map[string]string // scope of the occurrence under way, by job
	waits    map[string]string // who is in the way of an occurrence that is due, by job
	unstored time.Time         // when a webhook last could not be stored; zero: the last one was
}

// New makes a server. Nothing is answered or started before Run; the listeners and the ledger stay the caller's to close.
func New(o Options) (*Server, error) {
	s := &Server{options: o, log: o.Log, jobs: o.Jobs, ledger: o.Ledger, running: map[string]string{}, waits: map[string]string{}}
	var err error
	s.metrics, err = metrics.New(metrics.Options{
		Ledger: o.Ledger, Now: o.Now, Version: o.Version, Log: o.Log, Alarms: o.Alarms, Broken: o.Jobs.broken,
	})
	if err != nil {
		return nil, err
	}
	s.receiver = newReceiver(s)
	return s, nil
}

// Webhooks is the receiver alone, for an emulator inside this process.
func (s *Server) Webhooks() http.Handler { return s.receiver }

// Run works until ctx ends, or until one part fails, which ends the others too. After an orderly stop it returns nil.
func (s *Server) Run(ctx context.Context) error {
	if err := s.hearWordsSaidBefore(ctx); err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	part := func(name string, run func(context.Context) error) {
		parts.Go(func() error {
			if err := run(ctx); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	listeners, emulator := s.options.Listeners, s.options.Emulator
	part("the scheduler", s.schedule)
	part("the runs that wait", s.waiting)
	part("the watch over job files", s.jobs.watch)
	part("the server", func(ctx context.Context) error { return s.serveHTTP(ctx, listeners.Public, s.handler()) })
	part("the webhook retention", s.retention)
	part("the heartbeat", s.heartbeat)
	part("the watch over silence", s.silence)
	part("the outbox", s.outbox)
	if emulator != nil {
		part("the emulator's people", emulator.Run)
		part("the emulator", func(ctx context.Context) error { return s.serveHTTP(ctx, listeners.Emulator, emulator) })
	}
	stop := context.AfterFunc(ctx, func() {
		s.log.LogAttrs(context.Background(), slog.LevelInfo, "stopping: nothing new is begun, what is in flight ends")
	})
	defer stop()
	err := parts.Wait()
	s.telling.Wait()
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "stopped")
	return err
}

// schedule starts jobs when they are due.
func (s *Server) schedule(ctx context.Context) error {
	adopted, err := s.ledger.AdoptedAt(ctx)
	if err != nil {
		return err
	}
	loop := &schedule.Loop{
		Jobs: s.jobs.List, Changed: s.jobs.files.Changed(), Start: s.start, Runs: s.ledger.Runs, Now: s.options.Now, Log: s.log, Adopted: adopted,
		Skipped: func(skip schedule.Skip) {
			for range skip.Count {
				s.metrics.Missed(skip.Job)
			}
			s.tellMissed(ctx, skip)
		},
	}
	return loop.Run(ctx)
}

// engine executes scheduled jobs.
func (s *Server) engine(observe func(engine.Event)) *runner.Engine {
	return &runner.Engine{Ledger: s.ledger, Now: s.options.Now, Observe: observe, Redact: s.options.Redact, Hide: s.options.Hide}
}

// ready returns why webhooks should not come here right now; nil: they should.
func (s *Server) ready(ctx context.Context) error {
	const notReadyFor = 30 * time.Second // then another try shows whether a full disk has room again
	if _, err := s.ledger.Receiving(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unstored.IsZero() && s.options.Now().Sub(s.unstored) < notReadyFor {
		return errors.New("the last webhook could not be stored")
	}
	return nil
}

// dashboard says what of the ledger is shown in a browser, and to whom.
func (s *Server) dashboard() dashboard.Options {
	return dashboard.Options{
		Ledger: s.ledger, People: s.ledger, Now: s.options.Now, Zone: cmp.Or(s.options.Zone, s.jobs.zone()), Meaning: s.options.Meaning,
		Schedules: s.schedules, Token: s.options.DashboardToken, Version: s.options.Version, Log: s.log,
		Sandbox: s.options.Emulator != nil, Where: s.options.Where, Reads: s.options.Reads, CSV: s.options.CSV,
		Stop: s.order(engine.OrderStop), Cancel: s.order(engine.OrderCancel),
	}
}

// order returns what gives an order of one kind to a run.
func (s *Server) order(kind engine.OrderKind) func(ctx context.Context, run string) error {
	return func(ctx context.Context, run string) error {
		return s.ledger.Give(ctx, run, engine.Order{Kind: kind, By: s.options.By, At: s.options.Now()})
	}
}
