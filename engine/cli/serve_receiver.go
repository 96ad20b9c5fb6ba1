package cli

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"waybill/engine/dashboard"
	"waybill/engine/dashboard/metrics"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
	"waybill/whatsapp/webhook"
)

const (
	// mostCallbacks and mostBodies bound what is taken in at once; beyond them the answer is 503, and WhatsApp comes
	// again. A body counts by its announced length: who announces little cannot hold much.
	mostCallbacks = 256
	mostBodies    = 64 << 20
	// storeWithin is how long a callback may wait for the disk, also when who sent it is gone.
	storeWithin = 20 * time.Second
)

// receiver is the webhook's handler with bounds before it and figures beside it.
type receiver struct {
	handler *webhook.Handler
	metrics *metrics.Metrics
	log     *slog.Logger
	count   *semaphore.Weighted
	bytes   *semaphore.Weighted
}

func (s *station) newReceiver() *receiver {
	secrets, verify := s.secrets()
	if s.options.sandbox {
		secrets, verify = []string{sandbox.DefaultAppSecret}, sandbox.DefaultVerifyToken
	}
	log := slog.New(newThrottled(s.log.Handler()))
	return &receiver{
		handler: &webhook.Handler{Secrets: secrets, VerifyToken: verify, Receive: s.receive, Log: log},
		metrics: s.metrics, log: log,
		count: semaphore.NewWeighted(mostCallbacks), bytes: semaphore.NewWeighted(mostBodies),
	}
}

// ServeHTTP takes a callback or refuses it as early as it can.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	seen := &statusSeen{ResponseWriter: w, status: http.StatusOK}
	if req.Method != http.MethodPost {
		r.handler.ServeHTTP(seen, req)
		if req.Method == http.MethodGet && seen.status == http.StatusForbidden {
			r.metrics.WebhookRefused(metrics.RefusedHandshake)
		}
		return
	}
	switch {
	case len(r.handler.Secrets) == 0:
		r.refuse(w, req, http.StatusServiceUnavailable, metrics.RefusedSignature, "webhook refused: "+varAppSecret+" is not set, so nobody can tell whether it is WhatsApp's")
	case req.Header.Get(webhook.SignatureHeader) == "":
		r.refuse(w, req, http.StatusUnauthorized, metrics.RefusedSignature, "webhook refused: it has no "+webhook.SignatureHeader)
	case req.ContentLength > webhook.DefaultMaxBytes:
		r.refuse(w, req, http.StatusRequestEntityTooLarge, metrics.RefusedBody, "webhook refused: it is larger than 4 MiB")
	default:
		r.take(seen, req)
	}
}

// take reads and stores a callback, when there is room for one more.
func (r *receiver) take(w *statusSeen, req *http.Request) {
	size := req.ContentLength
	if size < 0 {
		size = webhook.DefaultMaxBytes
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
	level := slog.LevelInfo // strangers knock all day; there is nothing to do about it
	if status == http.StatusServiceUnavailable {
		level = slog.LevelWarn
	}
	r.log.LogAttrs(req.Context(), level, text, slog.String("remote", req.RemoteAddr)) //nolint:sloglint // one of a few constants
	http.Error(w, http.StatusText(status), status)
}

// receive makes a callback durable. It returns when it is on disk, whoever sent it is still there or not.
func (s *station) receive(ctx context.Context, raw []byte, ev webhook.Event) error {
	s.metrics.WebhookReceived()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer cancel()
	now := s.app.env.Now()
	report := steps.Receive(ev, raw, now)
	err := s.ledger.Record(ctx, report)
	s.mu.Lock()
	s.unstored = time.Time{}
	if err != nil {
		s.unstored = now
	}
	s.mu.Unlock()
	if err != nil {
		s.metrics.WebhookFailed()
		return err
	}
	s.metrics.Report(report)
	s.log.LogAttrs(ctx, slog.LevelDebug, "webhook stored", slog.Int("bytes", len(raw)),
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

// statusSeen remembers how a request was answered.
type statusSeen struct {
	http.ResponseWriter

	status int
	wrote  bool
}

// WriteHeader notes the first status, which is the one that counts.
func (w *statusSeen) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins an answer of 200, if none was begun.
func (w *statusSeen) Write(p []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *statusSeen) Unwrap() http.ResponseWriter { return w.ResponseWriter }
