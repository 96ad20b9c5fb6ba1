//go:build linux

package cli_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"waybill/engine/cli"
	"waybill/whatsapp/sandbox"
)

// unread is a pipe whose reader is gone.
func unread(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	t.Cleanup(func() { _ = writer.Close() })
	return writer
}

// into runs a command whose streams are these; nil: a buffer.
func into(t *testing.T, dir string, env []string, out, errs *os.File, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx := t.Context()
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	var o, e bytes.Buffer
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, env, &o, &e
	if out != nil {
		c.Stdout = out
	}
	if errs != nil {
		c.Stderr = errs
	}
	_ = c.Run() // the status says it
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// A run whose output nobody reads goes on to its end: no delivery is left in doubt by a closed pipe.
func TestClosedPipeEndsNoRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		args      []string
		out, errs bool // gone
		want      int
	}{
		{"events", []string{"-o", "ndjson"}, true, false, cli.ExitFailed},
		{"document", []string{"-o", "json"}, true, false, cli.ExitFailed},
		{"text", nil, true, false, cli.ExitFailed},
		{"both streams", []string{"-o", "ndjson", "-v"}, true, true, cli.ExitFailed},
		{"standard error", []string{"-v"}, false, true, cli.ExitDone},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 20 * time.Millisecond, Every: 1})
			var out, errs *os.File
			if c.out {
				out = unread(t)
			}
			if c.errs {
				errs = unread(t)
			}
			status, _, said := into(t, dir, env, out, errs, append([]string{"waybill", "run", "list.yaml"}, c.args...)...)
			if status != c.want {
				t.Errorf("status %d, want %d: %s", status, c.want, said)
			}
			if got := len(box.Messages("")); got != 12 {
				t.Errorf("%d messages, want 12", got)
			}
			if c.out && !c.errs && (!strings.Contains(said, "its output could not be written: write /dev/stdout: broken pipe") || !strings.Contains(said, "waybill show ")) {
				t.Errorf("it says %q", said)
			}
			_, listed, _ := into(t, dir, env, nil, nil, "waybill", "deliveries", "last", "-o", "csv")
			if got := strings.Count(listed, ",accepted,"); got != 12 {
				t.Errorf("%d deliveries are accepted in the ledger, want 12:\n%s", got, listed)
			}
		})
	}
}

// As `waybill run -o ndjson | head -1` does it.
func TestReaderLeavesAfterTheFirstEvent(t *testing.T) {
	t.Parallel()
	box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 50 * time.Millisecond, Every: 1})
	c := exec.CommandContext(t.Context(), "waybill", "run", "list.yaml", "-o", "ndjson")
	var errs bytes.Buffer
	c.Dir, c.Env, c.Stderr = dir, env, &errs
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(out, 16).ReadString('\n'); err != nil {
		t.Error(err)
	}
	_ = out.Close()
	_ = c.Wait() // the status says it
	if status := c.ProcessState.ExitCode(); status != cli.ExitFailed || len(box.Messages("")) != 12 {
		t.Errorf("status %d, %d messages: %s", status, len(box.Messages("")), &errs)
	}
}

// A command that reads ends quietly when nobody reads what it says, and with the status that it has anyway.
func TestClosedPipeIsNoErrorOfReading(t *testing.T) {
	t.Parallel()
	_, dir, env := slowList(t)
	if status, _, said := into(t, dir, env, nil, nil, "waybill", "run", "list.yaml"); status != 0 {
		t.Fatal(said)
	}
	if err := os.WriteFile(filepath.Join(dir, "wrong.yaml"), []byte("version: 1\nname: wrong\nstepz: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string
		want int
	}{
		{"runs", cli.ExitDone},
		{"runs -o csv", cli.ExitDone},
		{"show last", cli.ExitDone},
		{"deliveries last -o csv", cli.ExitDone},
		{"deliveries last -o json", cli.ExitDone},
		{"report last --html -", cli.ExitDone},
		{"proof last", cli.ExitDone},
		{"--help", cli.ExitDone},
		{"schema", cli.ExitDone},
		{"plan list.yaml", cli.ExitDone},
		{"plan list.yaml --scope new --detailed-exitcode", cli.ExitChanges},
		{"validate wrong.yaml -o json -q", cli.ExitInvalid},
		{"resolve last -q", cli.ExitDone},
	} {
		status, _, said := into(t, dir, env, unread(t), nil, append([]string{"waybill"}, strings.Fields(c.line)...)...)
		if status != c.want || strings.Contains(said, "pipe") {
			t.Errorf("%s: status %d, want %d: %q", c.line, status, c.want, said)
		}
	}
}

// A terminal that is gone ends a run in order, and its shell's second word of it changes nothing.
func TestHangupEndsInOrder(t *testing.T) {
	t.Parallel()
	box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: time.Second, Every: 1})
	c := launch(t, []string{"waybill", "run", "list.yaml"}, dir, env)
	eventually(t, "a message under way", func() bool { return len(box.Messages("")) > 0 })
	c.signalUntilEnd(syscall.SIGHUP)
	c.want(cli.ExitInterrupted)
	if !resumeCommand.MatchString(c.errs.String()) || strings.Contains(c.errs.String(), "ended at once") || strings.Contains(c.out.String(), "in doubt") {
		t.Errorf("%s%s", &c.out, &c.errs)
	}
}

// nohup has its way.
func TestHangupUnderNohup(t *testing.T) {
	t.Parallel()
	box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 200 * time.Millisecond, Every: 1})
	c := launch(t, []string{"sh", "-c", "trap '' HUP; exec waybill run list.yaml"}, dir, env)
	eventually(t, "a message under way", func() bool { return len(box.Messages("")) > 0 })
	_ = c.cmd.Process.Signal(syscall.SIGHUP)
	c.want(cli.ExitDone)
	if got := len(box.Messages("")); got != 12 {
		t.Errorf("%d messages, want 12", got)
	}
}
