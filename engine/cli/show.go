package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
	"waybill/steps"
	"waybill/steps/template"
)

func (a *app) showCommand() *cobra.Command {
	f := &jobFlags{}
	item := ""
	c := &cobra.Command{
		Use:   "show RUN",
		Short: "Show what became of a run, or of one of its items",
		Long: `Shows a run as the ledger has it now: statuses that came later are in it. With --item it tells the story of that item's
deliveries: every request with its time, HTTP status, code and trace id, what it said, and every word of WhatsApp's. What it said is
shown as the person reads it, a template as templates.lock.yaml beside the job has it now; with -v also word for word as it was sent, with
*** for secrets. It is kept for as long as the job says (keepText, 90 days by default).`,
		Example: `  waybill show last
  waybill show last --item 4711 -o json`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	c.Flags().StringVar(&f.rates, "rates", "", "`FILE` with Meta's rate card as CSV, by which the charged messages are priced")
	c.Flags().StringVar(&item, "item", "", "the item with this `KEY`")
	bindFormat(c, &f.format, "text", "json")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error {
		run, err := a.findRun(c.Context(), args[0], f)
		if err != nil {
			return err
		}
		l, err := a.readLedger(f.state)
		if err != nil {
			return err
		}
		if item != "" {
			return errors.Join(a.showItem(c.Context(), l, run, item, f.format), l.Close())
		}
		return errors.Join(a.show(c.Context(), l, run, f), l.Close())
	}
	return c
}

func (a *app) show(ctx context.Context, l engine.Ledger, run engine.Run, f *jobFlags) error {
	failures, list := &report.Failures{}, []report.Error{}
	err := eachFailure(ctx, l, run, func(e report.Error) {
		failures.Add(e)
		if len(list) < engine.MaxErrors {
			list = append(list, e)
		}
	})
	if err != nil {
		return err
	}
	skipped, err := l.LeftOut(ctx, run.ID)
	if err != nil {
		return err
	}
	detail := report.NewRunDetail(run, list, skipped)
	var parts []engine.RunPart
	if shared, ok := l.(engine.PartsReader); ok {
		if parts, err = shared.RunParts(ctx, run.ID); err != nil {
			return err
		}
		detail.Processes = engine.SharesOf(parts)
	}
	charged, cost, err := a.charged(ctx, l, run, f.rates)
	if err != nil {
		return err
	}
	detail.Charged = report.NewCharged(charged, cost)
	if f.format == "json" {
		standing, err := standingOf(ctx, l)
		if err != nil {
			return err
		}
		if standing != nil {
			detail.Warnings = append(detail.Warnings, refusedText(f.state, standing))
		}
		return report.WriteJSON(a.out, detail)
	}
	if err := report.WriteRunHead(a.out, detail.RunLine, a.paintOut()); err != nil {
		return err
	}
	hints := hints{app: a, flags: f, state: f.state}
	text := report.Summary{
		Run: report.NewRun(&engine.Summary{Run: run, Skipped: skipped, Charged: charged, Cost: cost}), Failures: failures, Reason: run.Reason, Next: hints.nextOf(run),
		Sends: !run.Counts.OfSteps(),
	}
	if text.AtWork, err = atWork(ctx, l, run, parts); err != nil {
		return err
	}
	if text.AtWork {
		text.Next = []string{"waybill stop " + run.ID + hints.where() + "   # ends it; left alone, it goes on"}
	}
	if text.ByHand, err = countByHand(ctx, l, run); err != nil {
		return err
	}
	if text.Unheard, err = a.unheard(ctx, l, f.sandbox); err != nil {
		return err
	}
	return report.WriteSummary(a.out, text, meaning, a.paintOut())
}

// atWork says whether a process works at a run: nobody has to take it up then. parts are those of the run; nil: it is not divided, and the
// sender of a ledger is at the newest run that did not end.
func atWork(ctx context.Context, l engine.Ledger, run engine.Run, parts []engine.RunPart) (bool, error) {
	if run.Status != engine.RunRunning {
		return false, nil
	}
	if parts != nil {
		return slices.ContainsFunc(parts, func(p engine.RunPart) bool { return p.FreeIn > 0 }), nil
	}
	if holder, err := l.Holder(ctx); err != nil || holder == "" {
		return false, err
	}
	for newest, err := range l.Runs(ctx, engine.RunFilter{Status: engine.RunRunning}) {
		return err == nil && newest.ID == run.ID, err
	}
	return false, nil
}

// eachFailure yields what failed in a run: its messages, the rows that cannot be sent among them, and those of its own first failures
// that are no messages, such as a question that was not answered.
func eachFailure(ctx context.Context, l engine.Reader, run engine.Run, yield func(report.Error)) error {
	messages, err := newMessageList(ctx, l, run)
	if err != nil {
		return err
	}
	if messages.states, messages.unsent, err = (deliveryOptions{failed: true}).wanted(); err != nil {
		return err
	}
	type place struct {
		step, item string
		row        int
	}
	told := map[place]bool{}
	for _, e := range run.Errors {
		told[place{e.Step, e.Item, e.Row}] = false
	}
	for d, err := range messages.all(ctx, 0) {
		if err != nil {
			return err
		}
		if at := (place{d.Step, d.Item, d.Row}); len(told) > 0 {
			if _, ok := told[at]; ok {
				told[at] = true
			}
		}
		yield(report.Error{Step: d.Step, Item: d.Item, File: d.File, Row: d.Row, Cell: d.Cell, Code: d.Code, Message: d.Message})
	}
	keys := make([]delivery.Key, len(run.Errors))
	for i, e := range run.Errors {
		keys[i] = delivery.Key{Job: run.Job, Scope: run.DeliveryScope(), Step: e.Step, Item: e.Item}
	}
	known, err := l.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	for i, e := range run.Errors {
		if _, delivery := known[keys[i].Hash()]; !delivery && !told[place{e.Step, e.Item, e.Row}] {
			yield(report.Error{Step: e.Step, Item: e.Item, Row: e.Row, Code: e.Code, Message: e.Message})
		}
	}
	return nil
}

func (a *app) showItem(ctx context.Context, l engine.Ledger, run engine.Run, item, format string) error {
	item = l.KnownKey(delivery.Key{Job: run.Job, Item: item}).Item
	stories, reads := []report.DeliveryDetail{}, a.reads(&template.Locks{Now: a.env.Now, Name: shownPath})
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Job: run.Job, Scope: run.DeliveryScope(), Search: item}) {
		if err != nil {
			return err
		}
		if d.Key.Item != item {
			continue
		}
		story, err := deliveryDetail(ctx, l, d)
		if err == nil {
			err = addTexts(ctx, l, d, run, &story, reads)
		}
		if err != nil {
			return err
		}
		stories = append(stories, story)
	}
	for u, err := range l.Unsent(ctx, engine.UnsentFilter{Run: run.ID}) {
		if err != nil {
			return err
		}
		if u.Item == item {
			stories = append(stories, report.DeliveryDetail{Delivery: report.NewUnsent(run, u), Attempts: []report.DetailAttempt{}, Statuses: []report.DetailStatus{}})
		}
	}
	if len(stories) == 0 {
		return usageError(fmt.Sprintf("run %s has no item %q", run.ID, item), "waybill deliveries "+run.ID+" lists them")
	}
	if format == "json" {
		return report.WriteJSON(a.out, stories)
	}
	for _, story := range stories {
		if err := report.WriteDeliveryDetail(a.out, story, a.verbose, a.paintOut()); err != nil {
			return err
		}
	}
	return nil
}

func deliveryDetail(ctx context.Context, l engine.Reader, d delivery.Delivery) (report.DeliveryDetail, error) {
	attempts, err := l.Attempts(ctx, d.ID)
	if err != nil {
		return report.DeliveryDetail{}, err
	}
	statuses, err := statusesOf(ctx, l, d, attempts)
	if err != nil {
		return report.DeliveryDetail{}, err
	}
	return report.NewDeliveryDetail(d, attempts, statuses), nil
}

// addTexts adds what the requests for a delivery said to its story.
func addTexts(ctx context.Context, l engine.Reader, d delivery.Delivery, run engine.Run, story *report.DeliveryDetail,
	reads func(file, body string) string,
) error {
	texts, err := l.Texts(ctx, d.ID)
	if err != nil {
		return err
	}
	return story.AddTexts(texts, func(body string) string { return reads(run.File, body) })
}

// reads returns what tells how a message of a job file reads.
func (*app) reads(locks *template.Locks) func(file, body string) string {
	return func(file, body string) string { return steps.Reread(locks, filepath.Dir(file), body) }
}

// statusesOf returns the statuses of each message of a delivery: an attempt that was tried again has a message of its own.
func statusesOf(ctx context.Context, l engine.Reader, d delivery.Delivery, attempts []delivery.Attempt) ([]delivery.Status, error) {
	var messages []string
	for _, a := range attempts {
		messages = append(messages, a.MessageID)
	}
	messages = append(messages, d.MessageID)
	var statuses []delivery.Status
	for i, message := range messages {
		if message == "" || slices.Contains(messages[:i], message) {
			continue
		}
		of, err := l.Statuses(ctx, message)
		if err != nil {
			return nil, err
		}
		statuses = append(statuses, of...)
	}
	return statuses, nil
}
