package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	rows    []int
	rate    int           // messages a second; 0: as fast as it goes
	latency time.Duration // of the server's answers
	workers int
	repeat  int
	table   string // the file whose table is written
	program string // a build of waybill
	part    string // of a child process: one of those below
	dir     string // of a child process: where its files are
	address string // of the loop: the server's

	database  bool   // the ledger is in PostgreSQL
	state     string // of a child process: its address
	processes int    // that send at the same time, or receive webhooks
	webhooks  bool   // these are measured
	index     int    // of a child process: which of them
}

// The parts of the program that are processes of their own.
const (
	partServer = "server"
	partLoop   = "loop"
	partBare   = "bare" // the loop without a ledger
)

func main() {
	o, err := parse(os.Args[1:])
	if err == nil {
		switch o.part {
		case partServer:
			err = serve(o, os.Stdin, os.Stdout)
		case partLoop, partBare:
			err = loop(context.Background(), o)
		default:
			err = compare(context.Background(), o, os.Stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	var rows string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&rows, "rows", "1000,10000,100000", "sizes of the batch, separated by commas")
	flags.IntVar(&o.rate, "rate", 0, "messages a second; 0: as fast as it goes")
	flags.DurationVar(&o.latency, "latency", 0, "time the server takes to answer")
	flags.IntVar(&o.workers, "workers", 32, "requests at the same time")
	flags.IntVar(&o.repeat, "repeat", 1, "runs of each; the median is printed")
	flags.StringVar(&o.table, "table", "", "measure what the table in this file tells, README.md, and write it there")
	flags.StringVar(&o.program, "program", "", "a build of waybill to measure; empty: the source as it is")
	flags.BoolVar(&o.database, "postgres", false, "with the ledger in PostgreSQL, which is started")
	flags.IntVar(&o.processes, "processes", 1, "processes that send at the same time, with -postgres")
	flags.BoolVar(&o.webhooks, "webhooks", false, "webhooks about the rows' messages, to -processes that receive, with -postgres")
	flags.StringVar(&o.state, "state", "", "for the program's own use")
	flags.IntVar(&o.index, "index", 0, "for the program's own use")
	flags.StringVar(&o.part, "part", "", "for the program's own use")
	flags.StringVar(&o.dir, "dir", "", "for the program's own use")
	flags.StringVar(&o.address, "address", "", "for the program's own use")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.processes < 1 || o.processes > 64 || o.processes > 1 && !o.database && o.state == "" {
		return o, errors.New("-processes: from 1 to 64, and more than one needs -postgres")
	}
	if o.webhooks && !o.database && o.part == "" {
		return o, errors.New("-webhooks needs -postgres")
	}
	for text := range strings.SplitSeq(rows, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > 10_000_000 {
			return o, fmt.Errorf("-rows %q: numbers from 1 to 10000000, separated by commas", rows)
		}
		o.rows = append(o.rows, n)
	}
	return o, nil
}

// compare measures every size, or what the table tells.
func compare(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "waybill-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	program, err := filepath.Abs(o.program)
	if err == nil && o.program == "" {
		program = filepath.Join(dir, "waybill")
		err = build(ctx, program)
	}
	if err != nil {
		return err
	}
	if o.table != "" {
		return writeTable(ctx, o, dir, program)
	}
	if o.database {
		return compareDatabase(ctx, o, dir, program, out)
	}
	header(out, o)
	for _, n := range o.rows {
		c, err := measureAll(ctx, o, dir, program, n)
		if err != nil {
			return err
		}
		c.report(out)
	}
	return nil
}
