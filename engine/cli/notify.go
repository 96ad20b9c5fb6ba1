package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"waybill/engine"
	"waybill/engine/notify"
	"waybill/engine/runner"
)

// tell tells an event to those whom the job wants told of its kind. It takes notify.MaxDelay at most; what could not be told is the
// error, without an address, and waits in the outbox.
func (a *app) tell(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any, e notify.Event) error {
	if len(job.Notify) == 0 {
		return nil
	}
	targets, wrong := a.targets(ctx, job, inputs, func(on []notify.Kind) bool { return e.Asked(on) })
	var sender notify.Sender
	return errors.Join(wrong, sender.Tell(context.WithoutCancel(ctx), box, a.env.Now(), targets, e))
}

// tellEnded tells how a run ended, which this process took upon itself.
func (a *app) tellEnded(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any, e notify.Event) error {
	return errors.Join(a.tell(ctx, box, job, inputs, e), box.Told(context.WithoutCancel(ctx), e.Run))
}

// tellPending tells what could not be told before of a job, and how those of its runs ended whose processes died before they told it. It
// takes twice notify.MaxDelay at most.
func (a *app) tellPending(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any) error {
	if len(job.Notify) == 0 {
		return nil
	}
	untold := a.tellUntold(ctx, box, job, inputs)
	targets, _ := a.targets(ctx, job, inputs, func([]notify.Kind) bool { return true }) // what is wrong with them, tell says
	var sender notify.Sender
	return errors.Join(untold, sender.TellPending(ctx, box, a.env.Now(), job.Name, targets))
}

// tellUntold tells how runs of a job ended whose processes did not.
func (a *app) tellUntold(ctx context.Context, box engine.Teller, job *engine.Job, inputs map[string]any) error {
	runs, err := box.TakeUntold(ctx, job.Name)
	var telling sync.WaitGroup
	failed := make([]error, len(runs))
	for i, run := range runs {
		telling.Go(func() {
			failed[i] = a.tellEnded(ctx, box, job, inputs, notify.Ended(run, notify.KeptCodes(run.Errors)))
		})
	}
	telling.Wait()
	return errors.Join(err, errors.Join(failed...))
}

// targets reads the job's addresses that are wanted, each once.
func (a *app) targets(ctx context.Context, job *engine.Job, inputs map[string]any, wanted func([]notify.Kind) bool) ([]notify.Target, error) {
	preview := runner.NewPreview(ctx, job, inputs)
	var targets []notify.Target
	var err error
	seen := map[string]bool{}
	for i, n := range job.Notify {
		name := fmt.Sprintf("notify[%d]", i)
		if variables := n.To.Variables(); len(variables) > 0 {
			name = "$<" + strings.Join(variables, "> $<") + ">"
		}
		value, ok := preview.Value(ctx, n.To)
		address, isText := value.(string)
		switch {
		case !wanted(kinds(n.On)):
			continue
		case !ok || !isText || address == "":
			err = errors.Join(err, fmt.Errorf("%s is not known before a run: it was not told", name))
			continue
		case seen[address]:
			continue
		}
		seen[address] = true
		a.redactor.Add(address)
		target, bad := notify.Parse(name, address)
		if bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		targets = append(targets, target)
	}
	return targets, err
}

func kinds(words []string) []notify.Kind {
	kinds := make([]notify.Kind, len(words))
	for i, word := range words {
		kinds[i] = notify.Kind(word)
	}
	return kinds
}

// tellEnd tells how a run of this session ended: of several processes, one. In the sandbox nobody is told, as nobody is messaged.
func (s *session) tellEnd(ctx context.Context, req runner.Request, summary *engine.Summary) {
	if s.emulator != nil {
		return
	}
	var pending, err error
	var beside sync.WaitGroup
	beside.Go(func() { pending = s.app.tellPending(context.WithoutCancel(ctx), s.ledger.Ledger, req.Job, req.Inputs) })
	if summary.Tell != nil {
		err = s.app.tellEnded(ctx, s.ledger.Ledger, req.Job, req.Inputs, notify.Ended(*summary.Tell, notify.Codes(summary.Errors)))
	}
	beside.Wait()
	if err = errors.Join(err, pending); err != nil {
		fmt.Fprintf(s.app.err, "%s %v\n", s.app.paint().Yellow("not told:"), err)
	}
}

// testNotifications sends a test to everyone whom the jobs notify, and says how it went. It returns false when one was not told.
func (a *app) testNotifications(ctx context.Context, jobs []*engine.Job, given map[string]string) bool {
	all, paint := true, a.paint()
	for _, job := range jobs {
		inputs, _ := job.ParseInputs(job.OwnInputs(given)) // what is missing is missing in the address that needs it
		targets, err := a.targets(ctx, job, inputs, func([]notify.Kind) bool { return true })
		if err != nil {
			all = false
			fmt.Fprintf(a.err, "%s %v\n", paint.Red("✗"), err)
		}
		var sender notify.Sender
		test := notify.Event{Job: job.Name, Status: string(notify.Test), StartedAt: a.env.Now(), FinishedAt: a.env.Now()}
		for i, failed := range sender.Send(ctx, targets, test) {
			if failed != nil {
				all = false
				fmt.Fprintf(a.err, "%s %v\n", paint.Red("✗"), failed)
				continue
			}
			fmt.Fprintf(a.err, "%s notify %s: a test was sent\n", paint.Green("✓"), targets[i])
		}
	}
	return all
}
