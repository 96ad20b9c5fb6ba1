package serve

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"waybill/engine/dashboard"
	"waybill/steps"
)

// handler routes requests. The webhook and the probes answer all who reach this address; the webhook checks
// signatures. The rest is the operator's and asks for the dashboard's token.
func (s *Server) handler() http.Handler {
	options := s.dashboard()
	health := dashboard.Health(s.ready, s.log)
	mux := http.NewServeMux()
	mux.Handle(steps.WebhookPath, s.receiver)
	mux.Handle(steps.WebhookPath+"/{$}", s.receiver)
	mux.Handle("/healthz", health)
	mux.Handle("/readyz", health)
	mux.Handle("/metrics", dashboard.Guard(options, s.metrics.Handler()))
	mux.Handle("/", dashboard.New(options))
	return mux
}

// serveHTTP answers until ctx ends, and a little longer those requests that were under way.
func (s *Server) serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	const patience = 10 * time.Second
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(&serverMessages{log: slog.New(newThrottled(s.log.Handler()))}, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		s.log.LogAttrs(last, slog.LevelInfo, "connections cut that were still open", slog.Any("error", err))
		_ = server.Close() // its error is about connections that are cut anyway
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serverMessages logs what net/http reports: handshakes that scanners break off at debug level, a panic as an error.
type serverMessages struct{ log *slog.Logger }

// Write takes one message.
func (n *serverMessages) Write(text []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.Contains(text, []byte("panic")) {
		level = slog.LevelError
	}
	n.log.LogAttrs(context.Background(), level, "http server", slog.String("said", string(bytes.TrimSpace(text))))
	return len(text), nil
}
