package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/ledger/postgres"
	"waybill/engine/wording"
)

// ledgerCommand is the care of ledgers.
func (a *app) ledgerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "ledger new | copy | adopt | backup | check | prune",
		Short: "Take care of a ledger",
		Long: `What a ledger needs of a person once in a while.

  waybill ledger new       begin one, for commands that refuse to
  waybill ledger copy      move one to another place, whole: a file, or a database
  waybill ledger adopt     take up one that went back in time
  waybill ledger backup    write a copy of one that is a file
  waybill ledger check     look whether one is whole
  waybill ledger prune     take out what is old`,
		Args: oneCommandOf("waybill ledger check looks whether one is whole"),
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.AddCommand(a.newLedgerCommand(), a.copyLedgerCommand(), a.adoptCommand(), a.backupCommand(), a.checkCommand(), a.pruneCommand())
	return c
}

func (a *app) adoptCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "adopt",
		Short: "Take up a ledger that went back in time",
		Long: `Take up a ledger that went back in time: a backup was restored, a copy was made of its database, or a standby took over that lacked what
was written last. Until then nothing is sent from it. The witness tells: .waybill/witness-ID, or the file that --witness names.

What was sent in the time that is lost is not in it. So nothing is sent again by itself: what was under way, and what runs
that were not over had planned, is in doubt then, and so is each item of such a job that the ledger does not have, when an
apply meets it; where whole runs may be missing, of every job that the ledger knows. Statuses that still come settle what they tell of;
resolve does the rest.

One that did not go back in time is left as it is. Stop all that sends from it first. Where the later ledger is still there, put that back instead.`,
		Example: `  waybill ledger adopt
  waybill ledger adopt --state postgres://waybill@db/waybill`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.adopt(c.Context(), f) },
	}
	f.bindState(c)
	return c
}

func (a *app) adopt(ctx context.Context, f *jobFlags) error {
	state, err := findState(f)
	if err != nil {
		return err
	}
	found, err := a.adoptStore(ctx, state, f)
	if err != nil {
		return notTheLedger(err)
	}
	if found.Nothing {
		fmt.Fprintf(a.out, "there was nothing to adopt: %s did not go back in time, and was left as it is\n", nameOfState(state))
		return nil
	}
	fmt.Fprintf(a.out, "adopted %s, at epoch %d\n%s in doubt now\n", nameOfState(state), found.Epoch, wording.Plural(found.InDoubt, "delivery"))
	for _, run := range found.Runs {
		fmt.Fprintf(a.out, "run %s was not over: what its job sends, and is not in the ledger, is in doubt when it is met\n", run)
	}
	if found.Lost {
		fmt.Fprintln(a.out, "whole runs may be missing: what the jobs that it knows send, and is not in it, is in doubt when an apply meets it; "+
			"of a job that was first applied since, it knows nothing")
	}
	return nil
}

func (a *app) adoptStore(ctx context.Context, state string, f *jobFlags) (engine.Adopted, error) {
	if isShared(state) {
		lease, err := a.lease()
		if err != nil {
			return engine.Adopted{}, err
		}
		return postgres.Adopt(ctx, state, postgres.Options{
			Lease: lease, Now: a.env.Now, Log: a.ledgerLog(a.err), Sandbox: f.sandbox, Insecure: a.insecureLedger, Witness: stateDir, WitnessFile: a.witness,
		})
	}
	return ledger.Adopt(ctx, state, ledger.Options{Now: a.env.Now, Log: a.ledgerLog(a.err), WitnessFile: a.witness})
}
