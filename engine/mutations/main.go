package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// options are the command line.
type options struct {
	only     []string
	quick    bool
	parallel int
	dir      string
	readme   bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	o, err := parse(os.Args[1:])
	if err == nil {
		err = perform(ctx, o, os.Stdout)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutations:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("mutations", flag.ContinueOnError)
	flags.StringVar(&only, "only", "", "names, separated by commas")
	flags.BoolVar(&o.quick, "quick", false, "those whose tests take a moment")
	flags.IntVar(&o.parallel, "parallel", 1, "so many at a time, of those whose tests do not mind others beside them")
	flags.StringVar(&o.dir, "dir", "", "folder in which is noted what went red, and what is there is passed over")
	flags.BoolVar(&o.readme, "readme", false, "write the table into the README, of what went red by the notes of -dir")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(all(), func(m mutation) bool { return m.name == name }) {
			return o, fmt.Errorf("-only %s: there is no such mutation", name)
		}
	}
	if o.parallel < 1 {
		return o, fmt.Errorf("-parallel %d: at least one at a time", o.parallel)
	}
	if o.readme && o.dir == "" {
		return o, errors.New("-readme writes what stands in -dir DIR: say which")
	}
	return o, nil
}

// chosen says whether a mutation was asked for.
func (o options) chosen(m mutation) bool {
	return (len(o.only) == 0 || slices.Contains(o.only, m.name)) && (!o.quick || m.quick)
}

// perform takes out what was asked for, each alone in a tree of its own, and names what stayed green.
func perform(ctx context.Context, o options, out io.Writer) error {
	known, err := readNotes(o.dir)
	if err != nil {
		return err
	}
	if o.readme {
		return writeReadme(known)
	}
	var telling sync.Mutex
	var wrong []error
	var running errgroup.Group
	running.SetLimit(o.parallel)
	for _, m := range all() {
		if !o.chosen(m) || known[m.name].of(m) {
			continue
		}
		running.Go(func() error {
			red, err := m.run(ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			telling.Lock()
			defer telling.Unlock()
			if err == nil {
				err = note(o.dir, m, red)
			}
			word := "red: " + strings.Join(red, ", ")
			if err != nil {
				word = "NOT RED: " + err.Error()
				wrong = append(wrong, fmt.Errorf("%s: %w", m.name, err))
			}
			_, err = fmt.Fprintf(out, "%-20s %s\n", m.name, word)
			return err
		})
	}
	ended := running.Wait()
	return errors.Join(append(wrong, ended)...)
}
