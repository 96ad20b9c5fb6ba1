package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"waybill/engine/reliability/tally"
)

// options are the command line.
type options struct {
	dir    string
	only   []string
	share  float64
	within time.Duration // 0: no limit
	beside int           // worlds side by side
	readme bool
}

// errFound says that a proof found a fault; its words are in the output already.
var errFound = errors.New("a proof found a fault")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	o, err := parse(os.Args[1:])
	if err == nil {
		err = perform(ctx, o, os.Stdout)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "reliability:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("reliability", flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", os.Getenv(tally.EnvDir), "folder of what was done; default: "+tally.EnvDir)
	flags.StringVar(&only, "only", "", "names of proofs, separated by commas")
	flags.Float64Var(&o.share, "share", 1, "of what is wanted of each")
	flags.DurationVar(&o.within, "for", 0, "begin nothing new after that time; 0: no limit")
	flags.IntVar(&o.beside, "parallel", 1, "worlds side by side, of the proofs that allow it: all that wait for most of their time")
	flags.BoolVar(&o.readme, "readme", false, "write the table into the README, and prove nothing")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(list(), func(p proof) bool { return p.name == name }) {
			return o, fmt.Errorf("-only %s: there is no such proof", name)
		}
	}
	switch {
	case o.dir == "":
		return o, fmt.Errorf("where is what was done to be kept? say -dir DIR, or set %s", tally.EnvDir)
	case o.beside < 1 || o.beside > 64:
		return o, fmt.Errorf("-parallel %d: a number from 1 to 64", o.beside)
	case o.share <= 0 || o.share > 1000:
		return o, fmt.Errorf("-share %g: a number above 0", o.share)
	}
	dir, err := filepath.Abs(o.dir)
	o.dir = dir
	return o, err
}

// perform does what was asked, and prints the table.
func perform(ctx context.Context, o options, out io.Writer) error {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	if o.readme {
		return writeReadme(o.dir)
	}
	var failures error
	until := time.Time{}
	if o.within > 0 {
		until = time.Now().Add(o.within)
	}
	for _, p := range list() {
		if len(o.only) > 0 && !slices.Contains(o.only, p.name) {
			continue
		}
		if err := o.prove(ctx, p, until, out); err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", p.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	rows, err := readRows(o.dir)
	if err == nil {
		err = printTable(out, rows)
	}
	return errors.Join(failures, err)
}

// amount is how much of a proof is wanted.
func (o options) amount(p proof) int { return max(1, int(float64(p.wanted)*o.share)) }

// prove goes on with a proof until it has done enough.
func (o options) prove(ctx context.Context, p proof, until time.Time, out io.Writer) error {
	before, err := tally.Read(o.dir, p.name)
	if err != nil {
		return err
	}
	switch sum, failed := tally.Total(before); {
	case failed > 0:
		return fmt.Errorf("%w earlier: see %s; once it is mended, remove the line from %s", errFound, o.log(p), tally.Path(o.dir, p.name))
	case sum.Done >= o.amount(p):
		return nil
	case !until.IsZero() && time.Now().After(until):
		return nil
	}
	if _, err := fmt.Fprintf(out, "%s: %s\n", p.name, p.what); err != nil {
		return err
	}
	if p.test == "" {
		return o.fuzz(ctx, p, until)
	}
	return o.test(ctx, p, until)
}
