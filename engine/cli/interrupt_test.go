//go:build linux

package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"waybill/engine/cli"
	"waybill/whatsapp/sandbox"
)

// slowList is a sandbox whose answers take their time, and a job of many messages for it.
func slowList(t *testing.T, faults ...sandbox.Fault) (box *sandbox.Server, dir string, env []string) {
	t.Helper()
	box = sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, Throughput: -1})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	for _, f := range faults {
		if _, err := box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	dir = t.TempDir()
	job := fmt.Sprintf(`version: 1
name: list
connection: { baseUrl: "%s/v23.0" }
defaults: { retry: { attempts: 9 } }
steps:
  - id: hello
    forEach: { items: "${{ map(1..12, 34600000000 + #) }}", key: "${{ item }}", concurrency: 3 }
    sendText: { to: "${{ item }}", body: Hello }
`, server.URL)
	if err := os.WriteFile(filepath.Join(dir, "list.yaml"), []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	return box, dir, environment(server.URL)
}

var resumeCommand = regexp.MustCompile(`waybill resume \d{8}-\d{6}-[0-9a-f]{6}`)

func TestTwoSignalsEndAtOnce(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, format := range []string{"text", "json", "ndjson"} {
			t.Run(sig.String()+" "+format, func(t *testing.T) {
				t.Parallel()
				box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 20 * time.Second, Every: 1})
				c := launch(t, []string{"waybill", "run", "list.yaml", "-o", format}, dir, env)
				eventually(t, "a message under way", func() bool { return len(box.Messages("")) > 0 })
				first := time.Now()
				c.signalUntilEnd(sig)
				c.want(cli.ExitInterrupted)
				if took := time.Since(first); took > 3*time.Second {
					t.Errorf("it took %s to end", took)
				}
				lines := strings.Split(strings.TrimSpace(c.errs.String()), "\n")
				if last := lines[len(lines)-1]; !strings.HasPrefix(last, "waybill: ended at once") || !resumeCommand.MatchString(last) {
					t.Errorf("the last line is %q", last)
				}
			})
		}
	}
}

func TestOneSignalNamesTheWayOn(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json", "ndjson"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 400 * time.Millisecond, Every: 1})
			c := launch(t, []string{"waybill", "run", "list.yaml", "-q", "-o", format}, dir, env)
			eventually(t, "a message under way", func() bool { return len(box.Messages("")) > 0 })
			_ = c.cmd.Process.Signal(syscall.SIGINT)
			time.Sleep(10 * time.Millisecond)
			_ = c.cmd.Process.Signal(syscall.SIGINT) // the terminal's, handed on by a wrapper: not a second one
			c.want(cli.ExitInterrupted)
			if strings.Contains(c.errs.String(), "ended at once") {
				t.Errorf("an echo ended it at once: %s", &c.errs)
			}
			if !resumeCommand.MatchString(c.errs.String()) {
				t.Errorf("standard error does not name the way on: %q", &c.errs)
			}
			if format == "text" && !regexp.MustCompile(`(?m)^… hello  \d total, \d succeeded$`).MatchString(c.out.String()) {
				t.Errorf("the group that was cut short is shown otherwise:\n%s", &c.out)
			}
			if format == "json" {
				var doc struct{ Status string }
				if err := json.Unmarshal(c.out.Bytes(), &doc); err != nil || doc.Status != "interrupted" {
					t.Errorf("%v: %s", err, &c.out)
				}
			}
		})
	}
}

func TestInterruptedBetweenTries(t *testing.T) {
	t.Parallel()
	box, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultError, Code: 131056, Every: 1})
	c := launch(t, []string{"waybill", "run", "list.yaml", "--limit", "3"}, dir, env)
	state := filepath.Join(dir, ".waybill", "ledger.db")
	eventually(t, "three refusals, written down", func() bool {
		if len(box.Requests()) < 3 {
			return false
		}
		_, listed, _ := call(t, nil, "deliveries", "last", "--state", state, "-o", "csv", "--is", "planned")
		return strings.Count(listed, "\n") >= 1+3
	})
	_ = c.cmd.Process.Signal(syscall.SIGINT)
	c.want(cli.ExitInterrupted)
	for _, want := range []string{"… hello  nothing ended", "interrupted — 0 deliveries ended, 3 not sent", "3 not sent yet"} {
		if !strings.Contains(c.out.String(), want) {
			t.Errorf("no %q in\n%s", want, &c.out)
		}
	}
}

// TestInterruptedQuestion: whoever answers Ctrl-C has answered.
func TestInterruptedQuestion(t *testing.T) {
	_, env, job := crowd(t, 101)
	silent, open, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = silent.Close(), open.Close() })
	ctx, interrupt := context.WithCancel(t.Context())
	var out strings.Builder
	var errs lines
	go func() {
		met(func() bool { return strings.Contains(errs.String(), "[y/N]") })
		interrupt()
	}()
	status := cli.Main(ctx, []string{"run", job}, cli.Env{
		Stdin: silent, Stdout: &out, Stderr: &errs, Now: time.Now, Terminal: cli.Terminal{In: true, Out: true, Err: true},
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if status != cli.ExitInterrupted || !strings.Contains(errs.String(), "nothing was sent") {
		t.Errorf("status %d: %s", status, &errs)
	}
}

// TestLongWaitIsTold: an API that asks for an hour gets it, and nobody wonders why nothing happens.
func TestLongWaitIsTold(t *testing.T) {
	t.Parallel()
	_, dir, env := slowList(t, sandbox.Fault{Kind: sandbox.FaultStatus, RetryAfter: 3600, Every: 1})
	c := launch(t, []string{"waybill", "run", "list.yaml", "-o", "json"}, dir, env)
	eventually(t, "a refusal that is told", func() bool { return strings.Contains(c.errs.String(), "next try in") })
	_ = c.cmd.Process.Signal(syscall.SIGINT)
	c.want(cli.ExitInterrupted)
	told := regexp.MustCompile(`(?m)^step hello, item \S+, row \d+: .*; next try in 1h 00m$`).FindAllString(c.errs.String(), -1)
	if len(told) != 1 {
		t.Errorf("%d lines tell of the wait, want one:\n%s", len(told), &c.errs)
	}
}
