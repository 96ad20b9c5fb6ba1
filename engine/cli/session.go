package cli

import (
	"context"
	"errors"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/runner"
)

// session is one command's use of a job file: its jobs, and the ledger that they are done with.
type session struct {
	*setup

	file   string // as the user named it
	state  string // path of the ledger
	jobs   []*engine.Job
	given  map[string]string // inputs
	stderr *backgroundStderr
	spool  *engine.Spool // of all of its jobs
}

// openJob reads a job file and checks everything that can be checked before a ledger is touched.
func (a *app) openJob(file string, f *jobFlags) (*session, error) {
	given, err := f.givenInputs()
	if err != nil {
		return nil, err
	}
	if f.limit < 0 {
		return nil, usageError("--limit counts items: 0 is all", "")
	}
	if err := a.readShard(f); err != nil {
		return nil, err
	}
	state, err := statePath(f, file)
	if err != nil {
		return nil, err
	}
	stdin := a.env.Stdin
	if f.resumed {
		stdin = nil // what the run got by it is gone, and this is something else
	}
	s := &session{spool: a.newSpool(stdin), file: file, state: state, given: given, stderr: &backgroundStderr{to: a.err}}
	s.setup = a.newSetup(f, embeddedSpeed, a.log(s.stderr))
	jobs, err := a.loadFile(file, s.loader)
	if err != nil {
		return nil, err
	}
	s.loader = nil // the one file is read, and its schema is a tenth of what a run keeps in memory
	s.jobs, err = pick(jobs, f.job)
	return s, err
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
	rates, err := s.app.readRates(s.flags.rates)
	if err != nil {
		return runner.Request{}, err
	}
	req := runner.Request{
		Job: job, Rates: rates, Mode: mode, Scope: scope, Inputs: inputs, Open: engine.Files(job, allow), AllowPaths: allow, AllowURLs: s.flags.allowURLs,
		Connection: s.connection(), Spool: s.spool,
		Only: only, Limit: s.flags.limit, File: file, RetryFailed: s.flags.retryFailed, Again: s.flags.again.chosen(),
		Shard: s.flags.shard.shard, By: s.app.actor(job.Dir), Settle: s.flags.settle.value(), TestTo: s.flags.testTo, NextWave: s.flags.nextWave, NewRows: s.flags.newRows, NoReceiver: s.flags.noReceiver, Tracked: tracked(job.Dir),
	}
	if s.emulator != nil {
		req.Receives, req.Expecting = true, s.emulator.expecting
	}
	return req, nil
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

// begin opens the ledger for sending and starts the emulator.
func (s *session) begin(ctx context.Context) error {
	if _, err := s.open(ctx, s.state, s.app.ledgerLog(s.stderr)); err != nil {
		return err
	}
	if s.emulator != nil {
		if err := s.seedTemplates(s.jobs); err != nil {
			return errors.Join(err, s.ledger.Close())
		}
		s.emulator.Start(ctx)
	}
	return nil
}

// end stops what begin started.
func (s *session) end() error {
	if s.emulator != nil {
		s.emulator.Stop()
	}
	return s.ledger.Close()
}

// hints are the commands that go on from this one.
func (s *session) hints() hints { return hints{app: s.app, flags: s.flags, state: s.state} }
