package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/runner"
)

// leaseVariable says how long a process that sends from a shared ledger may be silent.
const leaseVariable = "WAYBILL_LEASE"

// shardFlag is which parts of a shared run a process takes.
type shardFlag struct {
	text  string
	shard engine.Shard
}

// bindShard binds it.
func (f *jobFlags) bindShard(c *cobra.Command) {
	c.Flags().StringVar(&f.shard.text, "shard", "",
		"of a run that several processes share, the `I/N`th part alone, I from 1; auto/N takes I from what a launcher sets (JOB_COMPLETION_INDEX …)")
}

// launchers are the variables by which launchers number the processes that they start, and the first number.
func launchers() []struct {
	name  string
	first int
} {
	return []struct {
		name  string
		first int
	}{
		{"JOB_COMPLETION_INDEX", 0},      // Kubernetes, an Indexed Job
		{"CLOUD_RUN_TASK_INDEX", 0},      // Google Cloud Run
		{"AWS_BATCH_JOB_ARRAY_INDEX", 0}, // AWS Batch
		{"CI_NODE_INDEX", 1},             // GitLab, parallel
	}
}

// readShard reads --shard.
func (a *app) readShard(f *jobFlags) error {
	if f.shard.text == "" {
		return nil
	}
	wrong := func(what string) error {
		return usageError("--shard "+f.shard.text+": "+what, fmt.Sprintf("write --shard 1/3: the first of three; up to %d", engine.Parts))
	}
	which, of, found := strings.Cut(f.shard.text, "/")
	n, err := strconv.Atoi(of)
	if !found || err != nil || n < 1 || n > engine.Parts {
		return wrong(fmt.Sprintf("it is no I/N with N from 1 to %d", engine.Parts))
	}
	var i int
	if which == "auto" {
		if i, err = a.launchedAs(); err != nil {
			return err
		}
	} else if i, err = strconv.Atoi(which); err != nil {
		return wrong("I is no number")
	}
	if i < 1 || i > n {
		return wrong(fmt.Sprintf("I is %d, and counts from 1 to %d", i, n))
	}
	f.shard.shard = engine.Shard{Index: i - 1, Of: n}
	return nil
}

// launchedAs is which of its processes a launcher started, from 1.
func (a *app) launchedAs() (int, error) {
	var names []string
	for _, l := range launchers() {
		names = append(names, l.name)
		text := a.variable(l.name)
		if text == "" {
			continue
		}
		i, err := strconv.Atoi(text)
		if err != nil {
			return 0, usageError(fmt.Sprintf("--shard auto: %s is %q, which is no number", l.name, text), "")
		}
		return i - l.first + 1, nil
	}
	return 0, usageError("--shard auto: no launcher says which process this is", "it takes "+strings.Join(names, ", ")+"; else write --shard 1/3")
}

// lease is how long a sender may be silent, where the environment says so; zero: it does not.
func (a *app) lease() (time.Duration, error) {
	text := a.variable(leaseVariable)
	if text == "" {
		return 0, nil
	}
	d, err := engine.Duration(text)
	if err != nil || d < time.Second || d > time.Hour {
		return 0, usageError(fmt.Sprintf("%s is %q: it takes a duration from 1s to 1h", leaseVariable, text), "leave it out for 15s; all processes of a ledger need the same")
	}
	return d, nil
}

// refusedToShare gives the refusals of a run that processes share their exit status and the way on: nothing was sent by this one.
func refusedToShare(err error) error {
	hint := ""
	if _, is := errors.AsType[*engine.OtherRowsError](err); is {
		hint = "give every process the same files, or wait until the run is over: waybill show last"
	}
	if _, is := errors.AsType[*engine.OtherRunError](err); is {
		hint = "give every process the same job file, inputs and flags, or wait until the run is over: waybill show last"
	}
	if _, is := errors.AsType[*runner.NotDividedError](err); is {
		hint = "leave --shard and --engine out"
	}
	if hint == "" {
		return err
	}
	return &ExitError{Code: ExitInvalid, Err: err, Hint: hint}
}
