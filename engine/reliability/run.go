package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"waybill/engine/reliability/tally"
)

// slice is how long one target is fuzzed at a time.
const slice = time.Minute

func (o options) log(p proof) string { return filepath.Join(o.dir, p.name+".log") }

// test runs the test of a proof, which counts by itself.
func (o options) test(ctx context.Context, p proof, until time.Time) error {
	binary, err := o.build(ctx, p.folder, p.name)
	if err != nil {
		return err
	}
	env := []string{tally.EnvDir + "=" + o.dir, fmt.Sprintf("%s=%d", tally.EnvAmount, o.amount(p))}
	if p.beside {
		env = append(env, fmt.Sprintf("%s=%d", tally.EnvParallel, o.beside))
	}
	if !until.IsZero() {
		env = append(env, tally.EnvUntil+"="+until.Format(time.RFC3339))
	}
	before, err := tally.Read(o.dir, p.name)
	if err != nil {
		return err
	}
	if _, err = o.run(ctx, p, env, p.folder, binary, "-test.run", "^"+p.test+"$", "-test.v", "-test.timeout", "0"); err != nil {
		return err
	}
	after, err := tally.Read(o.dir, p.name)
	if err == nil && len(after) == len(before) {
		err = errors.New("nothing was done")
		if p.note != "" {
			err = fmt.Errorf("nothing was done: it needs %s", p.note)
		}
	}
	return err
}

// fuzz takes the targets in turns.
func (o options) fuzz(ctx context.Context, p proof, until time.Time) error {
	for until.IsZero() || time.Now().Before(until) {
		worlds, err := tally.Read(o.dir, p.name)
		if err != nil {
			return err
		}
		if sum, _ := tally.Total(worlds); sum.Done >= o.amount(p) {
			break
		}
		if err := o.fuzzOne(ctx, p, len(worlds)); err != nil {
			return err
		}
	}
	return nil
}

// fuzzOne fuzzes the target whose turn it is. What is found stands in its package's testdata/fuzz, and is a test from then on.
func (o options) fuzzOne(ctx context.Context, p proof, turn int) error {
	next := targets()[turn%len(targets())]
	binary, err := o.build(ctx, next.folder, next.name, "-fuzz", "^"+next.name+"$")
	if err != nil {
		return err
	}
	cpu, found := o.run(ctx, p, nil, next.folder, binary, "-test.run", "^$", "-test.fuzz", "^"+next.name+"$",
		"-test.fuzztime", slice.String(), "-test.fuzzcachedir", filepath.Join(o.dir, "corpus", next.name))
	if ctx.Err() != nil {
		return found
	}
	world := tally.World{Number: turn + 1, Failed: found != nil, Count: tally.Count{Done: int(cpu.Seconds())}}
	if err := errors.Join(found, tally.Append(o.dir, p.name, world)); err != nil {
		return fmt.Errorf("%s: %w", next.name, err)
	}
	return nil
}

// build makes the tests of a package into a program, which can be interrupted as one process.
func (o options) build(ctx context.Context, folder, name string, more ...string) (string, error) {
	binary := filepath.Join(o.dir, "bin", name)
	args := append([]string{"test", "-c", "-o", binary}, more...)
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+folder)...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the tests of %s: %w\n%s", folder, err, said)
	}
	return binary, nil
}

// run runs a program of tests in its package's folder, with its words in the proof's log, and says what CPU it took.
func (o options) run(ctx context.Context, p proof, env []string, folder string, command ...string) (time.Duration, error) {
	temp, err := os.MkdirTemp(o.dir, "temp-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(temp) }() // what an interrupted test left
	log, err := os.OpenFile(o.log(p), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	together(cmd)
	cmd.Dir = folder
	cmd.Env = append(append(os.Environ(), "TMPDIR="+temp), env...)
	cmd.Stdout = io.MultiWriter(log, &said)
	cmd.Stderr = cmd.Stdout
	err = cmd.Run()
	closed := log.Close()
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("interrupted, and goes on when it is called again: %w", ctx.Err())
	case err != nil:
		return 0, fmt.Errorf("%w: %w\n%s", errFound, err, said.Bytes()[max(0, said.Len()-4000):])
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), closed
}
