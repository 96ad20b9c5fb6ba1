package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/engine/wording"
)

// againFlags are the flags that send once more what was sent.
type againFlags struct {
	again        bool
	items        []string
	changed      bool
	newRecipient bool
}

func (f *againFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.newRecipient, "to-new-recipient", false, "send only to the new recipients of rows that were sent and name another one now")
	flags.StringArrayVar(&f.items, "item", nil, "with --again: the row of this `KEY` alone, whatever became of it; may be repeated")
	flags.BoolVar(&f.changed, "changed", false, "with --again: only the rows that were sent and make another message now")
	flags.BoolVar(&f.again, "again", false, "send once more what --item or --changed choose")
	checkFirst(c, f.check)
}

// check refuses what does not say what is meant: a message that was sent goes out once more only where that was said.
func (f *againFlags) check() error {
	blank := func(key string) bool { return strings.TrimSpace(key) == "" }
	switch chosen := len(f.items) > 0; {
	case slices.ContainsFunc(f.items, blank):
		return usageError("--item is empty, as a variable leaves it that is not set", "give it the key of a row")
	case chosen && (f.changed || f.newRecipient):
		return usageError("--item names the rows, and --changed and --to-new-recipient look for them", "say one of them")
	case f.again && !chosen && !f.changed && !f.newRecipient:
		return usageError("--again does not say what is sent once more", "--item KEY --again: one row; --changed --again: all rows that changed since they were sent")
	case chosen && !f.again:
		return usageError("--item alone does not say what to do with that row", "--item "+quote(f.items[0])+" --again sends it once more, although it was sent")
	case f.changed && !f.again:
		return usageError("--changed alone does not say what to do with these rows", "--changed --again sends them once more; waybill plan lists them")
	}
	return nil
}

// chosen is what a request takes.
func (f *againFlags) chosen() engine.Again {
	items := slices.Compact(slices.Sorted(slices.Values(f.items)))
	return engine.Again{NewRecipient: f.newRecipient, Changed: f.changed, Items: items}
}

// confirmAgain asks before people are messaged who have the message already, however few.
func (s *session) confirmAgain(ctx context.Context, requests []runner.Request) (int, error) {
	people, price, _, err := s.countAll(ctx, requests)
	if err != nil || people == 0 || s.flags.sandbox || s.flags.yes {
		return people, err
	}
	return people, s.app.askToSend(ctx, wording.People(people)+" will be messaged, though they were before,"+s.sentAs(ctx, requests)+price+".")
}
