package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// measurement are what one run of one program cost.
type measurement struct {
	rows    int
	wall    time.Duration
	cpu     time.Duration // user and system
	peak    int64         // KiB
	disk    int64         // bytes of its database, 0: not looked at
	refused int           // answers of the server that said: too fast
	most    int           // most messages that the server saw in any one second
}

func (f measurement) perSecond() float64 { return float64(f.rows) / f.wall.Seconds() }
func (f measurement) cpuPer10k() float64 { return f.cpu.Seconds() / float64(f.rows) * 10_000 }
func (f measurement) ofOneCore() float64 { return f.cpu.Seconds() / f.wall.Seconds() * 100 }

// build compiles waybill as a release would.
func build(ctx context.Context, program string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "waybill")
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, text)
	}
	return nil
}

// measure runs a program to its end and reads the system's accounting of it.
func measure(command *exec.Cmd, rows int) (measurement, error) {
	var text strings.Builder
	command.Stdout, command.Stderr = &text, &text
	began := time.Now()
	if err := command.Run(); err != nil {
		return measurement{}, fmt.Errorf("%s: %w\n%s", command.Args[0], err, text.String())
	}
	f := measurement{rows: rows, wall: time.Since(began)}
	state := command.ProcessState
	f.cpu = state.UserTime() + state.SystemTime()
	f.peak = peak(state)
	return f, nil
}

// measureLoop measures the loop, with a ledger or without.
func measureLoop(ctx context.Context, o options, dir, part string, n int) (measurement, error) {
	return withServer(ctx, o, dir, func(address string) (measurement, error) {
		database := filepath.Join(dir, "loop.db")
		defer remove(database)
		f, err := measure(exec.CommandContext(ctx, os.Args[0], append(o.args(), "-part", part, "-dir", dir,
			"-address", address, "-rows", strconv.Itoa(n))...), n)
		f.disk = size(database)
		return f, err
	})
}

func measureWaybill(ctx context.Context, o options, dir, program string, n int) (measurement, error) {
	return withServer(ctx, o, dir, func(address string) (measurement, error) {
		if err := writeJob(dir, address, o); err != nil {
			return measurement{}, err
		}
		state := filepath.Join(dir, ".waybill")
		defer func() { _ = os.RemoveAll(state) }() // a temporary folder
		command := exec.CommandContext(ctx, program, "apply", "job.yaml", "--yes", "-q")
		command.Dir = dir
		f, err := measure(command, n)
		f.disk = size(filepath.Join(state, "ledger.db"))
		return f, err
	})
}

// comparison is what the bare loop, the loop and waybill cost for the same rows.
type comparison struct{ bare, loop, ours measurement }

// measureAll measures them one after the other, as often as asked, and takes the medians.
func measureAll(ctx context.Context, o options, dir, program string, n int) (comparison, error) {
	if err := writeRows(dir, n); err != nil {
		return comparison{}, err
	}
	var all [3][]measurement
	for range o.repeat {
		for i, run := range []func() (measurement, error){
			func() (measurement, error) { return measureLoop(ctx, o, dir, partBare, n) },
			func() (measurement, error) { return measureLoop(ctx, o, dir, partLoop, n) },
			func() (measurement, error) { return measureWaybill(ctx, o, dir, program, n) },
		} {
			m, err := run()
			if err != nil {
				return comparison{}, err
			}
			all[i] = append(all[i], m)
		}
	}
	return comparison{median(all[0]), median(all[1]), median(all[2])}, nil
}

// measureAgain measures an apply of 100,000 rows that are all sent.
func measureAgain(ctx context.Context, o options, dir, program string) (measurement, error) {
	const n = 100_000
	if err := writeRows(dir, n); err != nil {
		return measurement{}, err
	}
	defer func() { _ = os.RemoveAll(filepath.Join(dir, ".waybill")) }() // a temporary folder
	o.rate, o.latency = 0, 0
	apply := func(address string) (measurement, error) {
		if err := writeJob(dir, address, o); err != nil {
			return measurement{}, err
		}
		command := exec.CommandContext(ctx, program, "apply", "job.yaml", "--yes", "-q")
		command.Dir = dir
		return measure(command, n)
	}
	var runs []measurement
	_, err := withServer(ctx, o, dir, func(address string) (measurement, error) {
		first, err := apply(address)
		for range o.repeat {
			if err != nil {
				return first, err
			}
			var again measurement
			again, err = apply(address)
			runs = append(runs, again)
		}
		return first, err
	})
	if err != nil {
		return measurement{}, err
	}
	return median(runs), nil
}

// measureStart measures what the program takes before it does anything.
func measureStart(ctx context.Context, program string) (measurement, error) {
	var runs []measurement
	for range 9 {
		f, err := measure(exec.CommandContext(ctx, program, "version"), 1)
		if err != nil {
			return f, err
		}
		runs = append(runs, f)
	}
	return median(runs), nil
}

// withServer starts a server, does something with it, and adds what the server saw.
func withServer(ctx context.Context, o options, dir string, do func(address string) (measurement, error)) (measurement, error) {
	server := exec.CommandContext(ctx, os.Args[0], append(o.args(), "-part", "server", "-dir", dir)...)
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		return measurement{}, err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return measurement{}, err
	}
	if err := server.Start(); err != nil {
		return measurement{}, err
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return measurement{}, errors.Join(errors.New("the server did not start"), server.Wait())
	}
	f, err := do(lines.Text())
	// The end of its input ends the server; its last line says what it saw.
	err = errors.Join(err, in.Close())
	var accepted int
	if lines.Scan() {
		_, scan := fmt.Sscan(lines.Text(), &accepted, &f.refused, &f.most)
		err = errors.Join(err, scan)
	}
	err = errors.Join(err, server.Wait())
	if err == nil && accepted != f.rows {
		err = fmt.Errorf("the server accepted %d messages of %d", accepted, f.rows)
	}
	return f, err
}

// args hands the options on to a child process.
func (o options) args() []string {
	return []string{
		"-rate", strconv.Itoa(o.rate), "-latency", o.latency.String(), "-workers", strconv.Itoa(o.workers),
		"-webhooks=" + strconv.FormatBool(o.webhooks),
	}
}

// median returns the run in the middle, by its speed.
func median(runs []measurement) measurement {
	slices.SortFunc(runs, func(a, b measurement) int { return int(a.wall - b.wall) })
	return runs[len(runs)/2]
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func remove(database string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(database + suffix) // a temporary file
	}
}

func header(out io.Writer, o options) {
	speed := "as fast as it goes"
	if o.rate > 0 {
		speed = fmt.Sprintf("at %d messages a second", o.rate)
	}
	fmt.Fprintf(out, "%s, answers after %s; each: the loop without a ledger (bare), with one (loop), waybill\n", speed, o.latency)
	fmt.Fprintf(out, "%10s %-14s %12s %14s %12s %10s %12s %8s %10s\n",
		"rows", "", "messages/s", "CPU s/10,000", "% of a core", "peak MiB", "bytes/msg", "refused", "most in 1s")
}

func (c comparison) report(out io.Writer) {
	bare, loop, ours := c.bare, c.loop, c.ours
	n := ours.rows
	line := func(name string, f measurement) {
		fmt.Fprintf(out, "%10d %-14s %12.0f %14.3f %12.1f %10.1f %12.0f %8d %10d\n", n, name, f.perSecond(), f.cpuPer10k(),
			f.ofOneCore(), float64(f.peak)/1024, float64(f.disk)/float64(n), f.refused, f.most)
	}
	line("bare", bare)
	line("loop", loop)
	line("waybill", ours)
	ratio := func(name string, a, b measurement) {
		fmt.Fprintf(out, "%10d %-14s %12.2f %14.2f %12.2f %10.2f\n", n, name, a.perSecond()/b.perSecond(),
			a.cpuPer10k()/b.cpuPer10k(), a.ofOneCore()/b.ofOneCore(), float64(a.peak)/float64(b.peak))
	}
	ratio("loop/bare", loop, bare)
	ratio("waybill/loop", ours, loop)
}
