package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/ledger"
	"waybill/engine/runner"
	"waybill/engine/schedule"
	"waybill/steps"
	"waybill/whatsapp"
)

// session is one command's use of a job file: its jobs, its ledger and, in the sandbox, the emulator.
type session struct {
	app      *app
	flags    *jobFlags
	file     string // as the user named it
	state    string // path of the ledger
	jobs     []*engine.Job
	loader   *jobfile.Loader
	given    map[string]string // inputs
	slot     *ledgerSlot
	emulator *emulator // nil outside the sandbox
	screen   *screen
}

// screen is standard error as those see it who write in the background: above the live line while there is one.
type screen struct {
	mu sync.Mutex
	to io.Writer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

func (s *screen) show(to io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
}

// ledgerSlot lets operations be made before the ledger is opened: a file that is wrong leaves no ledger behind.
type ledgerSlot struct{ engine.Ledger }

// open reads a job file and checks everything that can be checked before a ledger is touched.
func (a *app) open(file string, f *jobFlags) (*session, error) {
	given, err := f.givenInputs()
	if err != nil {
		return nil, err
	}
	if f.limit < 0 {
		return nil, usageError("--limit counts items: 0 is all", "")
	}
	state, err := statePath(f, file)
	if err != nil {
		return nil, err
	}
	s := &session{app: a, flags: f, file: file, state: state, given: given, slot: &ledgerSlot{}, screen: &screen{to: a.err}}
	s.loader = s.newLoader()
	jobs, err := a.loadFile(file, s.loader)
	if err != nil {
		return nil, err
	}
	s.jobs, err = pick(jobs, f.job)
	return s, err
}

func (s *session) newLoader() *jobfile.Loader {
	lookup, transport := s.app.env.LookupEnv, http.RoundTripper(nil)
	if s.flags.sandbox {
		s.emulator = s.app.newEmulator(s.slot, s.app.log(s.screen))
		lookup, transport = sandboxLookup(lookup), s.emulator.server
	}
	return s.app.loader(lookup, steps.World{
		Transport: transport, Proxy: http.ProxyFromEnvironment, Ledger: s.slot, Now: s.app.env.Now, Version: version().Version,
	}, s.flags)
}

// loader knows the six operations.
func (a *app) loader(lookup func(string) (string, bool), world steps.World, f *jobFlags) *jobfile.Loader {
	return &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Operations: steps.All(world), Lookup: lookup, Redactor: a.redactor, Now: a.env.Now,
		AllowPaths: f.allow, Override: f.sandbox, Cron: cronFault, CheckBase: whatsapp.CheckBaseURL,
	}
}

// cronFault says what is wrong with a cron expression.
func cronFault(spec string, zone *time.Location) error {
	_, err := schedule.Parse(spec, zone)
	return err
}

// request says what is asked of one job. Its inputs are typed here; findings come as a diag.List error.
func (s *session) request(job *engine.Job, mode engine.Mode, scope string) (runner.Request, error) {
	inputs, findings := job.ParseInputs(s.given)
	if err := findings.Err(); err != nil {
		return runner.Request{}, err
	}
	only, err := checkOnly(job, s.flags.only)
	if err != nil {
		return runner.Request{}, err
	}
	file, err := filepath.Abs(s.file)
	if err != nil {
		return runner.Request{}, err
	}
	allow, err := absolute(s.flags.allow)
	if err != nil {
		return runner.Request{}, err
	}
	req := runner.Request{
		Job: job, Mode: mode, Scope: scope, Inputs: inputs, Open: engine.Files(job, allow), AllowPaths: allow,
		Only: only, Limit: s.flags.limit, File: file, RetryFailed: s.flags.retryFailed,
	}
	if s.emulator != nil {
		req.Connection = s.emulator.connection()
	}
	return req, nil
}

// absolute gives paths that mean the same from every folder.
func absolute(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		all = append(all, abs)
	}
	return all, nil
}

// requests makes one for each job of the file: all of them, or the findings of all.
func (s *session) requests(mode engine.Mode, scope string) ([]runner.Request, error) {
	var requests []runner.Request
	var failures []error
	for _, job := range s.jobs {
		req, err := s.request(job, mode, scope)
		requests, failures = append(requests, req), append(failures, err)
	}
	return requests, joinFindings(failures)
}

// engine is the engine on this session's ledger.
func (s *session) engine(l *ledger.Ledger, observe func(engine.Event)) *runner.Engine {
	e := &runner.Engine{Now: s.app.env.Now, Observe: observe, Redact: s.app.redactor.Redact, Hide: s.app.redactor.Add}
	if l != nil { // a nil *Ledger in the interface would not be nil
		e.Ledger = l
	}
	return e
}

// begin opens the ledger for sending and starts the emulator.
func (s *session) begin(ctx context.Context) (*ledger.Ledger, error) {
	l, err := s.app.openLoggedLedger(s.state, s.flags.sandbox, s.app.ledgerLog(s.screen))
	if err != nil {
		return nil, err
	}
	s.slot.Ledger = l
	if s.emulator != nil {
		s.emulator.Start(ctx)
	}
	return l, nil
}

// end stops what begin started.
func (s *session) end() error {
	if s.emulator != nil {
		s.emulator.Stop()
	}
	return s.slot.Close()
}

// peek opens the session's ledger for reading; nil where there is none.
func (s *session) peek() (*ledger.Ledger, func() error, error) {
	l, err := s.app.peekLedger(s.state)
	if err != nil || l == nil {
		return nil, func() error { return nil }, err
	}
	s.slot.Ledger = l
	return l, l.Close, nil
}

// joinFindings makes one error of several: other errors before findings, and findings together in one list.
func joinFindings(failures []error) error {
	var list diag.List
	var others []error
	for _, err := range failures {
		if found, ok := errors.AsType[*diag.ListError](err); ok {
			list = append(list, found.List...)
		} else if err != nil {
			others = append(others, err)
		}
	}
	if len(others) > 0 {
		return others[0]
	}
	return list.Err()
}
