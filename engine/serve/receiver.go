package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/dashboard/metrics"
	"waybill/steps"
)

const (
	// mostCallbacks and mostBodies bound how many callbacks are read at once and how many bytes they hold; beyond them the
	// answer is 503, and WhatsApp comes again. A body counts by its announced length, more than which is not read.
	mostCallbacks = 256
	mostBodies    = 64 << 20
	// storeWithin is how long a callback may wait for the disk, also when the connection that brought it is gone.
	storeWithin = 20 * time.Second
)

// receiver is the webhook's handler with bounds before it and metrics beside it.
type receiver struct {
	handler http.Handler
	signed  bool // there is a secret that callbacks are checked by
	metrics *metrics.Metrics
	log     *slog.Logger
	count   *semaphore.Weighted
	bytes   *semaphore.Weighted
}

func newReceiver(s *Server) *receiver {
	log := slog.New(newThrottled(s.log.Handler()))
	secrets := s.options.Secrets
	handler := steps.Webhooks{
		AppSecrets: secrets.App, VerifyToken: secrets.Verify, Record: s.record, Now: s.options.Now, Log: log, Words: s.options.Words,
	}.Handler()
	return &receiver{
		handler: handler, signed: len(secrets.App) > 0, metrics: s.metrics, log: log,
		count: semaphore.NewWeighted(mostCallbacks), bytes: semaphore.NewWeighted(mostBodies),
	}
}

// ServeHTTP reads a callback, or refuses it as early as possible.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	answer := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
	if req.Method != http.MethodPost {
		r.handler.ServeHTTP(answer, req)
		if req.Method == http.MethodGet && answer.status == http.StatusForbidden {
			r.metrics.WebhookRefused(metrics.RefusedHandshake)
		}
		return
	}
	switch {
	case !r.signed:
		r.refuse(w, req, http.StatusServiceUnavailable, metrics.RefusedSignature,
			"webhook refused: "+steps.AppSecretVariable+" is not set, so nobody can tell whether it is WhatsApp's")
	case req.Header.Get(steps.WebhookSignature) == "":
		r.refuse(w, req, http.StatusUnauthorized, metrics.RefusedSignature, "webhook refused: it has no "+steps.WebhookSignature)
	case req.ContentLength > steps.WebhookMaxBytes:
		r.refuse(w, req, http.StatusRequestEntityTooLarge, metrics.RefusedBody, fmt.Sprintf("webhook refused: it is larger than %d MiB", steps.WebhookMaxBytes>>20))
	default:
		r.accept(answer, req)
	}
}

// accept reads and stores a callback, when there is room for one more.
func (r *receiver) accept(w *statusRecorder, req *http.Request) {
	size := req.ContentLength
	if size < 0 {
		size = steps.WebhookMaxBytes
	}
	if !r.count.TryAcquire(1) {
		r.busy(w, req)
		return
	}
	defer r.count.Release(1)
	if !r.bytes.TryAcquire(size) {
		r.busy(w, req)
		return
	}
	defer r.bytes.Release(size)
	r.handler.ServeHTTP(w, req)
	switch w.status {
	case http.StatusUnauthorized:
		r.metrics.WebhookRefused(metrics.RefusedSignature)
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		r.metrics.WebhookRefused(metrics.RefusedBody)
	}
}

func (r *receiver) busy(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Retry-After", "1")
	r.refuse(w, req, http.StatusServiceUnavailable, metrics.RefusedBusy, "webhook put off: too many at once; WhatsApp sends it again")
}

func (r *receiver) refuse(w http.ResponseWriter, req *http.Request, status int, why metrics.Refusal, text string) {
	r.metrics.WebhookRefused(why)
	level := slog.LevelInfo // unauthenticated requests are expected
	if status == http.StatusServiceUnavailable {
		level = slog.LevelWarn
	}
	r.log.LogAttrs(req.Context(), level, text, slog.String("remote", req.RemoteAddr)) //nolint:sloglint // one of a few constants
	http.Error(w, http.StatusText(status), status)
}

// record makes a callback durable. It returns when it is on disk, also when the connection that brought it is gone.
func (s *Server) record(ctx context.Context, report engine.Report) error {
	s.metrics.WebhookReceived()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	err := s.ledger.Record(ctx, report)
	s.mu.Lock()
	s.unstored = time.Time{}
	if err != nil {
		s.unstored = report.ReceivedAt
	}
	s.mu.Unlock()
	if err != nil {
		s.metrics.WebhookFailed()
		return err
	}
	s.metrics.Report(report)
	s.log.LogAttrs(ctx, slog.LevelDebug, "webhook stored", slog.Int("bytes", len(report.Body)),
		slog.Int("statuses", len(report.Statuses)), slog.Int("inbound", len(report.Inbound)), slog.Int("notices", len(report.Notices)))
	for _, n := range report.Notices {
		attrs := []slog.Attr{slog.String("field", n.Field), slog.String("account_id", n.AccountID)}
		for _, fact := range dashboard.NoticeFacts(n) {
			attrs = append(attrs, slog.String(fact.Name, fact.Value))
		}
		s.log.LogAttrs(ctx, slog.LevelInfo, "notice from WhatsApp: see /notices on the dashboard", attrs...)
	}
	return nil
}

// statusRecorder remembers how a request was answered.
type statusRecorder struct {
	http.ResponseWriter

	status int
	wrote  bool
}

// WriteHeader notes the first status, which is the one that counts.
func (w *statusRecorder) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins an answer of 200, if none was begun.
func (w *statusRecorder) Write(p []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
