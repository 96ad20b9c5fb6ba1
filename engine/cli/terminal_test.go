package cli_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/cli"
	"waybill/whatsapp/sandbox"
)

// onTerminal runs a command line as if all streams were a terminal.
func onTerminal(tb testing.TB, env map[string]string, answer string, args ...string) (status int, stdout, stderr string) {
	tb.Helper()
	var out, errs bytes.Buffer
	status = cli.Main(tb.Context(), args, cli.Env{
		Stdin: strings.NewReader(answer), Stdout: &out, Stderr: &errs, Now: time.Now,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Terminal:  cli.Terminal{In: true, Out: true, Err: true},
	})
	return status, out.String(), errs.String()
}

func crowd(t *testing.T, people int) (box *sandbox.Server, env map[string]string, job string) {
	t.Helper()
	box = sandbox.New(sandbox.Options{Now: time.Now, OpenWindow: true, Throughput: -1})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	job = filepath.Join(t.TempDir(), "crowd.yaml")
	text := fmt.Sprintf(`version: 1
name: crowd
connection: { baseUrl: "%s/v23.0", throughput: 1000 }
steps:
  - forEach: { items: "${{ map(1..%d, 34600000000 + #) }}", key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: Hello }
`, server.URL, people)
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return box, map[string]string{
		"WHATSAPP_TOKEN": sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID,
	}, job
}

func TestTerminalAsksBeforeManyAreMessaged(t *testing.T) {
	for _, c := range []struct {
		answer string
		people int
		status int
		sent   int
		asked  bool
	}{
		{"y\n", 101, 0, 101, true},
		{"YES\n", 101, 0, 101, true},
		{"n\n", 101, 3, 0, true},
		{"\n", 101, 3, 0, true},
		{"", 101, 3, 0, true},
		{"", 100, 0, 100, false},
	} {
		t.Run(fmt.Sprintf("%q for %d", c.answer, c.people), func(t *testing.T) {
			box, env, job := crowd(t, c.people)
			status, _, stderr := onTerminal(t, env, c.answer, "run", job)
			if status != c.status || int(box.State().Accepted) != c.sent {
				t.Errorf("exit status %d and %d messages, want %d and %d\n%s", status, box.State().Accepted, c.status, c.sent, stderr)
			}
			if asked := strings.Contains(stderr, "101 people will be messaged from number id "+sandbox.DefaultPhoneNumberID+": sendText of step step1. Go on? [y/N] "); asked != c.asked {
				t.Errorf("asked: %v, want %v\n%s", asked, c.asked, stderr)
			}
		})
	}
}

func TestColoursFollowTheTerminalAndItsUser(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want bool
	}{
		{"a terminal", nil, nil, true},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, nil, false},
		{"a dumb terminal", map[string]string{"TERM": "dumb"}, nil, false},
		{"--no-color", nil, []string{"--no-color"}, false},
	} {
		_, stdout, _ := onTerminal(t, c.env, "", append([]string{"explain", "131047"}, c.args...)...)
		if got := strings.Contains(stdout, "\x1b["); got != c.want {
			t.Errorf("%s: colours %v, want %v", c.name, got, c.want)
		}
		_, _, stderr := onTerminal(t, c.env, "", append([]string{"nonsense"}, c.args...)...)
		if got := strings.Contains(stderr, "\x1b["); got != c.want {
			t.Errorf("%s: colours of errors %v, want %v", c.name, got, c.want)
		}
	}
	if _, stdout, _ := call(t, nil, "explain", "131047"); strings.Contains(stdout, "\x1b") {
		t.Error("colours without a terminal")
	}
}

func TestLiveLineGoesAway(t *testing.T) {
	box, env, job := crowd(t, 60)
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Every: 1, Delay: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := onTerminal(t, env, "", "run", job)
	if !strings.Contains(stderr, "\r\x1b[K") || !strings.Contains(stderr, "crowd  ") {
		t.Errorf("no live line in %q", stderr)
	}
	if !strings.Contains(stderr, " of 60 sent") {
		t.Errorf("the live line does not say how many there are: %q", stderr)
	}
	if last := stderr[strings.LastIndex(stderr, "\r"):]; !strings.HasPrefix(last, "\r\x1b[K") || strings.Contains(last, "crowd  ") {
		t.Errorf("the live line stays: %q", stderr[max(0, len(stderr)-80):])
	}
	if strings.Contains(stdout, "\r") {
		t.Errorf("the live line is on standard output: %q", stdout)
	}
	env["CI"] = "true"
	if _, _, stderr := onTerminal(t, env, "", "run", job); strings.Contains(stderr, "\r") {
		t.Errorf("a live line under CI: %q", stderr)
	}
}

// TestPlacesThatMayNotBeUsed: whoever lacks a right is told which, and what to do.
func TestPlacesThatMayNotBeUsed(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read and write everything")
	}
	_, env, job := crowd(t, 1)
	dir := filepath.Dir(job)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if status, _, stderr := call(t, env, "run", job); status != 1 || !strings.Contains(stderr, "--state FILE puts the ledger elsewhere") {
		t.Errorf("a folder that cannot be written: status %d, %s", status, stderr)
	}
	if err := os.Chmod(job, 0); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := call(t, env, "run", job); status != 3 || !strings.Contains(stderr, "chmod u+r") {
		t.Errorf("a file that cannot be read: status %d, %s", status, stderr)
	}
}
