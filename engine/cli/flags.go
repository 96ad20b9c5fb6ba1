package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/phone"
)

// jobFlags are the flags of the commands that work on a job file.
type jobFlags struct {
	sandbox   bool
	state     string
	inputs    []string
	inputFile string
	allow     []string
	allowURLs []string
	job       string
	only      string
	limit     int
	rates     string // a rate card in the place of the job's
	yes       bool
	format    string

	jobChanged  bool       // of resume and resolve: the job file was repaired
	again       againFlags // of apply and plan
	retryFailed bool
	settle      settleFlag
	waitLock    time.Duration
	testTo      string    // of run: every message goes there
	nextWave    bool      // of apply: a rollout that was stopped goes on
	noReceiver  bool      // a rollout is allowed though nobody hears what becomes of its messages
	newRows     bool      // of apply: rows without a key are new, whomever they go to
	shard       shardFlag // of a run that several processes share
	engine      string    // what gives its parts to processes; empty: they divide it among themselves
	resumed     bool      // a run of the ledger is gone on with, or looked at
	sameJob     bool      // of apply: another file goes on under the job's name

	existingLedger, newLedger bool // the ledger must be there, and must not
}

func (f *jobFlags) bind(c *cobra.Command) {
	f.bindState(c)
	f.bindInputs(c)
	flags := c.Flags()
	f.bindAllow(c)
	f.bindRates(c)
	flags.StringVar(&f.job, "job", "", "the job of this `NAME` alone, of a file with several")
	flags.StringVar(&f.only, "only", "", "the step of this `PATH` alone (patients/remind)")
	flags.IntVar(&f.limit, "limit", 0, "at most `N` items of each forEach")
}

// bindRates binds the rate card.
func (f *jobFlags) bindRates(c *cobra.Command) {
	c.Flags().StringVar(&f.rates, "rates", "", "`FILE` with Meta's rate card as CSV, by which messages are priced, in the place of the job's")
}

// bindAllow binds what a job may read beyond its folder.
func (f *jobFlags) bindAllow(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.allow, "allow-path", nil, "`DIR` outside the job's folder that the job may read; may be repeated")
	c.Flags().StringArrayVar(&f.allowURLs, "allow-url", nil, "`HOST` from which the job may fetch rows, with its port where it has one; may be repeated")
}

func (f *jobFlags) bindInputs(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.inputs, "input", nil, "`NAME=VALUE` of one of the job's inputs; may be repeated")
	c.Flags().StringVar(&f.inputFile, "input-file", "", "`FILE` of inputs: NAME=VALUE a line as in a .env file, YAML or JSON")
}

// bindState binds what says which ledger is meant.
func (f *jobFlags) bindState(c *cobra.Command) {
	c.Flags().BoolVar(&f.sandbox, "sandbox", false,
		"send to an embedded emulator, with a ledger of its own: no account needed, nobody is messaged")
	c.Flags().StringVar(&f.state, "state", "", "`FILE` or postgres:// URL of the ledger (default WAYBILL_STATE, else .waybill/ledger.db beside the job)")
}

func (f *jobFlags) bindRetryFailed(c *cobra.Command) {
	c.Flags().BoolVar(&f.retryFailed, "retry-failed", false, "also what WhatsApp refused for good")
}

func (f *jobFlags) bindJobChanged(c *cobra.Command) {
	c.Flags().BoolVar(&f.jobChanged, "job-changed", false, "go on with the job file as it is now, though it changed since the run began")
}

// bindSettle binds how long a sending command stays to hear what became of its messages.
func (f *jobFlags) bindSettle(c *cobra.Command) {
	c.Flags().Var(&f.settle, "settle", "stay `DURATION` after the last message to hear what became of them (default: as the job says)")
	c.Flags().BoolVar(&f.noReceiver, "no-receiver", false, "let a rollout begin though no receiver of webhooks is alive")
	c.Flags().DurationVar(&f.waitLock, "wait-lock", 0, "wait `DURATION` while another process sends from this ledger")
}

// settleFlag is a duration that may be left out.
type settleFlag struct {
	given bool
	time  time.Duration
}

func (s *settleFlag) String() string {
	if !s.given {
		return ""
	}
	return s.time.String()
}

// Set reads a duration of the job file's form.
func (s *settleFlag) Set(text string) error {
	d, err := engine.Duration(text)
	s.given, s.time = true, d
	return err
}

// Type is pflag's.
func (s *settleFlag) Type() string { return "duration" }

// value is what a request takes: nil where the flag was not given.
func (s *settleFlag) value() *time.Duration {
	if !s.given {
		return nil
	}
	return &s.time
}

func (f *jobFlags) bindYes(c *cobra.Command) {
	c.Flags().BoolVar(&f.yes, "yes", false, fmt.Sprintf("message more than %d people without asking", askAbove))
}

// refuseBlank refuses flags that narrow what is done, or say where, and were given without a word: a shell's variable that
// is not set leaves them so, and everything would be meant instead of one thing.
func refuseBlank(c *cobra.Command) error {
	for _, name := range []string{"scope", "job", "only", "item", "to", "step", "status", "state", "out", "input-file", "shard", "rates", "engine"} {
		f := c.Flags().Lookup(name)
		if f == nil || !f.Changed || strings.TrimSpace(f.Value.String()) != "" {
			continue
		}
		hint := "give it one, or leave --" + name + " out"
		if name == "scope" && f.DefValue == "" {
			hint = "name the occasion, such as --scope 2026-03; without --scope it is once for ever"
		}
		return usageError("--"+name+" is empty, as a variable leaves it that is not set", hint)
	}
	return nil
}

// bindFormat adds -o with the formats that the command knows; the first is the default.
func bindFormat(c *cobra.Command, format *string, known ...string) {
	c.Flags().StringVarP(format, "output", "o", known[0], "`FORMAT` of what is printed: "+strings.Join(known, ", "))
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp))
	checkFirst(c, func() error { return oneOf("-o", *format, known) })
}

// checkFirst has flags checked before a command runs, and before the checks that it has already.
func checkFirst(c *cobra.Command, check func() error) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		if before != nil {
			return before(c, args)
		}
		return nil
	}
}

// oneOf refuses a flag's value that is none of the known words.
func oneOf(flag, value string, known []string) error {
	if slices.Contains(known, value) {
		return nil
	}
	hint := "it takes " + strings.Join(known, ", ")
	if near := diag.Suggest(value, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return usageError(fmt.Sprintf("%s does not know %q", flag, value), hint)
}

// givenInputs gathers --input-file and --input; the latter wins.
func (f *jobFlags) givenInputs() (map[string]string, error) {
	given := map[string]string{}
	if f.inputFile != "" {
		if err := readInputs(f.inputFile, given); err != nil {
			return nil, err
		}
	}
	for _, text := range f.inputs {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, usageError(fmt.Sprintf("--input %q names no value", text), "write --input NAME=VALUE")
		}
		given[name] = value
	}
	return given, nil
}

// checkOnly finds the step that --only names, and returns its path.
func checkOnly(job *engine.Job, only string) (string, error) {
	if only == "" {
		return "", nil
	}
	if step := job.StepNamed(only); step != nil {
		return step.Path, nil
	}
	paths := job.StepPaths()
	hint := "its steps are " + strings.Join(paths, ", ")
	if near := diag.Suggest(only, paths); near != "" {
		hint = fmt.Sprintf("did you mean --only %s?", near)
	}
	return "", usageError(fmt.Sprintf("job %s has no step %q", job.Name, only), hint)
}

// meantPerson is the person that a flag names: a number in any spelling with its country code, or a user id. What is neither stays as it
// is, and is nobody's.
func meantPerson(text string) string {
	if n, err := (phone.Reading{Literal: true}).Read(text); text != "" && err == nil {
		return n.Text
	}
	return text
}
