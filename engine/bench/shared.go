package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"waybill/engine/ledger/postgres/pgtest"
)

// sharedRun is what several processes cost together that send from one ledger in PostgreSQL.
type sharedRun struct {
	measurement
	server time.Duration // processor time of PostgreSQL
}

// compareDatabase measures the loop and waybill beside PostgreSQL, each in as many processes as asked, and an apply when all is sent.
func compareDatabase(ctx context.Context, o options, dir, program string, out io.Writer) error {
	server, err := pgtest.Start()
	if err != nil {
		return err
	}
	s := &shared{o: o, dir: dir, program: program, server: server}
	for _, n := range o.rows {
		switch {
		case err != nil:
		case o.webhooks:
			err = s.webhooks(ctx, n, out)
		default:
			err = s.compare(ctx, n, out)
		}
	}
	return errors.Join(err, server.Close())
}

type shared struct {
	o            options
	dir, program string
	server       *pgtest.Server
	databases    int
}

func (s *shared) compare(ctx context.Context, n int, out io.Writer) error {
	if err := writeRows(s.dir, n); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows, %d processes, ledger in PostgreSQL (fsync on, data in memory where there is /dev/shm)\n", n, s.o.processes)
	fmt.Fprintf(out, "%-14s %12s %14s %14s %12s %8s %10s\n", "", "messages/s", "CPU s/10,000", "its server's", "seconds", "refused", "most in 1s")
	var loops, ours, again []sharedRun
	for range s.o.repeat {
		l, _, err := s.run(ctx, n, s.loopProcess, false)
		if err != nil {
			return err
		}
		w, a, err := s.run(ctx, n, s.applyProcess, true)
		if err != nil {
			return err
		}
		loops, ours, again = append(loops, l), append(ours, w), append(again, a)
	}
	l, w, a := middle(loops), middle(ours), middle(again)
	for _, line := range []struct {
		name string
		sharedRun
	}{{"loop", l}, {"waybill", w}, {"all sent", a}} {
		fmt.Fprintf(out, "%-14s %12.0f %14.3f %14.3f %12.2f %8d %10d\n", line.name, line.perSecond(), line.cpuPer10k(),
			line.server.Seconds()/float64(n)*10_000, line.wall.Seconds(), line.refused, line.most)
	}
	fmt.Fprintf(out, "%-14s %12.2f %14.2f %14.2f\n", "waybill/loop", w.perSecond()/l.perSecond(), w.cpuPer10k()/l.cpuPer10k(),
		w.server.Seconds()/l.server.Seconds())
	return nil
}

// run starts the processes at the same time, and once more when all is sent if asked.
func (s *shared) run(
	ctx context.Context, n int, process func(ctx context.Context, address, url string, i int) *exec.Cmd, twice bool,
) (first, second sharedRun, err error) {
	s.databases++
	name := "bench_" + strconv.Itoa(s.databases)
	if err := s.server.Create(name); err != nil {
		return first, second, err
	}
	url := s.server.URL(name)
	made, err := openDatabase(ctx, url) // processes that make the table at once would meet
	if err == nil {
		err = made.close()
	}
	if err != nil {
		return first, second, err
	}
	o := s.o
	first.measurement, err = withServer(ctx, o, s.dir, func(address string) (measurement, error) {
		if err := writeJob(s.dir, address, o); err != nil {
			return measurement{}, err
		}
		var err error
		if first, err = s.together(ctx, n, address, url, process); err == nil && twice {
			second, err = s.together(ctx, n, address, url, process)
		}
		return first.measurement, err
	})
	return first, second, err
}

// together measures all processes from the start of the first to the end of the last.
func (s *shared) together(
	ctx context.Context, n int, address, url string, process func(ctx context.Context, address, url string, i int) *exec.Cmd,
) (all sharedRun, err error) {
	before, err := serverCPU(s.server.Dir)
	if err != nil {
		return all, err
	}
	found := make([]measurement, s.o.processes)
	failed := make([]error, s.o.processes)
	began := time.Now()
	var group sync.WaitGroup
	for i := range s.o.processes {
		group.Go(func() { found[i], failed[i] = measure(process(ctx, address, url, i), n) })
	}
	group.Wait()
	all.measurement = measurement{rows: n, wall: time.Since(began)}
	for _, m := range found {
		all.cpu += m.cpu
		all.peak = max(all.peak, m.peak)
	}
	after, err := serverCPU(s.server.Dir)
	all.server = after - before
	return all, errors.Join(append(failed, err)...)
}

func (s *shared) loopProcess(ctx context.Context, address, url string, i int) *exec.Cmd {
	return exec.CommandContext(ctx, os.Args[0], append(s.o.args(), "-part", partLoop, "-dir", s.dir, "-address", address, "-state", url,
		"-processes", strconv.Itoa(s.o.processes), "-index", strconv.Itoa(i))...)
}

func (s *shared) applyProcess(ctx context.Context, _, url string, _ int) *exec.Cmd {
	command := exec.CommandContext(ctx, s.program, "apply", "job.yaml", "--yes", "-q", "--state", url)
	command.Dir = s.dir
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return len(v) > 3 && v[:3] == "CI=" })
	return command
}

// middle returns the run in the middle, by its speed.
func middle(runs []sharedRun) sharedRun {
	slices.SortFunc(runs, func(a, b sharedRun) int { return int(a.wall - b.wall) })
	return runs[len(runs)/2]
}
