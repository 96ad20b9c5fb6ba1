package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"waybill/engine"
	"waybill/engine/report"
	"waybill/engine/runner"
)

// planFile is a plan as it is saved: what the engine has to know to do exactly that, where the ledger is, and the
// plan itself for its reviewers. It names secrets and does not hold them. Paths in it are relative to its folder; see planFolder.
type planFile struct {
	runner.SavedPlan

	State      string      `json:"state"` // the ledger: a path, or the address of a database
	Sandbox    bool        `json:"sandbox"`
	AllowPaths []string    `json:"allowPaths"`
	AllowURLs  []string    `json:"allowUrls,omitempty"`
	Rates      string      `json:"rates,omitempty"` // --rates
	Plan       report.Plan `json:"plan"`
}

// savePlan writes a plan for apply, readable by its owner alone.
func (s *session) savePlan(path string, saved *runner.SavedPlan, p *engine.Plan) error {
	file := planFile{
		SavedPlan: *saved, State: withoutPassword(s.state), Sandbox: s.flags.sandbox,
		AllowPaths: append([]string{}, s.flags.allow...), AllowURLs: s.flags.allowURLs, Rates: s.flags.rates, Plan: s.document(p),
	}
	folder, err := folderOfPlan(path)
	if err == nil {
		err = file.eachPath(folder.relative)
	}
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := report.WriteJSON(&text, file); err != nil {
		return err
	}
	safe := s.app.redactor.Redact(text.String())
	if err := savedPlans().write(path, []byte(safe)); err != nil {
		return err
	}
	fmt.Fprintf(s.app.err, "saved to %s; waybill apply %s sends exactly this\n", path, quote(path))
	return nil
}

// readPlanFile reads a saved plan; nil when the file is something else, which is for others to read.
func readPlanFile(path string) (*planFile, error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, nil //nolint:nilerr // reading it as a job says what is wrong with it
	}
	text, err := io.ReadAll(io.LimitReader(file, mostPlan))
	if err := errors.Join(err, file.Close()); err != nil || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil, nil //nolint:nilerr // likewise
	}
	saved, ok, err := runner.ReadSavedPlan(text)
	if err != nil {
		return nil, usageError(fmt.Sprintf("%s: %v", path, err), "")
	}
	if !ok {
		return nil, nil
	}
	plan := &planFile{}
	if err := json.Unmarshal(text, plan); err != nil {
		return nil, usageError(fmt.Sprintf("%s is no plan that this program saved: %v", path, err), "")
	}
	plan.SavedPlan = *saved
	folder, err := folderOfPlan(path)
	if err != nil {
		return nil, err
	}
	return plan, plan.eachPath(folder.absolute)
}

// mostPlan bounds what is read of a saved plan: it holds a few samples, and not the messages.
const mostPlan = 64 << 20

// applyPlan does what a saved plan says, if it is still what would be done: the engine checks that under the lock.
func (a *app) applyPlan(ctx context.Context, saved *planFile, f *jobFlags) error {
	f.sandbox, f.job, f.only, f.limit = saved.Sandbox, saved.Job, saved.Only, saved.Limit
	switch {
	case saved.besideJob():
		f.state = ""
	case withoutPassword(f.state) != saved.State: // else the environment has the password, too
		f.state = saved.State
	}
	f.rates = saved.Rates
	f.allow, f.allowURLs, f.retryFailed = saved.AllowPaths, saved.AllowURLs, saved.RetryFailed
	f.again = againFlags{items: saved.Again.Items, changed: saved.Again.Changed, newRecipient: saved.Again.NewRecipient}
	s, err := a.openJob(shownPath(saved.File), f)
	if err != nil {
		return err
	}
	inputs, err := json.Marshal(saved.Inputs)
	if err != nil {
		return fmt.Errorf("the inputs of the plan: %w", err)
	}
	if err := engine.InputTexts(inputs, s.given); err != nil {
		return err
	}
	req, err := s.request(s.jobs[0], engine.ModeApply, saved.Scope)
	if err != nil {
		return err
	}
	if err := a.mayBegin(s.state, f, true); err != nil {
		return err
	}
	if !a.quiet {
		fmt.Fprintf(a.err, "the plan of %s: job %s, ledger %s\n", saved.MadeAt.Format(time.RFC3339), s.file, nameOfState(shownPath(s.state)))
	}
	req.Expect = &saved.SavedPlan
	if err := s.notStaleWhereNew(ctx, req); err != nil {
		return err
	}
	s.sayNewLedger()
	return s.confirmed(ctx, req)
}

// notStaleWhereNew refuses a plan that is stale before a ledger is begun for it. Of one that messages were sent from it is looked at under the
// lock.
func (s *session) notStaleWhereNew(ctx context.Context, req runner.Request) (err error) {
	isNew, err := s.app.isNew(s.state)
	if err != nil || !isNew {
		return nil //nolint:nilerr // one that cannot be opened is refused with the reason when it is
	}
	done, err := s.openReadOnly(s.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	return s.engine(nil).CheckNotStale(ctx, req)
}
