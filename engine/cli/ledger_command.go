package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"waybill/engine/ledger/postgres"
	"waybill/engine/wording"
)

// ledgerCommand is the care of ledgers.
func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger adopt | backup | check | prune",
		Short: "Take care of a ledger",
		Long: `What a ledger needs of a person once in a while.

  waybill ledger adopt     take up one whose database went back in time
  waybill ledger backup    write a copy of one that is a file
  waybill ledger check     look whether one is whole
  waybill ledger prune     take out what is old`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.adoptCommand(), a.backupCommand(), a.checkCommand(), a.pruneCommand())
	return c
}

func (a *app) adoptCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "adopt",
		Short: "Take up a ledger whose database went back in time",
		Long: `Take up a ledger whose database went back in time: a backup was restored, a copy was made of it, or a standby
took over that lacked what was written last. Until then nothing is sent from it.

What was sent in the time that is lost is not in it. So nothing is sent again by itself: what was under way, and what runs
that were not over had planned, is in doubt then, and so is each item of such a job that the ledger does not have, when an
apply meets it. Statuses that still come settle what they tell of; resolve does the rest.

Stop all that sends from it first.`,
		Example: `  waybill ledger adopt --state postgres://waybill@db/waybill`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.adopt(c.Context(), f) },
	}
	f.bindState(c)
	return c
}

func (a *app) adopt(ctx context.Context, f *jobFlags) error {
	state, err := findState(f)
	if err != nil {
		return err
	}
	if !isShared(state) {
		return usageError("a ledger in a file is not adopted", "name one in a database: --state postgres://HOST/DATABASE")
	}
	found, err := postgres.Adopt(ctx, state, postgres.Options{
		Now: a.env.Now, Log: a.ledgerLog(a.err), Sandbox: f.sandbox, Insecure: a.insecureLedger, Witness: stateDir,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "adopted %s, at epoch %d\n%s in doubt now\n", nameOfState(state), found.Epoch, wording.Plural(found.InDoubt, "delivery"))
	for _, run := range found.Runs {
		fmt.Fprintf(a.out, "run %s was not over: what its job sends, and is not in the ledger, is in doubt when it is met\n", run)
	}
	return nil
}
