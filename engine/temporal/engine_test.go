package temporal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"waybill/engine/cli"
	"waybill/engine/ledger/postgres/pgtest"
)

// asked is a workflow that is asked for its end.
type asked struct {
	client.WorkflowRun

	answers []error // one for each time
	times   int
}

func (a *asked) Get(context.Context, any) error {
	a.times++
	return a.answers[a.times-1]
}

// TestWait has Temporal away while the end of a workflow is waited for: it is asked again.
func TestWait(t *testing.T) {
	away := serviceerror.NewUnavailable("connection refused")
	final := errors.New("the workflow was terminated")
	for name, c := range map[string]struct {
		answers []error
		want    error
	}{
		"ends":             {[]error{nil}, nil},
		"away and back":    {[]error{context.DeadlineExceeded, away, serviceerror.NewDeadlineExceeded("late"), nil}, nil},
		"away, then fails": {[]error{away, final}, final},
		"not known there":  {[]error{serviceerror.NewNotFound("no such workflow")}, serviceerror.NewNotFound("no such workflow")},
		"cancelled":        {[]error{away, temporal.NewCanceledError()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &asked{answers: c.answers}
				if err := wait(t.Context(), a); (err == nil) != (c.want == nil) || err != nil && err.Error() != c.want.Error() {
					t.Errorf("it ends with %v, want %v", err, c.want)
				}
				if a.times != len(c.answers) {
					t.Errorf("it was asked %d times", a.times)
				}
			})
		})
	}
	t.Run("nobody waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, leave := context.WithTimeout(t.Context(), 5*time.Second)
			defer leave()
			if err := wait(ctx, &asked{answers: []error{away, away, away, away}}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it ends with %v", err)
			}
		})
	})
}

// nowhere is where no Temporal answers.
const nowhere = "127.0.0.1:1"

// TestNotThere has no Temporal anywhere: apply begins nothing and says how it goes without, a worker waits and says so.
func TestNotThere(t *testing.T) {
	database, err := pgtest.Start()
	pgtest.Need(t, err)
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := database.Create("world"); err != nil {
		t.Fatal(err)
	}
	job := filepath.Join(t.TempDir(), "job.yaml")
	text := "version: 1\nname: clinic\nsteps:\n  - id: people\n    forEach: { items: [\"+34612345678\"] }\n    steps:\n      - { id: greet, sendText: { to: \"${{ item }}\", body: Hello } }\n"
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(ctx context.Context, out *locked, args ...string) int {
		variables := map[string]string{"WAYBILL_STATE": database.URL("world"), "WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "1", "HOME": filepath.Dir(job)}
		return cli.Main(ctx, args, cli.Env{
			Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Now: time.Now, Engines: []cli.Engine{&Engine{}},
			LookupEnv: func(name string) (string, bool) { v, set := variables[name]; return v, set },
		})
	}
	var made, refused, listed, said locked
	if status := call(t.Context(), &made, "ledger", "new"); status != 0 {
		t.Fatalf("exit status %d\n%s", status, &made)
	}
	if status := call(t.Context(), &refused, "apply", job, "--yes", "--engine", "temporal", "--temporal", nowhere); status != cli.ExitFailed {
		t.Errorf("exit status %d", status)
	}
	for _, want := range []string{"nothing was sent: Temporal does not answer at " + nowhere, "connection refused", "TEMPORAL_TLS=true asks with it", "hint: --engine local needs none"} {
		if !strings.Contains(refused.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &refused)
		}
	}
	if status := call(t.Context(), &listed, "runs", "-o", "json"); status != 0 || strings.TrimSpace(listed.String()) != "[]" {
		t.Errorf("exit status %d, and the runs are\n%s", status, &listed)
	}
	var misspelt locked
	if status := call(t.Context(), &misspelt, "apply", job, "--yes", "--engine", "temporal", "--temporal", "http://127.0.0.1:7233"); status != cli.ExitInvalid || !strings.Contains(misspelt.String(), `"http://127.0.0.1:7233" is no HOST:PORT`) {
		t.Errorf("exit status %d\n%s", status, &misspelt)
	}
	ctx, end := context.WithCancel(t.Context())
	status := make(chan int)
	go func() { status <- call(ctx, &said, "worker", job, "--temporal", nowhere) }()
	for limit := time.Now().Add(time.Minute); strings.Count(said.String(), "the next try is in") < 2 && time.Now().Before(limit); {
		time.Sleep(10 * time.Millisecond)
	}
	end()
	if got := <-status; got != 0 || !strings.Contains(said.String(), "waiting: Temporal does not answer at "+nowhere) || !strings.Contains(said.String(), "in 1s\n") || !strings.Contains(said.String(), "in 2s\n") {
		t.Errorf("exit status %d\n%s", got, &said)
	}
}

// TestWrongPlace has variables say where Temporal is that cannot be used: that is no Temporal that is away.
func TestWrongPlace(t *testing.T) {
	_, err := (&Engine{}).Connect(t.Context(), cli.EngineEnv{
		Log: slog.New(slog.DiscardHandler),
		LookupEnv: func(name string) (string, bool) {
			return "/nowhere.toml", name == "TEMPORAL_CONFIG_FILE" || name == "TEMPORAL_TLS_CLIENT_CERT_PATH"
		},
	})
	if wrong, is := errors.AsType[*cli.ExitError](err); !is || wrong.Code != cli.ExitInvalid || wrong.Hint == "" {
		t.Errorf("it says %v", err)
	}
}

// locked may be read while it is written to.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
