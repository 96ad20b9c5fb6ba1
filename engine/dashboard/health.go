package dashboard

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// readyBudget is how long ready may take: probes give up soon after.
const readyBudget = 5 * time.Second

// Health answers /healthz, which says that the process lives, and /readyz, which asks ready: 200 when it returns nil,
// else 503. The answer does not say why, since it needs no token; the log does, once each time that it changes. A nil
// ready is always ready, a nil log is silent.
func Health(ready func(context.Context) error, log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &health{ready: ready, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { answer(w, r, http.StatusOK, "ok\n") })
	mux.HandleFunc("/readyz", h.serveReady)
	return mux
}

type health struct {
	ready   func(context.Context) error
	log     *slog.Logger
	unready atomic.Bool
}

func (h *health) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyBudget)
	defer cancel()
	var err error
	if h.ready != nil {
		err = h.ready(ctx)
	}
	switch was := h.unready.Swap(err != nil); {
	case err != nil && !was:
		h.log.ErrorContext(r.Context(), "not ready", slog.Any("error", err))
	case err == nil && was:
		h.log.InfoContext(r.Context(), "ready again")
	}
	if err != nil {
		answer(w, r, http.StatusServiceUnavailable, "not ready; the log says why\n")
		return
	}
	answer(w, r, http.StatusOK, "ready\n")
}

// answer sends one line of text.
func answer(w http.ResponseWriter, r *http.Request, status int, line string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, line) // a prober that went away is no event
}
