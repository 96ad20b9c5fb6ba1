package temporal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// TestWatch has Temporal away for a while, twice: each time that is told once, and so is its return.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		ctx, end := context.WithTimeout(t.Context(), 10*time.Minute)
		defer end()
		began := time.Now()
		watch(ctx, slog.New(slog.NewTextHandler(&said, nil)), func(context.Context) error {
			if at := time.Since(began); at > time.Minute && at < 3*time.Minute || at > 8*time.Minute {
				return serviceerror.NewUnavailable("connection refused")
			}
			return nil
		})
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], "does not answer") || !strings.Contains(lines[0], "connection refused") ||
			!strings.Contains(lines[1], "answers again") || !strings.Contains(lines[1], "away=1m55s") || !strings.Contains(lines[2], "does not answer") {
			t.Errorf("it said\n%s", &said)
		}
	})
}

// TestLower has the SDK's warnings count as information, and its errors as errors.
func TestLower(t *testing.T) {
	var said bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelWarn}
	log := slog.New(lower{slog.NewTextHandler(&said, options)})
	log.With(slog.Int("part", 3)).WithGroup("g").Warn("Failed to poll for task.")
	if said.Len() > 0 {
		t.Errorf("it said\n%s", &said)
	}
	log.Error("Workflow panic")
	options.Level = slog.LevelInfo
	slog.New(lower{slog.NewTextHandler(&said, options)}).With(slog.Int("part", 3)).Warn("Failed to poll for task.")
	if got := said.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "level=INFO") || !strings.Contains(got, "part=3") {
		t.Errorf("it said\n%s", got)
	}
}

// TestUnreached has what Temporal answers say what to do.
func TestUnreached(t *testing.T) {
	here := client.Options{HostPort: "127.0.0.1:7233", Namespace: "clinics"}
	away := client.Options{HostPort: "nowhere.invalid:7233", Namespace: "clinics"}
	for name, c := range map[string]struct {
		options client.Options
		err     error
		want    []string
	}{
		"no namespace": {here, serviceerror.NewNamespaceNotFound("clinics"), []string{`at 127.0.0.1:7233 has no namespace "clinics"`, "--namespace"}},
		"refused":      {here, serviceerror.NewPermissionDenied("Request unauthorized.", ""), []string{"refuses this process", "Request unauthorized.", "TEMPORAL_API_KEY"}},
		"no host":      {away, errors.New("no children to pick from"), []string{"does not answer at nowhere.invalid:7233", "lookup nowhere.invalid", "without TLS"}},
	} {
		got := unreached(t.Context(), c.options, c.err).Error()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: it does not say %q: %s", name, want, got)
			}
		}
	}
}
