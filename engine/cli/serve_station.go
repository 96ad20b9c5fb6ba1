package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"waybill/engine/dashboard/metrics"
	"waybill/engine/jobfile"
	"waybill/engine/ledger"
	"waybill/engine/schedule"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
)

// station is waybill serve at work: a receiver, a scheduler and a dashboard on one ledger.
type station struct {
	app      *app
	options  *serveOptions
	log      *slog.Logger
	state    string // path of the ledger
	given    map[string]string
	slot     *ledgerSlot
	ledger   *ledger.Ledger
	loader   *jobfile.Loader
	files    *schedule.Files
	emulator *emulator // nil outside the sandbox
	receiver *receiver
	metrics  *metrics.Metrics

	mu       sync.Mutex
	problems map[string]string // of job files whose newest version cannot be used, by path
	running  map[string]string // scope of the occurrence under way, by job
	unstored time.Time         // when a webhook last could not be stored; zero: the last one was
}

// newStation reads the jobs. Nothing is opened or made yet.
func (a *app) newStation(paths []string, o *serveOptions) (*station, error) {
	s := &station{
		app: a, options: o, log: a.serveLog(o.logForm), slot: &ledgerSlot{},
		problems: map[string]string{}, running: map[string]string{},
	}
	files, err := serveFiles(paths)
	if err != nil {
		return nil, err
	}
	if s.state, err = serveState(&o.jobFlags, files); err != nil {
		return nil, err
	}
	s.loader = s.newLoader()
	return s, s.openJobs(files)
}

// serveFiles gives the job files that are named, and those in the folders that are.
func serveFiles(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return jobFilesIn(paths)
}

func (s *station) newLoader() *jobfile.Loader {
	world := steps.World{Proxy: http.ProxyFromEnvironment, Ledger: s.slot, Now: s.app.env.Now, Version: version().Version}
	lookup := s.app.env.LookupEnv
	if s.options.sandbox {
		s.emulator = s.newEmulator()
		lookup, world.Transport = sandboxLookup(lookup), s.emulator.server
	}
	return s.app.loader(lookup, world, &s.options.jobFlags)
}

// newEmulator makes a sandbox whose people are as quick as people, and whose webhooks go through the receiver.
func (s *station) newEmulator() *emulator {
	return &emulator{server: sandbox.New(sandbox.Options{
		Now: s.app.env.Now, Throughput: -1, OpenWindow: true, Parallel: 8, SampleAnalytics: true,
		Answers: sandbox.Answers{Every: 2}, Log: s.log,
		Deliver: func(ctx context.Context, body []byte, signature string) error {
			return post(ctx, s.receiver, body, signature)
		},
	})}
}

// openLedger opens the ledger beside whoever sends, and what counts and receives into it.
func (s *station) openLedger() error {
	l, err := s.app.openLoggedLedger(s.state, s.options.sandbox, s.log)
	if err != nil {
		return err
	}
	s.ledger, s.slot.Ledger = l, l
	s.metrics, err = metrics.New(metrics.Options{
		Ledger: l, Now: s.app.env.Now, Version: version().Version, Log: s.log,
		Alarms: func(ctx context.Context) (metrics.Alarms, error) {
			a, err := l.Alarms(ctx)
			return metrics.Alarms(a), err
		},
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s.receiver = s.newReceiver()
	return nil
}

// run works until ctx ends, or until one part fails, which ends the others too.
func (s *station) run(ctx context.Context, e *ears) error {
	parts, ctx := errgroup.WithContext(ctx)
	part := func(name string, run func(context.Context) error) {
		parts.Go(func() error {
			if err := run(ctx); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	part("the scheduler", s.schedule)
	part("the watch over job files", func(ctx context.Context) error { return s.files.Run(ctx, s.changed) })
	part("the server", func(ctx context.Context) error { return s.serveHTTP(ctx, e.public, s.handler()) })
	part("the broom", s.sweep)
	if s.emulator != nil {
		part("the emulator's people", s.emulator.server.Run)
		part("the emulator", func(ctx context.Context) error { return s.serveHTTP(ctx, e.emulator, s.emulator.server) })
	}
	stop := context.AfterFunc(ctx, func() {
		s.log.LogAttrs(context.Background(), slog.LevelInfo, "stopping: nothing new is begun, what is in flight ends")
	})
	defer stop()
	err := parts.Wait()
	s.log.LogAttrs(context.Background(), slog.LevelInfo, "stopped")
	return err
}

// sweep takes away what webhooks brought and nobody needs any more, once a day: their raw bytes, and statuses of
// messages that this ledger never sent. What they said of deliveries stays.
func (s *station) sweep(ctx context.Context) error {
	const kept, pause = 30 * 24 * time.Hour, 24 * time.Hour
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := s.ledger.Compact(ctx, s.app.env.Now().Add(-kept)); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "old webhooks could not be taken away", slog.String("error", err.Error()))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// ready says why webhooks should not come here right now; nil: they should.
func (s *station) ready(ctx context.Context) error {
	const penance = 30 * time.Second // so that a full disk is found to have room again: by trying
	if _, err := s.ledger.Receiving(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.unstored.IsZero() && s.app.env.Now().Sub(s.unstored) < penance {
		return errors.New("the last webhook could not be stored")
	}
	return nil
}
