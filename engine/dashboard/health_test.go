package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"waybill/engine/dashboard"
)

func TestHealth(t *testing.T) {
	var log bytes.Buffer
	var now error
	h := dashboard.Health(func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("ready may take for ever")
		}
		return now
	}, slog.New(slog.NewTextHandler(&log, nil)))
	expect := func(path string, status int, body string) {
		t.Helper()
		w := get(t, h, path)
		if w.Code != status || w.Body.String() != body {
			t.Errorf("%s: status %d, %q", path, w.Code, w.Body.String())
		}
	}
	expect("/healthz", 200, "ok\n")
	expect("/readyz", 200, "ready\n")
	now = errors.New("ledger /srv/x is locked")
	expect("/readyz", 503, "not ready; the log says why\n")
	expect("/readyz", 503, "not ready; the log says why\n")
	expect("/healthz", 200, "ok\n")
	if n := strings.Count(log.String(), "ledger /srv/x is locked"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
	now = nil
	expect("/readyz", 200, "ready\n")
	contains(t, log.String(), "ready again")
	if w := get(t, h, "/readyz", func(r *http.Request) { r.Method = http.MethodPost }); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
	if w := get(t, dashboard.Health(nil, nil), "/readyz"); w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}
