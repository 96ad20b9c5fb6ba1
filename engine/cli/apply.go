package cli

import (
	"github.com/spf13/cobra"

	"waybill/engine"
)

func (a *app) applyCommand() *cobra.Command {
	f := &jobFlags{}
	scope := ""
	c := &cobra.Command{
		Use:   "apply JOB|PLAN",
		Short: "Send only what the ledger does not have; again: nothing to do",
		Long: `Sends what was not sent yet, once and for ever, or once for each name that --scope gives. What failed for a passing
reason is tried again; what WhatsApp refused for good is left, unless --retry-failed. What is in doubt is held.

What was sent and whose row makes another message now is listed, and sent once more only by --to-new-recipient, --item KEY --again or
--changed --again. Each sends what it chooses and nothing else, as a further delivery of the item; it asks before, --yes answers.

In CI (CI is set) a ledger that is not there is refused: on a runner that begins anew each time it is most likely lost, and everybody
would count as new. --new-ledger begins it, once; so does waybill ledger new.

Given a file that plan --out wrote, it does exactly that plan, and refuses when the job, its data, a variable or the
ledger changed since.`,
		Example: `  waybill apply reminders.yaml
  waybill apply newsletter.yaml --scope 2026-03
  waybill apply reminders.yaml --item 4711 --again
  waybill plan reminders.yaml --out reminders.plan
  waybill apply reminders.plan
  waybill apply reminders.yaml --state postgres://ledger.clinic.example/waybill --shard 1/3`,
		Args: exactly("JOB"),
	}
	f.bind(c)
	f.bindExisting(c)
	f.bindNew(c)
	f.bindYes(c)
	f.bindSettle(c)
	c.Flags().StringVar(&scope, "scope", "", "once for this `NAME`, instead of once for ever")
	f.bindRetryFailed(c)
	f.bindShard(c)
	a.bindEngine(c, f, localEngine)
	f.again.bind(c)
	c.Flags().BoolVar(&f.nextWave, "next-wave", false, "go on with the next wave of a rollout that was stopped")
	c.Flags().BoolVar(&f.newRows, "yes-new-rows", false, "send what seems new, although most of its people got the message before: rows without a key, keys that are spelt otherwise, a step with another id")
	c.Flags().BoolVar(&f.sameJob, "same-job", false, "go on with another file under the name of a job that was applied before")
	bindFormat(c, &f.format, "text", "json", "ndjson")
	c.ValidArgsFunction = jobFiles
	c.RunE = func(c *cobra.Command, args []string) error {
		saved, err := readPlanFile(args[0])
		if err != nil {
			return err
		}
		if saved != nil {
			if err := refuseWithPlan(c); err != nil {
				return err
			}
			return a.applyPlan(c.Context(), saved, f)
		}
		return a.send(c.Context(), args[0], f, engine.ModeApply, scopeOf(scope))
	}
	return c
}

// scopeOf is what --scope means.
func scopeOf(name string) string {
	if name == "" {
		return engine.ScopeEver
	}
	return engine.ScopeNamed(name)
}

// refuseWithPlan: what a saved plan holds cannot be said otherwise on the command line.
func refuseWithPlan(c *cobra.Command) error {
	fixed := []string{
		"input", "input-file", "job", "only", "limit", "scope", "retry-failed", "sandbox", "state", "allow-path", "allow-url", "rates", "again", "item", "changed", "to-new-recipient",
	}
	for _, name := range fixed {
		if c.Flags().Changed(name) {
			return usageError("--"+name+" is fixed in a saved plan", "leave it out: it is as it was when the plan was made. For another, make another plan")
		}
	}
	return nil
}
